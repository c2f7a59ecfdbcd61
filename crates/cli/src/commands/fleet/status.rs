//! `ocamba fleet status`.

use std::path::{Path, PathBuf};

use clap::Args;
use ocamba_fleet::{Ledger, LedgerRow, SavedPlan};
use ocamba_hood::{Outcome, ProviderInfo};

use super::result_files;
use crate::shared::failure::{self, Failure};
use crate::shared::options::Global;
use crate::shared::{output, paths};

#[derive(Args)]
pub struct Options {
    /// Rows with a ledger (FILE.ledger), or a ledger
    #[arg(required_unless_present = "ledger", value_parser = paths::parser())]
    file: Option<PathBuf>,
    /// Path of the ledger [default: FILE.ledger]
    #[arg(long, value_name = "PATH", value_parser = paths::parser())]
    ledger: Option<PathBuf>,
}

/// Prints what a ledger knows.
pub fn run(Options { file, ledger }: &Options, global: &Global) -> Result<(), Failure> {
    let status = Ledger::status(path(file.as_deref(), ledger.as_deref())?)
        .map_err(|error| Failure::from(error).outcome(Outcome::NotSent))?;
    let rows = &status.rows;
    output::print(global.output, &output::json(&status)?, || rows.iter().map(line).collect())?;
    let count = |state| rows.iter().filter(|row| row.state == state).count();
    let counts = ["done", "failed", "applied", "pending", "intent"].map(|state| (count(state), state));
    let counts: Vec<_> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, it)| format!("{count} {it}")).collect();
    let counts = if counts.is_empty() { "no rows".to_owned() } else { counts.join(", ") };
    let running = if status.is_running { "; a run is under way, and intents are its requests in flight" } else { "" };
    failure::note(&format!("{counts}{running}"));
    Ok(())
}

/// Returns the ledger that was given, or that of a file, or else the file if it is one.
fn path(file: Option<&Path>, ledger: Option<&Path>) -> Result<PathBuf, Failure> {
    let refused = |message: String, hint: &str| Err(Failure::bad_input(message).hint(hint));
    let hint = "give the rows of an earlier 'ocamba fleet apply', or its ledger";
    if let Some(ledger) = ledger {
        return match ledger.exists() {
            true => Ok(ledger.to_owned()),
            false => refused(format!("the ledger {} does not exist", ledger.display()), hint),
        };
    }
    let file = file.unwrap_or(Path::new(""));
    match result_files::ledger_beside(file).filter(|ledger| ledger.is_file()) {
        Some(ledger) => Ok(ledger),
        None if result_files::is_database(file) => Ok(file.to_owned()),
        None if file.is_dir() => refused(format!("{} is a folder", file.display()), hint),
        None if !file.exists() => refused(format!("{} does not exist, and has no ledger", file.display()), hint),
        None if SavedPlan::is_at(file) => refused(format!("{} is a saved plan", file.display()), hint),
        None => refused(
            format!("{} has no ledger yet", file.display()),
            "'ocamba fleet apply' begins one; give the ledger of another place with --ledger",
        ),
    }
}

fn line(row: &LedgerRow) -> String {
    let LedgerRow { name, provider_id, state, action, id, message, .. } = row;
    let title = ProviderInfo::of(provider_id).map_or(provider_id.as_str(), |provider| provider.title);
    let id = id.as_ref().map(|id| format!(", {id}")).unwrap_or_default();
    let message = message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
    format!("{state:7} {action:6} {name:?} ({title}){id}{message}\n")
}
