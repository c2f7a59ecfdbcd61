//! `ocamba fleet apply`.

use std::io::{IsTerminal, Write, stderr, stdin};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use clap::Args;
use ocamba_fleet::{Apply, Cancel, Fleet, Ledger, Plan, Report, ReportFormat, RowOutcome, RowReport, SavedPlan};
use ocamba_hood::{Client, ErrorKind, printable};

use super::input::Input;
use super::progress::{Display, Form};
use super::{plan, result_files};
use crate::shared::account::Account;
use crate::shared::failure::{self, Exit, Failure, MAX_SHOWN};
use crate::shared::options::{self, Global};
use crate::shared::output::{self, Format};
use crate::shared::{calls, paths, signals};

#[derive(Args)]
pub struct Options {
    // May also be a saved plan, which its first bytes show.
    #[command(flatten)]
    input: Input,
    /// Path of the ledger, which records every create [default: FILE.ledger]
    #[arg(long, value_name = "PATH", value_parser = paths::parser())]
    ledger: Option<PathBuf>,
    /// Apply the rows exactly as in this plan, or not at all
    #[arg(long, value_name = "PLAN", value_parser = paths::parser())]
    plan: Option<PathBuf>,
    /// Write a report in the format of its ending: csv, json, jsonl, md, xml
    /// (JUnit), html or txt; then only --output json prints all rows
    #[arg(long, value_name = "PATH", value_parser = paths::parser(), verbatim_doc_comment)]
    report: Option<PathBuf>,
    /// Write the rows that were not applied to a file, unchanged
    #[arg(long, value_name = "PATH", value_parser = paths::parser())]
    failed: Option<PathBuf>,
    /// Only show what would be done
    #[arg(long)]
    dry_run: bool,
    /// On a terminal: apply without a question
    #[arg(long, short)]
    yes: bool,
    /// Maximum number of requests at once
    #[arg(long, value_name = "N", default_value = "16")]
    in_flight: NonZeroUsize,
    /// After a create with an unknown outcome, how long to look for the
    /// integration: the server may still be creating it
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = options::seconds, verbatim_doc_comment)]
    reconcile_timeout: Duration,
    /// Progress on stderr: auto (people) or json (programs)
    #[arg(long, value_name = "FORM", value_enum, default_value = "auto", hide_possible_values = true)]
    progress: Form,
}

/// Applies rows or a plan.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let (input, saved) = input_and_plan(options)?;
    if options.dry_run {
        let ledger = options.ledger.clone();
        return plan::run(&plan::Options { input, ledger, out: None, exit_code: false }, saved.as_ref(), global);
    }
    let path = checked_ledger_path(options, &input, saved.is_some())?;
    let fleet = input.read(global)?;
    let client = Account::of(global)?.client(global)?;
    let ledger = result_files::open_ledger(&path)?;
    let asks = !options.yes && !input.is_stdin() && options.progress == Form::Auto && is_attended();
    let cancel = Cancel::default();
    let mut display = Display::new(options.progress, &cancel);
    let report = calls::block_on(async {
        let mut stop = pin!(signals::first_signal(ended(&path), global.is_json())?);
        let planned = match asks {
            true => tokio::select! {
                plan = confirmed(&fleet, &client, &ledger) => Some(plan?),
                () = &mut stop => return Err(Failure::new(Exit::NotSent, "stopped before anything was sent")),
            },
            false => None,
        };
        let mut apply = fleet.apply(&client, &ledger).in_flight(options.in_flight.get());
        apply = apply.reconcile_timeout(options.reconcile_timeout).cancel(&cancel);
        apply = apply.on_progress(|progress| display.update(progress));
        apply = saved.iter().fold(apply, Apply::as_planned);
        apply = planned.into_iter().fold(apply, Apply::planned);
        finished(apply, stop, &cancel).await
    });
    display.finish();
    let report = report?;
    print(&report, &fleet, options, global)?;
    let Some(exit) = exit(&report) else {
        failure::note(&report.summary());
        return Ok(());
    };
    Err(incomplete(&report, exit, &path))
}

