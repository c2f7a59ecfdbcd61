//! `ocamba fleet plan`.

use std::path::PathBuf;

use clap::Args;
use ocamba_fleet::SavedPlan;
use serde_json::Value;

use super::input::Input;
use super::{failure, files};
use crate::account::Account;
use crate::exit::Exit;
use crate::report::{self, Failure};
use crate::{Global, output, run as calls};

/// The options of `ocamba fleet plan`.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    pub input: Input,
    /// Where the ledger is [default: FILE.ledger]
    #[arg(long, value_name = "PATH")]
    pub ledger: Option<PathBuf>,
    /// Save the plan, to be applied as it is or not at all
    #[arg(long, value_name = "PLAN")]
    pub out: Option<PathBuf>,
}

/// Shows what applying would do.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    if let Some(out) = &options.out {
        files::check_result(out, &options.input)?;
    }
    let fleet = options.input.read()?;
    let client = Account::of(global)?.client(global)?;
    let ledger = files::ledger_if_there(files::ledger_path(options.ledger.as_deref(), &options.input).as_deref())?;
    let plan =
        calls::to_end(async { fleet.plan(&client, ledger.as_ref()).await.map_err(|error| failure::of(&error)) })?;
    if let Some(out) = &options.out {
        let saved = SavedPlan::new(&fleet, &plan, &client).and_then(|saved| saved.write(out));
        saved.map_err(|error| failure::of(&error))?;
        let out = out.display();
        let apply = if options.input.is_stdin() { format!("apply - --plan {out}") } else { format!("apply {out}") };
        report::note(&format!("the plan is in {out}: 'ocamba fleet {apply}' does it"));
    }
    let value: Value = serde_json::to_value(&plan.steps)
        .map_err(|error| Failure::new(Exit::Failed, format!("the plan cannot be written: {error}")))?;
    output::print(global.output, &value, || plan.to_string()).map_err(|error| output::failure(&error))
}
