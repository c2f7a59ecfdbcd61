//! `ocamba fleet plan`.

use std::path::{Path, PathBuf};

use clap::Args;
use ocamba_fleet::{Action, Plan, SavedPlan};
use ocamba_hood::{Client, Tier};
use serde_json::json;

use super::input::Input;
use super::{progress, result_files};
use crate::parts::shell::quoted;
use crate::shared::account::Account;
use crate::shared::failure::{self, Exit, Failure};
use crate::shared::options::Global;
use crate::shared::{calls, output, paths};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    pub input: Input,
    /// Path of the ledger [default: FILE.ledger]
    #[arg(long, value_name = "PATH", value_parser = paths::parser())]
    pub ledger: Option<PathBuf>,
    /// Save the plan, so that 'apply' does exactly this or nothing
    #[arg(long, value_name = "PLAN", value_parser = paths::parser())]
    pub out: Option<PathBuf>,
    /// Exit with 0 if the account matches, 2 if applying would change it,
    /// 1 after any failure
    #[arg(long, verbatim_doc_comment)]
    pub exit_code: bool,
}

/// Prints what applying would do. A saved plan must still be the same.
pub fn run(options: &Options, saved: Option<&SavedPlan>, global: &Global) -> Result<(), Failure> {
    match (made(options, saved, global), options.exit_code) {
        (Ok(plan), true) if plan.count(Action::Conflict) > 0 => {
            let message = format!("{} rows are in conflict", plan.count(Action::Conflict));
            Err(Failure::other(message).code("conflict").hint("resolve the conflicts that the plan names"))
        }
        (Ok(plan), true) if plan.has_changes() => Err(Failure::changes()),
        (Ok(_), _) => Ok(()),
        (Err(failure), true) => Err(failure.exits(Exit::Failed)),
        (Err(failure), false) => Err(failure),
    }
}

/// Makes, saves and prints a plan.
fn made(options: &Options, saved: Option<&SavedPlan>, global: &Global) -> Result<Plan, Failure> {
    let Options { input, ledger: given_ledger, out, .. } = options;
    let ledger = result_files::ledger_path(given_ledger.as_deref(), input);
    if let Some(out) = out {
        let files = [("the rows", input.path()), ("the ledger", ledger.as_deref()), ("the plan", Some(out))];
        result_files::check_distinct(&files)?;
        result_files::check(out)?;
    }
    let fleet = input.read(global)?;
    let client = Account::of(global)?.client(global)?;
    // A plan creates no ledger.
    let ledger = ledger.filter(|path| path.exists()).map(|path| result_files::open_ledger(&path)).transpose()?;
    let (plan, tier) = calls::block_on(async {
        let plan = fleet.plan(&client, ledger.as_ref()).await.map_err(Failure::from)?;
        Ok::<_, Failure>((plan, tier(&client).await))
    })?;
    if let Some(saved) = saved {
        saved.check(&fleet, &plan, &client, ledger.as_ref())?;
    }
    if let Some(out) = out {
        SavedPlan::new(&fleet, &plan, &client)?.write(out)?;
        let word = |path: &Path| quoted(&path.display().to_string());
        let rows = if input.is_stdin() { "- --plan " } else { "" };
        let ledger = given_ledger.as_ref().map(|path| format!(" --ledger {}", word(path))).unwrap_or_default();
        let apply = format!("{} fleet apply {rows}{}{}{ledger}", global.program(), word(out), input.arguments());
        failure::note(&format!("the plan is in {}; to apply it: {apply}", out.display()));
    }
    let (steps, orphans) = (output::json(&plan.steps)?, output::json(&plan.orphans)?);
    output::print(global.output, &json!({ "steps": steps, "orphans": orphans }), || plan.to_string())?;
    note(&plan, tier);
    Ok(plan)
}

/// Returns the rate limit of a client, if there is one.
pub async fn tier(client: &Client) -> Option<Tier> {
    client.rate_limit_status().await.ok().filter(|limit| limit.storage != "off").map(|limit| limit.tier)
}

/// Notes on stderr what the steps do not show: orphans, and how long applying takes.
pub fn note(plan: &Plan, tier: Option<Tier>) {
    if let [first, ..] = plan.orphans.as_slice() {
        let more = if plan.orphans.len() > 1 { format!(" and {} more", plan.orphans.len() - 1) } else { String::new() };
        failure::note(&format!("the ledger has integrations of no row, with which nothing is done: {first}{more}"));
    }
    if let Some(tier) = tier
        && plan.duration(tier).as_secs() > 10
    {
        let time = progress::in_words(plan.duration(tier));
        failure::note(&format!("applying takes about {time} at {} requests per minute", tier.steady));
    }
}
