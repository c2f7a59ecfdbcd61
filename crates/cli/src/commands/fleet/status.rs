//! `ocamba fleet status`.

use std::path::{Path, PathBuf};

use clap::Args;
use ocamba_fleet::{Ledger, LedgerRow};
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

/// Returns the ledger that was given, or that of a file, or else the file.
fn path(file: Option<&Path>, ledger: Option<&Path>) -> Result<PathBuf, Failure> {
    let file = file.unwrap_or(Path::new(""));
    let candidates = match ledger {
        Some(ledger) => vec![ledger.to_owned()],
        None => vec![result_files::ledger_beside(file), file.to_owned()],
    };
    candidates.into_iter().find(|path| path.is_file()).ok_or_else(|| {
        let message = match ledger {
            Some(ledger) => format!("the ledger {} does not exist", ledger.display()),
            None => format!("{} does not exist, and has no ledger", file.display()),
        };
        Failure::bad_input(message).hint("give the rows of an earlier 'ocamba fleet apply', or its ledger")
    })
}

fn line(row: &LedgerRow) -> String {
    let LedgerRow { name, provider_id, state, action, id, message, .. } = row;
    let title = ProviderInfo::of(provider_id).map_or(provider_id.as_str(), |provider| provider.title);
    let id = id.as_ref().map(|id| format!(", {id}")).unwrap_or_default();
    let message = message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
    format!("{state:7} {action:6} {name:?} ({title}){id}{message}\n")
}
