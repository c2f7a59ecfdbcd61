//! A request as the page lists it.

use serde::Serialize;

use crate::account::journal::Entry;
use crate::contract::error_response::ErrorDetails;

/// What the journal has, and what the answer told of a error. It has no secret.
#[derive(Serialize)]
pub struct Row {
    #[serde(flatten)]
    entry: Entry,
    told: Option<Box<ErrorDetails>>,
}

impl From<Entry> for Row {
    fn from(mut entry: Entry) -> Self {
        Self { told: entry.told.take(), entry }
    }
}