/// Returns the path of the ledger, once all files of the results can be written and none is another file of the run.
fn checked_ledger_path(options: &Options, input: &Input, has_plan: bool) -> Result<PathBuf, Failure> {
    let ledger = result_files::ledger_path(options.ledger.as_deref(), input);
    // A plan in place of the rows, or beside them.
    let plan = options.plan.as_ref().or(has_plan.then_some(&options.input.file));
    let results = [("the report", &options.report), ("the rows that were not applied", &options.failed)];
    let mut files =
        vec![("the rows", input.path()), ("the plan", plan.map(|it| &**it)), ("the ledger", ledger.as_deref())];
    files.extend(results.map(|(role, path)| (role, path.as_deref())));
    result_files::check_distinct(&files)?;
    results.iter().filter_map(|(_, path)| path.as_deref()).try_for_each(result_files::check)?;
    options.report.as_deref().map(result_files::report_format).transpose()?;
    options.failed.as_deref().map(result_files::check_writable_format).transpose()?;
    ledger.ok_or_else(|| {
        Failure::bad_input("rows from standard input or a pipe need a ledger: --ledger PATH")
            .hint("the same ledger resumes an interrupted run; nothing was sent")
    })
}

/// Runs until the end, or until a signal stops the run and the responses have arrived.
async fn finished(apply: Apply<'_>, stop: impl Future<Output = ()>, cancel: &Cancel) -> Result<Report, Failure> {
    let mut run = pin!(apply.run());
    let report = tokio::select! {
        report = &mut run => report,
        () = stop => {
            cancel.cancel();
            failure::note(
                "stopping: no more requests are sent, and the responses to those in flight are awaited; a second \
                 signal ends this at once, and the next run looks for them",
            );
            run.await
        }
    };
    report.map_err(Failure::from)
}

/// Returns whether a person can read a question and answer it.
fn is_attended() -> bool {
    stdin().is_terminal() && stderr().is_terminal()
}

