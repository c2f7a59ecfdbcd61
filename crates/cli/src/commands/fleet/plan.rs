//! `ocamba fleet plan`.

use std::path::PathBuf;

use clap::Args;
use ocamba_fleet::SavedPlan;

use super::input::Input;
use super::result_files;
use crate::shared::account::Account;
use crate::shared::failure::{self, Failure};
use crate::shared::options::Global;
use crate::shared::{calls, output};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    pub input: Input,
    /// Path of the ledger [default: FILE.ledger]
    #[arg(long, value_name = "PATH")]
    pub ledger: Option<PathBuf>,
    /// Save the plan, so that 'apply' does exactly this or nothing
    #[arg(long, value_name = "PLAN")]
    pub out: Option<PathBuf>,
}

/// Prints what applying would do.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let Options { input, ledger, out } = options;
    if let Some(out) = out {
        result_files::check(out, input)?;
    }
    let fleet = input.read(global)?;
    let client = Account::of(global)?.client(global)?;
    // A plan creates no ledger.
    let ledger = result_files::ledger_path(ledger.as_deref(), input).filter(|path| path.exists());
    let ledger = ledger.map(|path| result_files::open_ledger(&path)).transpose()?;
    let plan = calls::block_on(fleet.plan(&client, ledger.as_ref()))?;
    if let Some(out) = out {
        SavedPlan::new(&fleet, &plan, &client)?.write(out)?;
        let out = out.display();
        let apply = if input.is_stdin() { format!("apply - --plan {out}") } else { format!("apply {out}") };
        failure::note(&format!("the plan is in {out}: 'ocamba fleet {apply}' applies it"));
    }
    output::print(global.output, &output::json(&plan.steps)?, || plan.to_string())
}
