//! Reports of runs, and the rows that are not done, to be fixed and applied again.

use std::fmt;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, MadeRow};
use crate::input::fleet::{Fleet, Row};
use crate::ledger::entry::RowFailure;
use crate::plan::step::Step;
use crate::private_file;

/// Why a cancelled run stopped.
pub const CANCELLED: &str = "cancelled";

/// Outcomes of all rows, from [`Apply::run`](crate::Apply::run).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// One report per row, in the order of the input.
    pub rows: Vec<RowReport>,
    /// Why the run stopped early, if it did. Applying again with the same ledger resumes it.
    pub stopped: Option<String>,
}

/// Outcome of one row.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RowReport {
    /// Line in the input.
    pub line: u32,
    /// Name of the integration.
    pub name: String,
    /// Id of the provider.
    pub provider_id: String,
    /// Outcome of the row.
    pub outcome: RowOutcome,
    /// Id of the integration, if known.
    pub id: Option<String>,
    /// Error code, such as `bad_request`.
    pub code: Option<String>,
    /// Error message, without secrets.
    pub message: Option<String>,
    /// Request ID to quote to the vendor's support.
    pub trace_id: Option<String>,
    /// References to secrets, as `api_key=env:MITTO_KEY`.
    pub references: Option<String>,
}

/// Outcome of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowOutcome {
    /// The integration was created.
    Created,
    /// The integration existed and was updated.
    Updated,
    /// The integration existed and matched; the ledger now has it.
    Adopted,
    /// The integration existed and matched, and the ledger had it.
    Unchanged,
    /// The request was rejected, or could not be sent.
    Failed,
    /// Nothing was done: a person must resolve a conflict.
    Conflict,
    /// The request was sent, and its outcome is unknown: the next run looks for it.
    Unknown,
    /// The integration was created, but its id is unknown.
    Applied,
    /// The run stopped before this row.
    Pending,
}

impl RowOutcome {
    /// All outcomes.
    pub const ALL: [Self; 9] = {
        use RowOutcome::*;
        [Created, Updated, Adopted, Unchanged, Failed, Conflict, Unknown, Applied, Pending]
    };

    /// Returns whether the integration matches its row.
    pub fn is_done(self) -> bool {
        matches!(self, Self::Created | Self::Updated | Self::Adopted | Self::Unchanged)
    }
}

impl fmt::Display for RowOutcome {
    /// Writes a stable name, such as `created`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl RowReport {
    /// Column names of a report.
    pub const COLUMNS: [&str; 9] =
        ["line", "name", "provider_id", "outcome", "id", "code", "message", "trace_id", "references"];

    pub(crate) fn new(step: &Step, outcome: RowOutcome, failure: RowFailure) -> Self {
        let Step { line, name, provider_id, id, references, .. } = step.clone();
        let RowFailure { code, message, trace_id } = failure;
        Self { line, name, provider_id, outcome, id, code, message, trace_id, references }
    }

    /// Returns the texts of the columns, empty where a row has none.
    pub(crate) fn cells(&self) -> [String; 9] {
        let fields = serde_json::to_value(self).unwrap_or_default();
        Self::COLUMNS.map(|column| match &fields[column] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    }
}

impl From<&RowReport> for MadeRow {
    fn from(row: &RowReport) -> Self {
        let RowReport { line, name, provider_id, id, .. } = row.clone();
        Self { line, name, provider_id, id }
    }
}

impl Report {
    /// Reports a run that was cancelled before it began.
    pub(crate) fn of_nothing(fleet: &Fleet) -> Self {
        let row = |row: &Row| RowReport {
            line: row.line,
            name: row.key.name.clone(),
            provider_id: row.key.provider_id.clone(),
            outcome: RowOutcome::Pending,
            id: None,
            code: None,
            message: None,
            trace_id: None,
            references: row.references.clone(),
        };
        Self { rows: fleet.rows.iter().map(row).collect(), stopped: Some(CANCELLED.to_owned()) }
    }

    /// Returns whether every integration matches its row.
    pub fn is_complete(&self) -> bool {
        self.rows.iter().all(|row| row.outcome.is_done())
    }

    /// Returns the report of the rows that are not done.
    pub fn unfinished(&self) -> Self {
        let rows = self.rows.iter().filter(|row| !row.outcome.is_done()).cloned().collect();
        Self { rows, stopped: self.stopped.clone() }
    }

    /// Returns the number of rows with this outcome.
    pub fn count(&self, outcome: RowOutcome) -> usize {
        self.rows.iter().filter(|row| row.outcome == outcome).count()
    }

    /// Summarizes the outcomes, such as `12 created, 1 failed`.
    pub fn summary(&self) -> String {
        let counted = RowOutcome::ALL.map(|outcome| (self.count(outcome), outcome));
        let counts: Vec<_> = counted.iter().filter(|(count, _)| *count > 0).map(|(c, o)| format!("{c} {o}")).collect();
        if counts.is_empty() { "no rows".to_owned() } else { counts.join(", ") }
    }
}

impl Fleet {
    /// Writes the rows that are not done to a file, in the format of the input, and returns how many there are. References to
    /// secrets remain references, and plain secrets remain plain, so only the owner can read the file. If every row is done, no
    /// file is written.
    ///
    /// # Errors
    ///
    /// [`Error::File`].
    pub fn write_failed(&self, report: &Report, path: impl AsRef<Path>) -> Result<usize, Error> {
        let path = path.as_ref();
        let rows = self.rows.iter().zip(&report.rows).filter(|(_, report)| !report.outcome.is_done());
        let requests: Vec<&str> = rows.map(|(row, _)| &*row.request).collect();
        if requests.is_empty() {
            return Ok(0);
        }
        let written = private_file::write(path, |file| self.format.write(&requests, file));
        written.map_err(Error::file(path.display(), "written"))?;
        Ok(requests.len())
    }
}
