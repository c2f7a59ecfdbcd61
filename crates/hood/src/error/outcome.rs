//! The effect of a request that failed.

use std::fmt;

/// Effect of a failed call's request on the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nothing reached the server: it is safe to try again.
    NotSent,
    /// The server rejected the request: nothing was created.
    Rejected,
    /// The request may have taken effect. Look before you try again.
    Unknown,
    /// The request took effect, but its response could not be read. Do not try again.
    Applied,
}

impl Outcome {
    /// Returns the stable name of this outcome, as `not_sent`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
            Self::Applied => "applied",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
