//! What can go wrong: with the rows, with the ledger, with the account.

use std::fmt;
use std::io;

use ocamba_hood::Outcome;
use serde::Serialize;

/// More mistakes than this are counted, and not kept.
const MAX_KEPT: usize = 10_000;

/// Any failure of this crate.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The rows have mistakes; nothing was sent.
    Mistakes(Mistakes),
    /// A file cannot be read or written.
    File {
        /// Which file.
        path: String,
        /// What was tried, as `read`.
        verb: &'static str,
        /// Why not.
        cause: io::Error,
    },
    /// Another run uses the ledger.
    LedgerInUse(String),
    /// The ledger cannot be used: full disk, no right to write, not a ledger, damaged, of another account.
    Ledger {
        /// Its path.
        path: String,
        /// What is wrong, and what to do.
        message: String,
    },
    /// What was planned is not what would be done now. Nothing was sent.
    Stale(String),
    /// What should be a plan is none.
    NotAPlan(String),
    /// The account cannot be read, or refuses everything.
    Api(ocamba_hood::Error),
}

impl Error {
    /// A name for the kind that does not change, as `ledger_in_use`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Mistakes(_) => "mistakes",
            Self::File { .. } => "file",
            Self::LedgerInUse(_) => "ledger_in_use",
            Self::Ledger { .. } => "ledger",
            Self::Stale(_) => "stale_plan",
            Self::NotAPlan(_) => "not_a_plan",
            Self::Api(error) => error.code(),
        }
    }

    /// What became of the requests of the call that failed. What it sent before is in the ledger.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Api(error) => error.outcome(),
            // It may have failed on the way.
            Self::Ledger { .. } => Outcome::Unknown,
            Self::Mistakes(_) | Self::File { .. } | Self::LedgerInUse(_) | Self::Stale(_) | Self::NotAPlan(_) => {
                Outcome::NotSent
            }
        }
    }

    pub(crate) fn file(path: impl fmt::Display, verb: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |cause| Self::File { path: path.to_string(), verb, cause }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mistakes(mistakes) => mistakes.fmt(f),
            Self::File { path, verb, cause } => write!(f, "{path} cannot be {verb}: {cause}"),
            Self::LedgerInUse(path) => {
                write!(f, "another run uses the ledger {path}; wait for its end, or take another ledger for other rows")
            }
            Self::Ledger { path, message } => write!(f, "the ledger {path} {message}"),
            Self::Stale(what) => write!(f, "the plan does not hold any more: {what}; plan again"),
            Self::NotAPlan(what) => write!(f, "this is no plan: {what}"),
            Self::Api(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { cause, .. } => Some(cause),
            Self::Api(error) => Some(error),
            _ => None,
        }
    }
}

impl From<ocamba_hood::Error> for Error {
    fn from(error: ocamba_hood::Error) -> Self {
        Self::Api(error)
    }
}

/// One thing that is wrong with the input. It quotes no value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Mistake {
    /// The file, or what stands for it.
    pub file: String,
    /// The line where the row begins, from 1 on; the row's number where there are no lines.
    pub line: u32,
    /// The field or column, as `settings.api_key`; empty where it is the row as a whole.
    pub field: String,
    /// What is wrong, and what was expected.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, field, message } = self;
        let space = if field.is_empty() { "" } else { " " };
        write!(f, "{file}:{line}: {field}{space}{message}")
    }
}

/// All that is wrong with the input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistakes {
    kept: Vec<Mistake>,
    more: usize,
}

impl Mistakes {
    /// Each of them, in the order of the input: the first 10,000.
    pub fn iter(&self) -> impl Iterator<Item = &Mistake> {
        self.kept.iter()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.kept.len() + self.more
    }

    pub(crate) fn push(&mut self, mistake: Mistake) {
        if self.kept.len() < MAX_KEPT { self.kept.push(mistake) } else { self.more += 1 }
    }

    pub(crate) fn sort(&mut self) {
        self.kept.sort_by_key(|mistake| mistake.line);
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.kept.iter().enumerate() {
            let end = if index == 0 { "" } else { "\n" };
            write!(f, "{end}{mistake}")?;
        }
        if self.more > 0 { write!(f, "\nand {} more", self.more) } else { Ok(()) }
    }
}
