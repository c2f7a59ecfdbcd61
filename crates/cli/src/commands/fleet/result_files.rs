//! The files that a run writes: ledger, report, and the rows that were not applied.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Read};
use std::path::{Path, PathBuf};

use ocamba_fleet::{Fleet, Format, Ledger, MadeRow, Report, ReportFormat, RowOutcome, RowReport, private_file};
use ocamba_hood::Outcome;

use super::input::Input;
use crate::shared::failure::{self, Failure, MAX_SHOWN};
use crate::shared::paths;

/// First bytes of an SQLite file, as a ledger is.
const SQLITE: &[u8] = b"SQLite format 3\0";

/// Returns the path of the ledger: the given one, or FILE.ledger. There is no default for standard input and pipes.
pub fn ledger_path(given: Option<&Path>, input: &Input) -> Option<PathBuf> {
    given.map(Path::to_owned).or_else(|| if input.is_stdin() { None } else { ledger_beside(&input.file) })
}

/// Returns the path of the ledger of a file, unless another one is given. A device or a pipe has none.
pub fn ledger_beside(file: &Path) -> Option<PathBuf> {
    let is_stream = file.metadata().is_ok_and(|existing| !existing.is_file() && !existing.is_dir());
    let mut path = file.as_os_str().to_owned();
    path.push(".ledger");
    (!is_stream).then(|| path.into())
}

/// Returns true for a file that begins as a ledger does.
pub fn is_database(path: &Path) -> bool {
    let mut start = [0; SQLITE.len()];
    path.is_file() && File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == *SQLITE
}

/// Opens or creates a ledger, before anything is sent.
pub fn open_ledger(path: &Path) -> Result<Ledger, Failure> {
    Ledger::open(path).map_err(|error| Failure::from(error).outcome(Outcome::NotSent))
}

/// Refuses two files of a command that are one, before either is written. Each has its role in messages.
pub fn check_distinct(files: &[(&str, Option<&Path>)]) -> Result<(), Failure> {
    let mut known: Vec<(&str, PathBuf)> = Vec::new();
    for (role, path) in files {
        let Some((path, identity)) = path.and_then(|path| Some((path, identity(path)?))) else { continue };
        if let Some((other, _)) = known.iter().find(|(_, known)| *known == identity) {
            let message = format!("{} cannot be both {other} and {role}", path.display());
            return Err(Failure::bad_input(message).hint("give two paths; nothing was sent"));
        }
        known.push((role, identity));
    }
    Ok(())
}

/// Returns by what a file is known, whatever leads to it, also one that does not exist yet. Pipes and devices have none: two
/// results may go to one.
fn identity(path: &Path) -> Option<PathBuf> {
    match path.metadata() {
        Ok(existing) => path.canonicalize().ok().filter(|_| existing.is_file()),
        Err(_) => {
            let target = private_file::target(path);
            Some(private_file::folder(&target).canonicalize().ok()?.join(target.file_name()?))
        }
    }
}

/// Refuses, before anything is sent, a path that cannot be written, or that would replace a ledger.
pub fn check(path: &Path) -> Result<(), Failure> {
    let writable = match is_database(path) {
        true => Err(io::Error::other("it is a database, as a ledger is")),
        false => paths::check_writable(path),
    };
    writable.map_err(|why| {
        Failure::bad_input(format!("{} cannot be written: {why}", path.display()))
            .hint("give another path; nothing was sent")
    })
}

/// Refuses a file that would have the ending of a workbook, in which no rows are written.
pub fn check_writable_format(path: &Path) -> Result<(), Failure> {
    match Format::of(path) {
        Some(Format::Workbook) => {
            Err(Failure::bad_input(format!("{} cannot be written: workbooks are only read", path.display()))
                .hint("give a path that ends in .csv, which a spreadsheet opens; nothing was sent"))
        }
        _ => Ok(()),
    }
}

/// Returns the format of a report by the ending of its file.
pub fn report_format(path: &Path) -> Result<ReportFormat, Failure> {
    ReportFormat::of(path).ok_or_else(|| {
        let endings = ".csv, .json, .jsonl, .md, .xml (JUnit), .html or .txt";
        Failure::bad_input(format!("{} cannot be written: its ending is of no format of reports", path.display()))
            .hint(format!("give a path that ends in {endings}; nothing was sent"))
    })
}

/// Writes a report in the format of the file's ending.
pub fn write_report(report: &Report, path: &Path) -> Result<(), Failure> {
    let format = report_format(path)?;
    let written = File::create(path).and_then(|file| report.write(format, BufWriter::new(file)));
    written.map_err(|error| Failure::other(format!("{} cannot be written: {error}", path.display())))
}

/// Adds a summary to the page of the CI job, where there is one. It is no result: a page that cannot be written is a note.
pub fn write_job_summary(report: &Report, input: &Input) {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else { return };
    let title = if input.is_stdin() { "fleet apply".into() } else { format!("fleet apply {}", input.file.display()) };
    let written = OpenOptions::new().append(true).create(true).open(&path);
    if let Err(error) = written.and_then(|file| report.write_summary(&title, BufWriter::new(file))) {
        failure::note(&format!(
            "the summary of the job could not be written to {}: {error}",
            Path::new(&path).display()
        ));
    }
}

/// Writes the rows that were not applied, unchanged, and returns their number.
pub fn write_failed(fleet: &Fleet, report: &Report, path: &Path) -> Result<usize, Failure> {
    fleet.write_failed(report, path).map_err(|error| Failure::other(error.to_string()))
}

/// Adds to the failure of a result that cannot be written what the run has done: nothing else may say it.
pub fn too_late(failure: Failure, report: &Report) -> Failure {
    let is_made =
        |row: &&RowReport| matches!(row.outcome, RowOutcome::Created | RowOutcome::Updated | RowOutcome::Applied);
    let made: Vec<_> = report.rows.iter().filter(is_made).map(MadeRow::from).collect();
    let mut shown: Vec<_> = made.iter().take(MAX_SHOWN).map(ToString::to_string).collect();
    if made.len() > MAX_SHOWN {
        shown.push(format!("and {} more; --output json has all", made.len() - MAX_SHOWN));
    }
    failure
        .note("made", (!shown.is_empty()).then(|| shown.join("; ")))
        .hint(format!("the run has ended, and the ledger has it: {}; apply again for another report", report.summary()))
        .fact("made", serde_json::to_value(made).unwrap_or_default())
}
