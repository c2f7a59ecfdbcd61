//! `ocamba fleet apply`.

use std::convert::Infallible;
use std::future::pending;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use ocamba_fleet::{Cancel, Fleet, Report, RowOutcome, SavedPlan};

use super::input::Input;
use super::progress::{Form, Shown};
use super::{failure, files, plan};
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
    /// Apply the rows only as this plan says, or not at all
    #[arg(long, value_name = "PLAN")]
    plan: Option<PathBuf>,
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
    /// How long to wait for the server to finish a create whose outcome is unknown
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = crate::seconds)]
    reconcile_timeout: Duration,
    /// How progress is told on stderr: json is for programs
    #[arg(long, value_name = "FORM", value_enum, default_value = "auto")]
    progress: Form,
}

/// Applies rows, or a plan.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let (input, saved) = what(options)?;
    if options.dry_run {
        return plan::run(&plan::Options { input, ledger: options.ledger.clone(), out: None }, global);
    }
    for result in [&options.report, &options.failed].into_iter().flatten() {
        files::check_result(result, &input)?;
    }
    let path = files::ledger_path(options.ledger.as_deref(), &input);
    let path = path.ok_or_else(|| {
        Failure::new(Exit::BadInput, "rows from standard input need a ledger: --ledger PATH")
            .hint("a run that ends early is gone on with by the same ledger; nothing was sent")
    })?;
    let fleet = input.read()?;
    let client = Account::of(global)?.client(global)?;
    let ledger = files::ledger(&path)?;
    let cancel = Cancel::default();
    let mut shown = Shown::new(options.progress, &cancel);
    let report = calls::to_end(async {
        let stop = stopping(StopSignal::listen()?, &cancel);
        let beside = shown.beside();
        let apply = fleet.apply(&client, &ledger).in_flight(options.in_flight).cancel(&cancel);
        let apply = apply.reconcile_timeout(options.reconcile_timeout).on_progress(|progress| shown.tell(progress));
        let apply = match &saved {
            Some(saved) => apply.as_planned(saved),
            None => apply,
        };
        let ended = tokio::select! {
            ended = apply.run() => ended,
            never = stop => match never {},
            never = beside => match never {},
        };
        ended.map_err(|error| failure::of(&error))
    });
    shown.end();
    tell(&report?, &fleet, &path, options, global)
}

/// The rows, and the plan to which they are bound. A plan in place of the rows says where they are.
fn what(options: &Options) -> Result<(Input, Option<SavedPlan>), Failure> {
    let read = |path: &Path| SavedPlan::read(path).map_err(|error| failure::of(&error));
    let mut input = options.input.clone();
    if let Some(plan) = &options.plan {
        return Ok((input, Some(read(plan)?)));
    }
    if input.is_stdin() || !SavedPlan::is_at(&input.file) {
        return Ok((input, None));
    }
    let saved = read(&input.file)?;
    let plan = std::mem::replace(&mut input.file, PathBuf::from(&saved.input));
    if !input.file.exists() {
        let again = format!("give the rows again: 'ocamba fleet apply FILE --plan {}'", plan.display());
        let message = format!("the rows of the plan are not there: {}", saved.input);
        return Err(Failure::new(Exit::BadInput, message).hint(again));
    }
    Ok((input, Some(saved)))
}

/// Cancels the run at the signal, and is never done.
async fn stopping(mut stop: StopSignal, cancel: &Cancel) -> Infallible {
    stop.received().await;
    report::note("told to stop: nothing more is sent, and what is on its way is waited for");
    cancel.cancel();
    pending().await
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
        let count = files::write_failed(fleet, report, path)?;
        if count > 0 {
            report::note(&format!("{count} rows are in {}, as they stood in the input", path.display()));
        }
    }
    let Some(exit) = exit(report) else {
        report::note(&report.summary());
        return Ok(());
    };
    let again = format!("the ledger is {}: apply again, and it goes on where this run ended", ledger.display());
    let message = match &report.stopped {
        Some(why) => format!("stopped: {why}"),
        None => "not all rows are done".to_owned(),
    };
    let counts = RowOutcome::ALL.map(|outcome| (outcome.to_string(), report.count(outcome).into()));
    Err(Failure::new(exit, message)
        .code(if report.stopped.is_some() { "stopped" } else { "incomplete" })
        .note("rows", report.summary())
        .hint(again)
        .fact("stopped", report.stopped.clone())
        .fact("counts", serde_json::Map::from_iter(counts)))
}

/// None where all is done.
fn exit(report: &Report) -> Option<Exit> {
    [
        (RowOutcome::Unknown, Exit::OutcomeUnknown),
        (RowOutcome::Applied, Exit::Unreadable),
        (RowOutcome::Failed, Exit::Rejected),
        (RowOutcome::Conflict, Exit::Duplicate),
        (RowOutcome::Pending, Exit::NotSent),
    ]
    .into_iter()
    .find(|(outcome, _)| report.count(*outcome) > 0)
    .map(|(_, exit)| exit)
}
