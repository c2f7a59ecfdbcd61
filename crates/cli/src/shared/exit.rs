//! The exit codes, on which scripts may rely.

use std::process::ExitCode;

use ocamba_hood::Outcome;

/// The result of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    Done = 0,
    Failed = 1,
    /// Clap exits with the same code after wrong arguments.
    BadInput = 2,
    Rejected = 3,
    OutcomeUnknown = 4,
    NotSent = 5,
    Unreadable = 6,
    Duplicate = 7,
}

/// All results in the order of their codes.
pub const ALL: [Exit; 8] = {
    use Exit::{BadInput, Done, Duplicate, Failed, NotSent, OutcomeUnknown, Rejected, Unreadable};
    [Done, Failed, BadInput, Rejected, OutcomeUnknown, NotSent, Unreadable, Duplicate]
};

impl Exit {
    /// Returns the name for programs, the outcome of the request (unknown where it is not certain), and the meaning.
    pub fn describe(self) -> (&'static str, Outcome, &'static str) {
        use Outcome::{Applied, NotSent, Rejected, Unknown};
        match self {
            Self::Done => ("done", Applied, "done"),
            Self::Failed => ("failed", Unknown, "other failure: the response was unreadable, or the result unwritable"),
            Self::BadInput => ("bad_input", NotSent, "wrong arguments, invalid input or no token; nothing was sent"),
            Self::Rejected => ("rejected", Rejected, "rejected: the server refused the request; nothing was changed"),
            Self::OutcomeUnknown => (
                "outcome_unknown",
                Unknown,
                "outcome unknown: the request may have taken effect; check before you retry",
            ),
            Self::NotSent => ("not_sent", NotSent, "not sent: no connection, or the timeout passed; safe to retry"),
            Self::Unreadable => ("unreadable", Applied, "applied, but the response cannot be read; do not retry"),
            Self::Duplicate => {
                ("duplicate", NotSent, "several integrations have the name and provider; nothing was changed")
            }
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
