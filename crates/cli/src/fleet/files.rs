//! The files beside the input.

use std::path::{Path, PathBuf};

use ocamba_fleet::{Ledger, Report};

use super::failure;
use crate::exit::Exit;
use crate::report::Failure;

/// Where the ledger of an input is, unless it is told: beside it.
pub fn ledger_path(given: Option<&Path>, input: &Path) -> PathBuf {
    given.map_or_else(
        || {
            let mut path = input.as_os_str().to_owned();
            path.push(".ledger");
            path.into()
        },
        Path::to_owned,
    )
}

/// The ledger, if there is one already: a plan makes none.
pub fn ledger_if_there(path: &Path) -> Result<Option<Ledger>, Failure> {
    path.exists().then(|| Ledger::open(path).map_err(|error| failure::of(&error))).transpose()
}

/// Writes a report in the form that the file's name tells: .csv, .jsonl, or else a table.
pub fn write_report(report: &Report, path: &Path) -> Result<(), Failure> {
    let write = || {
        let file = std::io::BufWriter::new(std::fs::File::create(path)?);
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("csv") => report.write_csv(file),
            Some("jsonl" | "ndjson" | "json") => report.write_json_lines(file),
            _ => report.write_table(file),
        }
    };
    write().map_err(|error| {
        Failure::new(Exit::Failed, format!("{} cannot be written: {error}", path.display()))
            .hint(format!("the run is over: {}; apply again for another report", report.summary()))
    })
}
