//! The files beside the input.

use std::path::{Path, PathBuf};

use ocamba_fleet::{Ledger, Report};

use super::failure;
use super::input::Input;
use crate::exit::Exit;
use crate::report::Failure;

/// Where the ledger of an input is, unless it is told: beside it. Nothing is beside standard input.
pub fn ledger_path(given: Option<&Path>, input: &Input) -> Option<PathBuf> {
    let beside = || {
        let mut path = input.file.as_os_str().to_owned();
        path.push(".ledger");
        PathBuf::from(path)
    };
    given.map(Path::to_owned).or_else(|| (!input.is_stdin()).then(beside))
}

/// The ledger, if there is one already: a plan makes none.
pub fn ledger_if_there(path: Option<&Path>) -> Result<Option<Ledger>, Failure> {
    let there = path.filter(|path| path.exists());
    there.map(|path| Ledger::open(path).map_err(|error| failure::of(&error))).transpose()
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
