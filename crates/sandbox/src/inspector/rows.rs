//! A request as the page lists it.

use serde::Serialize;

use crate::answer::Told;
use crate::journal::Entry;

/// What the journal has, and what the answer told of a refusal. It has no secret.
#[derive(Serialize)]
pub struct Row {
    #[serde(flatten)]
    entry: Entry,
    told: Option<Box<Told>>,
}

impl From<Entry> for Row {
    fn from(mut entry: Entry) -> Self {
        Self { told: entry.told.take(), entry }
    }
}
