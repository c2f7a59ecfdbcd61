//! Entries of the ledger.

/// Last known state of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub state: State,
    /// `create`, `update` or `adopt`.
    pub action: String,
    pub id: Option<String>,
    pub code: Option<String>,
    pub message: Option<String>,
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

impl Entry {
    pub fn new(state: State, action: &str) -> Self {
        let action = action.to_owned();
        Self { state, action, id: None, code: None, message: None, trace_id: None }
    }
}
