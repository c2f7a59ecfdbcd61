//! Errors of the crate, and errors of rows.

use std::collections::HashMap;
use std::fmt;
use std::io;

use ocamba_hood::{Outcome, printable};
use serde::Serialize;
use thiserror::Error;

/// Maximum number of row errors that are kept; the others are counted.
const MAX_KEPT: usize = 10_000;
/// Maximum number of rows for which people see the same error row by row.
const MAX_ALIKE: usize = 9;

/// Error of any operation of this crate.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// Rows are invalid; nothing was sent.
    #[error("{0}")]
    InvalidRows(RowErrors),
    /// A file could not be read or written.
    #[error("{path} could not be {verb}: {cause}")]
    File {
        /// Path of the file.
        path: String,
        /// What failed, such as `read`.
        verb: &'static str,
        /// Why it failed.
        #[source]
        cause: io::Error,
    },
    /// References cannot be permitted as asked.
    #[error("{0}")]
    References(String),
    /// No row has a name to which the rows were to be limited.
    #[error("{0}")]
    NoSuchRow(String),
    /// Another run uses the ledger at this path.
    #[error("another run uses the ledger {0}; wait until it ends, or use another ledger for other rows")]
    LedgerInUse(String),
    /// The ledger is of another account, or may be; nothing was sent.
    #[error("the ledger {path} {message}")]
    OtherAccount {
        /// Path of the ledger.
        path: String,
        /// How the accounts differ, and the next step.
        message: String,
    },
    /// The path has no ledger that can be used: the file is something else, damaged or of a newer version, or it cannot be
    /// created. Nothing was sent.
    #[error("the ledger {path} {message}")]
    NotALedger {
        /// Path of the ledger.
        path: String,
        /// What is wrong, and the next step.
        message: String,
    },
    /// The ledger could not be read or written: full disk, no write permission, or damaged during the run.
    #[error("the ledger {path} {message}{}", MadeRow::in_words(made))]
    Ledger {
        /// Path of the ledger.
        path: String,
        /// What is wrong, and the next step.
        message: String,
        /// Rows that the run created or updated, and could not record. The next run looks for them.
        made: Vec<MadeRow>,
    },
    /// Applying would no longer do what was planned; nothing was sent.
    #[error("the plan is out of date: {0}; plan again")]
    Stale(String),
    /// The file is not a plan.
    #[error("the file is not a plan: {0}")]
    NotAPlan(String),
    /// The account could not be read.
    #[error("{0}")]
    Api(#[from] ocamba_hood::Error),
}

impl Error {
    /// Returns a stable name of the error, such as `ledger_in_use`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidRows(_) => "invalid_rows",
            Self::File { .. } => "file",
            Self::References(_) => "references",
            Self::NoSuchRow(_) => "no_such_row",
            Self::LedgerInUse(_) => "ledger_in_use",
            Self::OtherAccount { .. } => "other_account",
            Self::NotALedger { .. } | Self::Ledger { .. } => "ledger",
            Self::Stale(_) => "stale_plan",
            Self::NotAPlan(_) => "not_a_plan",
            Self::Api(error) => error.code(),
        }
    }

    /// Returns the outcome of the request that failed. The ledger has the outcomes of earlier requests.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Api(error) => error.outcome(),
            // Requests may have been in flight.
            Self::Ledger { .. } => Outcome::Unknown,
            Self::InvalidRows(_)
            | Self::File { .. }
            | Self::References(_)
            | Self::NoSuchRow(_)
            | Self::LedgerInUse(_)
            | Self::OtherAccount { .. }
            | Self::NotALedger { .. }
            | Self::Stale(_)
            | Self::NotAPlan(_) => Outcome::NotSent,
        }
    }

    /// Adds rows that were made and could not be recorded.
    pub(crate) fn with_made(self, made: Vec<MadeRow>) -> Self {
        match self {
            Self::Ledger { path, message, .. } => Self::Ledger { path, message, made },
            other => other,
        }
    }

    pub(crate) fn file(path: impl fmt::Display, verb: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |cause| Self::File { path: path.to_string(), verb, cause }
    }
}

/// A row whose integration was created or updated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MadeRow {
    /// Line in the input.
    pub line: u32,
    /// Name of the integration.
    pub name: String,
    /// Id of the provider.
    pub provider_id: String,
    /// Id of the integration, if known.
    pub id: Option<String>,
}

impl MadeRow {
    fn in_words(rows: &[Self]) -> String {
        let rows: Vec<_> = rows.iter().map(ToString::to_string).collect();
        if rows.is_empty() { String::new() } else { format!("; made, but not recorded: {}", rows.join(", ")) }
    }
}

impl fmt::Display for MadeRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, name, id, .. } = self;
        write!(f, "line {line}, {name:?} (id {})", id.as_deref().unwrap_or("unknown"))
    }
}

/// Error of a row. It quotes no value of the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RowError {
    /// File name, or the name given for a stream.
    pub file: String,
    /// Line where the row begins, from 1, or the number of the row if the input has no lines.
    pub line: u32,
    /// Field or column, such as `settings.api_key`; empty if the row as a whole is invalid.
    pub field: String,
    /// Cell of a workbook, as `Sheet1!C7`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
    /// What is wrong, and what was expected.
    pub message: String,
}

impl RowError {
    /// Returns the field with its cell, and a blank, as the beginning of a sentence.
    #[doc(hidden)]
    pub fn subject(&self) -> String {
        match &self.cell {
            Some(cell) => format!("{} ({cell}) ", self.field),
            None if self.field.is_empty() => String::new(),
            None => format!("{} ", self.field),
        }
    }
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, message, .. } = self;
        f.write_str(&printable(&format!("{file}:{line}: {}{message}", self.subject())))
    }
}

/// Errors of all rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowErrors {
    kept: Vec<RowError>,
    more: usize,
}

impl RowErrors {
    /// Iterates over the first 10,000 errors, in the order of the input.
    pub fn iter(&self) -> impl Iterator<Item = &RowError> {
        self.kept.iter()
    }

    /// Returns the number of all errors.
    pub fn count(&self) -> usize {
        self.kept.len() + self.more
    }

    /// Returns the errors for people: one that more than nine rows have in the same field appears once, with the rows.
    pub fn grouped(&self) -> Vec<RowError> {
        let mut alike: HashMap<(&str, &str), Vec<u32>> = HashMap::new();
        for RowError { line, field, message, .. } in &self.kept {
            alike.entry((field, message)).or_default().push(*line);
        }
        let grouped = |error: &RowError| {
            let lines = &alike[&(error.field.as_str(), error.message.as_str())];
            let mut error = error.clone();
            if let [first, .., last] = lines.as_slice()
                && lines.len() > MAX_ALIKE
            {
                if error.line != *first {
                    return None;
                }
                error.message += &format!(" ({} rows, from line {first} to {last})", lines.len());
            }
            Some(error)
        };
        self.kept.iter().filter_map(grouped).collect()
    }

    pub(crate) fn push(&mut self, error: RowError) {
        if self.kept.len() < MAX_KEPT { self.kept.push(error) } else { self.more += 1 }
    }

    pub(crate) fn sort(&mut self) {
        self.kept.sort_by_key(|error| error.line);
    }
}

impl fmt::Display for RowErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let more = (self.more > 0).then(|| format!("and {} more", self.more));
        let lines: Vec<_> = self.grouped().iter().map(ToString::to_string).chain(more).collect();
        f.write_str(&lines.join("\n"))
    }
}
