//! `ocamba fleet status`.

use std::path::{Path, PathBuf};

use clap::Args;
use ocamba_fleet::LedgerRow;
use ocamba_hood::ProviderInfo;

use super::result_files;
use crate::shared::failure::{self, Failure};
use crate::shared::options::Global;
use crate::shared::output;

#[derive(Args)]
pub struct Options {
    /// Rows with a ledger (FILE.ledger), or a ledger
    file: PathBuf,
}

/// Prints what a ledger knows.
pub fn run(Options { file }: &Options, global: &Global) -> Result<(), Failure> {
    let ledger = result_files::open_ledger(&path(file)?)?;
    let rows = ledger.rows();
    output::print(global.output, &output::json(&rows)?, || rows.iter().map(line).collect())?;
    let count = |state| rows.iter().filter(|row| row.state == state).count();
    let counts = ["done", "failed", "applied", "pending", "intent"].map(|state| (count(state), state));
    let counts: Vec<_> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, it)| format!("{count} {it}")).collect();
    failure::note(&if counts.is_empty() { "no rows".to_owned() } else { counts.join(", ") });
    Ok(())
}

/// Returns the ledger: that of a file, or else the file.
fn path(file: &Path) -> Result<PathBuf, Failure> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(".ledger");
    let found = [PathBuf::from(beside), file.to_owned()].into_iter().find(|path| path.is_file());
    found.ok_or_else(|| {
        Failure::bad_input(format!("{} does not exist, and has no ledger", file.display()))
            .hint("give the rows of an earlier 'ocamba fleet apply', or its ledger")
    })
}

fn line(row: &LedgerRow) -> String {
    let LedgerRow { name, provider_id, state, action, id, message, .. } = row;
    let title = ProviderInfo::of(provider_id).map_or(provider_id.as_str(), |provider| provider.title);
    let id = id.as_ref().map(|id| format!(", {id}")).unwrap_or_default();
    let message = message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
    format!("{state:7} {action:6} {name:?} ({title}){id}{message}\n")
}
