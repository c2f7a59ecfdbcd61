//! `ocamba fleet apply`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use ocamba_fleet::{Cancel, Fleet, Ledger, Outcome, Report, SavedPlan};

use super::progress::Shown;
use super::{Input, failure, files, plan, read};
use crate::account::Account;
use crate::exit::Exit;
use crate::report::{self, Failure};
use crate::signals::StopSignal;
use crate::{Global, output, run as calls};

/// The options of `ocamba fleet apply`.
#[derive(Args)]
pub struct Options {
    // A plan is told by how it begins.
    #[command(flatten)]
    input: Input,
    /// Where the ledger is [default: FILE.ledger]
    #[arg(long, value_name = "PATH")]
    ledger: Option<PathBuf>,
    /// Write the report to a file that ends in .csv or .jsonl, or as a table
    #[arg(long, value_name = "PATH")]
    report: Option<PathBuf>,
    /// Write the rows that are not done to a file, as they stood
    #[arg(long, value_name = "PATH")]
    failed: Option<PathBuf>,
    /// Only show what would be done
    #[arg(long)]
    dry_run: bool,
    /// How many requests may be under way at once
    #[arg(long, value_name = "N", default_value_t = 16)]
    in_flight: usize,
    /// How long the server may be at a create of which nothing was heard
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = crate::seconds)]
    settle: Duration,
}

/// Applies rows, or a plan.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let given = &options.input.file;
    let saved = SavedPlan::is_one(given).then(|| SavedPlan::read(given)).transpose();
    let saved = saved.map_err(|error| failure::of(&error))?;
    let file = saved.as_ref().map_or_else(|| given.clone(), |saved| PathBuf::from(&saved.input));
    let fleet = read(&file, options.input.allow_unknown_provider)?;
    let client = Account::of(global)?.client(global)?;
    let path = files::ledger_path(options.ledger.as_deref(), &file);
    if options.dry_run {
        let ledger = files::ledger_if_there(&path)?;
        let planned =
            calls::to_end(async { fleet.plan(&client, ledger.as_ref()).await.map_err(|error| failure::of(&error)) })?;
        return plan::show(&planned, global);
    }
    let ledger = Ledger::open(&path).map_err(|error| failure::of(&error))?;
    let mut shown = Shown::new();
    let report = calls::to_end(async {
        let mut stop = StopSignal::listen()?;
        let cancel = Cancel::default();
        let apply = fleet.apply(&client, &ledger).in_flight(options.in_flight).settle(options.settle).cancel(&cancel);
        let apply = apply.on_progress(|progress| shown.tell(progress));
        let apply = match &saved {
            Some(saved) => apply.as_planned(saved),
            None => apply,
        };
        let mut run = Box::pin(apply.run());
        let ended = tokio::select! {
            ended = &mut run => ended,
            () = stop.received() => {
                report::note("told to stop: nothing more is sent, and what is on its way is waited for");
                cancel.cancel();
                run.await
            }
        };
        ended.map_err(|error| failure::of(&error))
    });
    shown.end();
    tell(&report?, &fleet, &path, options, global)
}

fn tell(report: &Report, fleet: &Fleet, ledger: &Path, options: &Options, global: &Global) -> Result<(), Failure> {
    let cannot =
        |error: serde_json::Error| Failure::new(Exit::Failed, format!("the report cannot be written: {error}"));
    let value = serde_json::to_value(&report.rows).map_err(cannot)?;
    let table = || {
        let mut text = Vec::new();
        // A write to memory does not fail.
        let _ = report.write_table(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    };
    output::print(global.output, &value, table).map_err(|error| output::failure(&error))?;
    if let Some(path) = &options.report {
        files::write_report(report, path)?;
    }
    if let Some(path) = &options.failed {
        let count = fleet.write_failed(report, path).map_err(|error| failure::of(&error))?;
        if count > 0 {
            report::note(&format!("{count} rows are in {}, as they stood in the input", path.display()));
        }
    }
    report::note(&report.summary());
    let Some(exit) = exit(report) else { return Ok(()) };
    let again = format!("the ledger is {}: apply again, and it goes on where this run ended", ledger.display());
    let message = match &report.stopped {
        Some(why) => format!("stopped: {why}"),
        None => "not all rows are done".to_owned(),
    };
    Err(Failure::new(exit, message).note("rows", report.summary()).hint(again))
}

/// None where all is done.
fn exit(report: &Report) -> Option<Exit> {
    [
        (Outcome::Unknown, Exit::OutcomeUnknown),
        (Outcome::Applied, Exit::Unreadable),
        (Outcome::Failed, Exit::Rejected),
        (Outcome::Conflict, Exit::Duplicate),
        (Outcome::Pending, Exit::NotSent),
    ]
    .into_iter()
    .find(|(outcome, _)| report.count(*outcome) > 0)
    .map(|(_, exit)| exit)
}
