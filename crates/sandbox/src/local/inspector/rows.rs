//! A request in the list of the page.

use serde::Serialize;

use crate::account::journal::Entry;
use crate::contract::error_response::ErrorDetails;

/// The journal's entry with the error response. It has no secrets.
#[derive(Serialize)]
pub struct Row {
    #[serde(flatten)]
    entry: Entry,
    error: Option<Box<ErrorDetails>>,
}

impl From<Entry> for Row {
    fn from(mut entry: Entry) -> Self {
        Self { error: entry.error.take(), entry }
    }
}
