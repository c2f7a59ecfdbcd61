//! Writes histories of calls, and has them checked with the sandbox's journal.

use std::io::Write;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ocamba_history::{Event, Journal, Operation, Outcome, check};
use ocamba_sandbox::Sandbox;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::Result;

/// The end of a call: a `return` of the history, with what only the trials need.
#[derive(Debug, Deserialize, Serialize)]
pub struct Report {
    pub id: String,
    pub name: String,
    pub outcome: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress: Option<Outcome>,
    /// ID of the returned integration, if any.
    pub integration: Option<String>,
    /// Whether an `ensure` created it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<bool>,
    /// Code of the error, if any.
    pub kind: Option<String>,
    /// Duration of the call.
    pub seconds: f64,
    /// Number of tasks (in Node: resources) of the worker after the call.
    pub tasks: usize,
    #[serde(skip)]
    began: Option<Instant>,
}

/// Prints the history of a process in Rust.
#[derive(Default)]
pub struct Recorder {
    calls: AtomicUsize,
}

impl Recorder {
    /// Prints that a call begins, and returns its report to complete.
    pub fn begin(&self, operation: Operation, name: &str) -> Report {
        let id = format!("{}-{}", std::process::id(), self.calls.fetch_add(1, Ordering::Relaxed));
        let process = format!("rust-{}", std::process::id());
        print(&json!({
            "event": "invoke", "id": id, "process": process, "operation": operation, "name": name, "at_ms": now_ms(),
        }));
        Report {
            id,
            name: name.to_owned(),
            outcome: Outcome::Ok,
            progress: None,
            integration: None,
            created: None,
            kind: None,
            seconds: 0.0,
            tasks: 0,
            began: Some(Instant::now()),
        }
    }

    /// Prints that a call has ended.
    pub fn end(&self, mut report: Report, error: Option<&ocamba_hood::Error>) {
        report.seconds = report.began.map_or(0.0, |began| began.elapsed().as_secs_f64());
        report.tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
        if let Some(error) = error {
            report.outcome = outcome(error);
            report.kind = Some(error.code().to_owned());
        }
        let mut line = json!(report);
        line["event"] = "return".into();
        line["at_ms"] = now_ms().into();
        print(&line);
    }
}

/// Returns the outcome of an error.
pub fn outcome(error: &ocamba_hood::Error) -> Outcome {
    match error.outcome() {
        ocamba_hood::Outcome::NotSent => Outcome::NotSent,
        ocamba_hood::Outcome::Rejected => Outcome::Rejected,
        ocamba_hood::Outcome::Applied => Outcome::Applied,
        _ => Outcome::Unknown,
    }
}

/// Waits until the sandbox has been quiet for this time, checks a history of all its calls, and returns a summary.
pub async fn check_history(sandbox: &Sandbox, history: &[Event], quiet: Duration) -> Result<String> {
    let mut before = None;
    loop {
        let (arrivals, journal) = (sandbox.arrivals(), sandbox.journal());
        let seen = (arrivals.len(), journal.iter().filter(|entry| entry.committed).count());
        if before == Some(seen) {
            return report(history, &journal_of(&json!({ "arrivals": arrivals, "journal": journal }))?);
        }
        before = Some(seen);
        sleep(quiet).await;
    }
}

/// Reads a journal that a sandbox wrote.
pub fn journal_of(text: &Value) -> Result<Journal> {
    Ok(Journal::deserialize(text)?)
}

/// Checks a history. Of one that breaks a rule, it shows some violations, and keeps the files.
pub fn report(history: &[Event], journal: &Journal) -> Result<String> {
    let violations = check(history, journal);
    if violations.is_empty() {
        return Ok(format!("{} requests arrived, no violation", journal.arrivals.len()));
    }
    let folder = tempfile::Builder::new().prefix("torture-").tempdir()?.keep();
    std::fs::write(folder.join("journal.json"), serde_json::to_string(journal)?)?;
    let mut file = std::io::BufWriter::new(std::fs::File::create(folder.join("history.jsonl"))?);
    for event in history {
        writeln!(file, "{}", serde_json::to_string(event)?)?;
    }
    file.flush()?;
    violations.iter().take(10).for_each(|violation| println!("  {violation}"));
    let calls = history.iter().filter(|event| matches!(event, Event::Invoke { .. })).count();
    Err(format!("{} violations in {calls} calls; see {}", violations.len(), folder.display()).into())
}

/// Returns the time, which a clock that is set does not change.
fn now_ms() -> f64 {
    static START: LazyLock<(SystemTime, Instant)> = LazyLock::new(|| (SystemTime::now(), Instant::now()));
    let (wall, at) = *START;
    (wall + at.elapsed()).duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1e3
}

/// Prints a line at once, so that it outlives the process.
fn print(line: &Value) {
    println!("{line}");
}
