//! What became of each row.

use std::fmt;
use std::io::{self, Write};

use ocamba_hood::ProviderInfo;
use serde::Serialize;

use crate::formula;
use crate::plan::Step;

/// What became of each row, in the order of the input. From [`Apply::run`](crate::Apply::run).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// A row for each of the input's.
    pub rows: Vec<RowReport>,
    /// Why the run stopped before its end, if it did. Applying again with the same ledger goes on.
    pub stopped: Option<String>,
}

/// What became of one row.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RowReport {
    /// Its line in the input.
    pub line: u32,
    /// The integration's name.
    pub name: String,
    /// Its provider's id.
    pub provider_id: String,
    /// What became of it.
    pub outcome: Outcome,
    /// The integration's id, where it is known.
    pub id: Option<String>,
    /// What kind of error it was, as `bad_request`.
    pub code: Option<String>,
    /// The error in words. It quotes no secret.
    pub message: Option<String>,
    /// Names the error to the vendor's support.
    pub trace_id: Option<String>,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was created.
    Created,
    /// It was there, and was changed.
    Updated,
    /// It was there as asked for.
    Adopted,
    /// It was there as asked for, and the ledger knew.
    Unchanged,
    /// It was refused, or could not be sent.
    Failed,
    /// Nothing could be done, for a reason that a person must look at.
    Conflict,
    /// It was sent, and nobody knows what became of it: the next run will look.
    Unknown,
    /// It was created, and its id is not known.
    Applied,
    /// The run stopped before it.
    Pending,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Created,
        Self::Updated,
        Self::Adopted,
        Self::Unchanged,
        Self::Failed,
        Self::Conflict,
        Self::Unknown,
        Self::Applied,
        Self::Pending,
    ];

    /// A name that does not change, as `created`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Adopted => "adopted",
            Self::Unchanged => "unchanged",
            Self::Failed => "failed",
            Self::Conflict => "conflict",
            Self::Unknown => "unknown",
            Self::Applied => "applied",
            Self::Pending => "pending",
        }
    }

    /// Whether the integration is as it should be.
    pub fn is_done(self) -> bool {
        matches!(self, Self::Created | Self::Updated | Self::Adopted | Self::Unchanged)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl RowReport {
    /// The columns of a report, and the fields of a line of it.
    pub const COLUMNS: [&str; 8] = ["line", "name", "provider_id", "outcome", "id", "code", "message", "trace_id"];

    pub(crate) fn new(step: &Step, outcome: Outcome) -> Self {
        Self {
            line: step.line,
            name: step.name.clone(),
            provider_id: step.provider_id.clone(),
            outcome,
            id: step.id.clone(),
            code: None,
            message: None,
            trace_id: None,
        }
    }

    fn cells(&self) -> [String; 8] {
        let Self { line, name, provider_id, outcome, id, code, message, trace_id } = self;
        let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
        [
            line.to_string(),
            name.clone(),
            provider_id.clone(),
            outcome.to_string(),
            or_empty(id),
            or_empty(code),
            or_empty(message),
            or_empty(trace_id),
        ]
    }
}

impl Report {
    /// Whether every row is as it should be.
    pub fn is_complete(&self) -> bool {
        self.rows.iter().all(|row| row.outcome.is_done())
    }

    /// How many rows have this outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.rows.iter().filter(|row| row.outcome == outcome).count()
    }

    /// As `12 created, 1 failed`.
    pub fn summary(&self) -> String {
        let counted = Outcome::ALL.map(|outcome| (self.count(outcome), outcome));
        let there: Vec<_> = counted.iter().filter(|(count, _)| *count > 0).map(|(c, o)| format!("{c} {o}")).collect();
        if there.is_empty() { "no rows".to_owned() } else { there.join(", ") }
    }

    /// Writes a line of JSON for each row.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write_json_lines(&self, mut out: impl Write) -> io::Result<()> {
        for row in &self.rows {
            serde_json::to_writer(&mut out, row)?;
            out.write_all(b"\n")?;
        }
        out.flush()
    }

    /// Writes it as CSV. A cell that a spreadsheet would compute gets an apostrophe before it.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write_csv(&self, out: impl Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(RowReport::COLUMNS)?;
        for row in &self.rows {
            writer.write_record(row.cells().iter().map(|cell| formula::write(cell).into_owned()))?;
        }
        writer.flush()
    }

    /// Writes it as a table for people, without the columns that are empty.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write_table(&self, mut out: impl Write) -> io::Result<()> {
        let mut lines = vec![RowReport::COLUMNS.map(|name| name.to_uppercase().replace('_', " "))];
        lines[0][2] = "PROVIDER".to_owned();
        for row in &self.rows {
            let mut cells = row.cells().map(|cell| cell.replace(char::is_control, " "));
            if let Some(provider) = ProviderInfo::of(&row.provider_id) {
                provider.title.clone_into(&mut cells[2]);
            }
            lines.push(cells);
        }
        let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
        let is_used = |column: &usize| lines[1..].iter().any(|line| !line[*column].is_empty());
        let columns: Vec<_> = (0..8).filter(is_used).map(|column| (column, width(column))).collect();
        for line in &lines {
            let cells: Vec<_> = columns.iter().map(|(column, width)| format!("{:width$}", line[*column])).collect();
            writeln!(out, "{}", cells.join("  ").trim_end())?;
        }
        out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let row = RowReport {
            line: 2,
            name: "=cmd()".into(),
            provider_id: "2000".into(),
            outcome: Outcome::Failed,
            id: None,
            code: Some("bad_request".into()),
            message: Some("no, \"never\"\nagain".into()),
            trace_id: None,
        };
        Report { rows: vec![row], stopped: None }
    }

    fn written(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out).expect("written");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_report_has_three_forms() {
        let report = report();
        assert_eq!(
            written(|out| report.write_json_lines(out)),
            "{\"line\":2,\"name\":\"=cmd()\",\"provider_id\":\"2000\",\"outcome\":\"failed\",\"id\":null,\
             \"code\":\"bad_request\",\"message\":\"no, \\\"never\\\"\\nagain\",\"trace_id\":null}\n"
        );
        assert_eq!(
            written(|out| report.write_csv(out)),
            "line,name,provider_id,outcome,id,code,message,trace_id\n\
             2,'=cmd(),2000,failed,,bad_request,\"no, \"\"never\"\"\nagain\",\n"
        );
        assert_eq!(
            written(|out| report.write_table(out)),
            "LINE  NAME    PROVIDER  OUTCOME  CODE         MESSAGE\n\
             2     =cmd()  2000      failed   bad_request  no, \"never\" again\n"
        );
        assert_eq!((report.summary().as_str(), report.is_complete()), ("1 failed", false));
    }
}