/// Plans, and returns the plan once the user has agreed to its changes.
async fn confirmed(fleet: &Fleet, client: &Client, ledger: &Ledger) -> Result<Plan, Failure> {
    let plan = fleet.plan(client, Some(ledger)).await?;
    if !plan.has_changes() {
        return Ok(plan);
    }
    let text = plan.to_string();
    let lines: Vec<_> = text.lines().collect();
    let (counts, steps) = lines.split_last().map_or(("", &lines[..]), |(counts, steps)| (*counts, steps));
    for line in steps.iter().take(MAX_SHOWN) {
        let _ = writeln!(stderr(), "{}", printable(line));
    }
    if steps.len() > MAX_SHOWN {
        let _ = writeln!(stderr(), "and {} more lines, which 'ocamba fleet plan' shows", steps.len() - MAX_SHOWN);
    }
    let _ = writeln!(stderr(), "{counts}");
    plan::note(&plan, plan::tier(client).await);
    let _ = write!(stderr(), "Apply? [y/N] ");
    // On its own thread, so that a signal ends the wait.
    let answer = tokio::task::spawn_blocking(|| {
        let mut answer = String::new();
        stdin().read_line(&mut answer).map(|_| answer)
    });
    match answer.await {
        Ok(Ok(answer)) if ["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str()) => Ok(plan),
        _ => Err(Failure::new(Exit::NotSent, "not applied; nothing was sent").hint("--yes applies without a question")),
    }
}

/// Returns the rows, and the plan that binds them. A plan in place of the rows has their path.
fn input_and_plan(options: &Options) -> Result<(Input, Option<SavedPlan>), Failure> {
    let mut input = options.input.clone();
    if let Some(plan) = &options.plan {
        return Ok((input, Some(SavedPlan::read(plan)?)));
    }
    if input.is_stdin() || !SavedPlan::is_at(&input.file) {
        return Ok((input, None));
    }
    let saved = SavedPlan::read(&input.file)?;
    let plan = std::mem::replace(&mut input.file, PathBuf::from(&saved.input));
    if !input.file.exists() {
        let hint = format!("give the rows again: 'ocamba fleet apply FILE --plan {}'", plan.display());
        return Err(Failure::bad_input(format!("the rows of the plan do not exist: {}", saved.input)).hint(hint));
    }
    Ok((input, Some(saved)))
}

/// Prints the report, and writes the files of the results: each of them, also where another cannot be written.
fn print(report: &Report, fleet: &Fleet, options: &Options, global: &Global) -> Result<(), Failure> {
    let table = |report: &Report| {
        let mut text = Vec::new();
        // Writing to memory cannot fail.
        let _ = report.write(ReportFormat::Table, &mut text);
        String::from_utf8_lossy(&text).into_owned()
    };
    let printed = match (&options.report, global.output) {
        // What is done is in the report already.
        (Some(_), None | Some(Format::Table)) if report.is_complete() => Ok(()),
        (Some(path), None | Some(Format::Table)) => {
            let mut some = report.unfinished();
            let more = some.rows.len().saturating_sub(MAX_SHOWN);
            some.rows.truncate(MAX_SHOWN);
            let more = (more > 0).then(|| format!("and {more} more rows that are not done, in {}\n", path.display()));
            output::write(&format!("{}{}", table(&some), more.unwrap_or_default()))
        }
        _ => output::json(&report.rows).and_then(|rows| output::print(global.output, &rows, || table(report))),
    };
    let reported = options.report.as_ref().map_or(Ok(()), |path| {
        result_files::write_report(report, path)?;
        failure::note(&format!("the report is in {}", path.display()));
        Ok(())
    });
    let failed = options.failed.as_ref().map_or(Ok(()), |path| {
        let count = result_files::write_failed(fleet, report, path)?;
        if count > 0 {
            failure::note(&format!("{count} rows are in {}, unchanged", path.display()));
        }
        Ok(())
    });
    result_files::write_job_summary(report, &options.input);
    printed.and(reported).and(failed).map_err(|failure| result_files::too_late(failure, report))
}

/// Returns the failure of a run that a second signal ended.
fn ended(ledger: &Path) -> Failure {
    Failure::new(Exit::OutcomeUnknown, "ended by a second signal, before all responses arrived")
        .note("outcome", "unknown: the requests in flight may have taken effect".to_owned())
        .hint(format!(
            "apply again: the run looks for them first; their intents are in its ledger {}",
            ledger.display()
        ))
}

/// Returns the failure of a run that did not apply all rows.
fn incomplete(report: &Report, exit: Exit, ledger: &Path) -> Failure {
    let (code, message) = match &report.stopped {
        Some(why) => ("stopped", format!("stopped: {why}")),
        None => ("incomplete", "some rows were not applied".to_owned()),
    };
    let counts = RowOutcome::ALL.map(|outcome| (outcome.to_string(), report.count(outcome).into()));
    Failure::new(exit, message)
        .code(code)
        .note("rows", report.summary())
        .hint(next_step(report, exit, ledger))
        .fact("stopped", report.stopped.clone())
        .fact("counts", serde_json::Map::from_iter(counts))
}

/// Returns what to do after a run that did not apply all rows: to apply the same rows again helps only where it may have another
/// result.
fn next_step(report: &Report, exit: Exit, ledger: &Path) -> String {
    let again = format!("apply again to resume this run: its ledger is {}", ledger.display());
    let passing = [ErrorKind::Connection, ErrorKind::Timeout, ErrorKind::RateLimit].map(ErrorKind::code);
    let is_passing = |row: &RowReport| row.code.as_deref().is_some_and(|code| passing.contains(&code));
    match exit {
        _ if report.count(RowOutcome::Pending) > 0 || report.rows.iter().any(is_passing) => again,
        Exit::OutcomeUnknown => format!("{again}; it looks for the rows with an unknown outcome first"),
        Exit::Rejected => "correct the rows that failed (--failed FILE writes them), then apply them".to_owned(),
        Exit::Duplicate => "resolve the conflicts that the report names, then apply again".to_owned(),
        _ => "look for these integrations in the account: 'ocamba integrations list'".to_owned(),
    }
}

/// Returns the exit code of a run that did not apply all rows.
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
