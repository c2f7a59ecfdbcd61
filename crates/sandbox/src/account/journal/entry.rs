//! One request of the journal.

use serde::Serialize;

use crate::contract::error_response::ErrorDetails;

/// What became of one request. It has no secret: of the request's settings, token and query it has nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Entry {
    /// Counts from 1, in the order in which requests arrived.
    pub id: u64,
    /// When it arrived, in milliseconds from the start of the sandbox.
    pub at_ms: f64,
    /// As it was sent.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// The `operationId`, if there is an operation at that method and path.
    pub operation: Option<String>,
    /// The `name` in the body, if the body was read so far that it is known.
    pub name: Option<String>,
    /// None when nothing of an answer was sent, or not yet.
    pub status: Option<u16>,
    /// Whether it took effect: an integration was created or changed, or a test message was sent.
    pub committed: bool,
    /// Which integration that was, if it is one that is kept.
    pub integration_id: Option<String>,
    /// The kind of the fault that fired.
    pub fault: Option<&'static str>,
    /// Until the answer was ready or the connection had ended; none as long as neither is so.
    pub duration_ms: Option<f64>,
    /// As it was sent.
    pub user_agent: Option<String>,
    /// What the answer told of why the request was refused. It has names, and no values.
    #[serde(skip)]
    pub(crate) told: Option<Box<ErrorDetails>>,
}

/// Text of a request, cut so that a journal of many entries stays small.
pub fn short(text: &str) -> String {
    const LONGEST: usize = 256;
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_between_letters() {
        assert_eq!(short(&"é".repeat(300)), "é".repeat(256));
        assert_eq!(short("short"), "short");
    }
}
