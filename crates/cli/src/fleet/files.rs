//! The files beside the input.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

use ocamba_fleet::{Fleet, Ledger, Report};
use ocamba_hood::Outcome;

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
    there.map(ledger).transpose()
}

/// Opens or makes a ledger, before anything is sent.
pub fn ledger(path: &Path) -> Result<Ledger, Failure> {
    Ledger::open(path).map_err(|error| failure::of(&error).outcome(Outcome::NotSent))
}

/// Refuses, before anything is sent, a path at which no result can be written, or that would take the place of the rows.
pub fn check_result(path: &Path, input: &Input) -> Result<(), Failure> {
    let refused = |why: String| {
        Err(Failure::new(Exit::BadInput, format!("{} cannot be written: {why}", path.display()))
            .hint("give another path; nothing was sent"))
    };
    if !input.is_stdin()
        && path.canonicalize().is_ok_and(|path| input.file.canonicalize().is_ok_and(|rows| rows == path))
    {
        return refused("the rows are there".to_owned());
    }
    match path.metadata() {
        Ok(there) if there.is_dir() => return refused("it is a folder".to_owned()),
        // A pipe or a terminal may wait for its other end.
        Ok(there) if !there.is_file() => return Ok(()),
        _ => {}
    }
    let new = !path.exists();
    if let Err(error) = OpenOptions::new().append(true).create(true).open(path) {
        return refused(error.to_string());
    }
    if new {
        let _ = fs::remove_file(path);
    }
    Ok(())
}

/// Writes a report in the form that the file's name tells: .csv, .jsonl, or else a table.
pub fn write_report(report: &Report, path: &Path) -> Result<(), Failure> {
    let write = || {
        let file = std::io::BufWriter::new(File::create(path)?);
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("csv") => report.write_csv(file),
            Some("jsonl" | "ndjson" | "json") => report.write_json_lines(file),
            _ => report.write_table(file),
        }
    };
    write().map_err(|error| too_late(format!("{} cannot be written: {error}", path.display()), report))
}

/// Writes the rows that are not done, as they stood. Returns how many.
pub fn write_failed(fleet: &Fleet, report: &Report, path: &Path) -> Result<usize, Failure> {
    fleet.write_failed(report, path).map_err(|error| too_late(error.to_string(), report))
}

fn too_late(message: String, report: &Report) -> Failure {
    let hint = format!("the run is over: {}; apply again for another report", report.summary());
    Failure::new(Exit::Failed, message).hint(hint)
}
