//! Entries of the ledger.

/// Last known state of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub state: State,
    /// `create`, `update` or `adopt`.
    pub action: String,
    pub id: Option<String>,
    pub failure: RowFailure,
}

/// An error, as recorded by the ledger and the report; empty without one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowFailure {
    pub code: Option<String>,
    pub message: Option<String>,
    /// Recorded for successes as well.
    pub trace_id: Option<String>,
}

/// State of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The request may have been sent; its outcome is unknown.
    Intent,
    /// The request took effect.
    Done,
    /// The request took effect, but the id is unknown.
    Applied,
    /// The request did not take effect.
    Failed,
}

impl State {
    pub const ALL: [(Self, &str); 4] =
        [(Self::Intent, "intent"), (Self::Done, "done"), (Self::Applied, "applied"), (Self::Failed, "failed")];

    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }
}

impl RowFailure {
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: Some(code.to_owned()), message: Some(message.into()), trace_id: None }
    }
}
