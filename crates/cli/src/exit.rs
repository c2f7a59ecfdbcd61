//! The exit codes, which scripts may rely on.

use std::process::ExitCode;

use ocamba_hood::Outcome;

/// How the command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All went well.
    Done = 0,
    /// None of the others.
    Failed = 1,
    /// Wrong arguments or bad input. Clap uses the same code.
    BadInput = 2,
    /// The server said no.
    Rejected = 3,
    /// The request may have been carried out.
    OutcomeUnknown = 4,
    /// The request did not leave.
    NotSent = 5,
    /// The request was carried out, and nobody knows its result.
    Unreadable = 6,
    /// Several integrations where there must be one.
    Duplicate = 7,
}

impl Exit {
    /// All of them, in their order.
    pub const ALL: [Self; 8] = [
        Self::Done,
        Self::Failed,
        Self::BadInput,
        Self::Rejected,
        Self::OutcomeUnknown,
        Self::NotSent,
        Self::Unreadable,
        Self::Duplicate,
    ];

    /// Its name for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::BadInput => "bad_input",
            Self::Rejected => "rejected",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::NotSent => "not_sent",
            Self::Unreadable => "unreadable",
            Self::Duplicate => "duplicate",
        }
    }

    /// What became of the request, as libraries say it; unknown, if that is not certain.
    pub fn outcome(self) -> Outcome {
        match self {
            Self::BadInput | Self::NotSent | Self::Duplicate => Outcome::NotSent,
            Self::Rejected => Outcome::Rejected,
            Self::Failed | Self::OutcomeUnknown => Outcome::Unknown,
            Self::Done | Self::Unreadable => Outcome::Applied,
        }
    }

    /// What it tells the user.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "another failure: nothing could be read, or the result cannot be written",
            Self::BadInput => "wrong arguments, bad input or no token; nothing was sent",
            Self::Rejected => "rejected: the server said no, and nothing was changed",
            Self::OutcomeUnknown => "outcome unknown: it may have been carried out, so look before trying again",
            Self::NotSent => "not sent: no connection, or no time left; it is safe to try again",
            Self::Unreadable => "carried out, but the answer cannot be read; do not try again",
            Self::Duplicate => "several integrations have the name and provider; nothing was changed",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
