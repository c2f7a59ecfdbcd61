//! Creates whose connection fails at every byte of the request and the response, in each way, in every language. The other
//! operations fail at fewer bytes.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use ocamba_history::{Event, Journal, Outcome};
use ocamba_sandbox::Sandbox;
use ocamba_sandbox::faults::Faults;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::Result;
use crate::history::{self, Report, journal_of};
use crate::support::trust;
use crate::workers::{Task, Worker, languages};

/// Timeout of a call, in seconds.
const TIMEOUT: f64 = 0.1;
/// Maximum delay after the timeout, in seconds.
const LATE: f64 = 0.05;
/// Attempts of a call that is late, since the machine may be busy.
const TRIES: u32 = 5;
/// More bytes than a request or response has.
const BYTES: usize = 10_000;
/// Distance between the bytes in the first round, in which a worker allocates what it keeps.
const WARM_UP: usize = 40;
/// Factor of the distance for the other operations, which share their code with creates.
const COARSER: usize = 7;
/// An operation, and whether it changes the account.
type Operation = (&'static str, bool);
const CREATE: Operation = ("create", true);
const OTHERS: [Operation; 5] =
    [("get", false), ("list", false), ("validate", false), ("update", true), ("send_test", true)];
/// Maximum growth of a worker's memory, in bytes: less than the size of one connection or task for each failure.
const GROWTH: u64 = 16 << 20;

/// Fails at every `step`th byte, in plain HTTP or in TLS.
pub async fn run(step: usize, tls: bool) -> Result {
    for language in languages() {
        let summary = Trial::start(language, tls).await?.run(step).await.map_err(|e| format!("{language}: {e}"))?;
        println!("  {language}: {summary}");
    }
    Ok(())
}

/// A worker, and the sandbox that makes its calls fail.
struct Trial {
    sandbox: Sandbox,
    worker: Worker,
    failures: usize,
    history: Vec<Event>,
    /// The journal over all resets.
    journal: Journal,
    /// Number of calls.
    calls: usize,
    /// Number of calls that were late and repeated.
    again: usize,
    /// Duration of the longest call that failed, in seconds.
    longest: f64,
}

impl Trial {
    async fn start(language: &str, tls: bool) -> Result<Self> {
        let sandbox = Sandbox::builder().tls(tls).no_limits().start().await?;
        let environment = trust(&sandbox).into_iter().chain([("OCAMBA_RATE_LIMIT", "off".into())]).collect();
        let base_url = sandbox.base_url();
        let task = Task { base_url: &base_url, in_flight: 1, timeout: TIMEOUT, max_retries: 0, environment };
        let worker = Worker::start(language, &task)?;
        let (history, journal) = (Vec::new(), Journal::default());
        Ok(Self { sandbox, worker, failures: 0, history, journal, calls: 0, again: 0, longest: 0.0 })
    }

    async fn run(mut self, step: usize) -> Result<String> {
        self.fail_everywhere(CREATE, WARM_UP).await?;
        let before = self.at_rest(None).await?;
        (self.failures, self.again) = (0, 0);
        self.fail_everywhere(CREATE, step).await?;
        for other in OTHERS {
            self.fail_everywhere(other, step * COARSER).await?;
        }
        let after = self.at_rest(Some(&before)).await?;
        self.reset()?;
        let Self { worker, failures, history, journal, again, longest, .. } = self;
        // Fails if the worker printed a panic.
        worker.reports().await?;
        let summary = history::report(&history, &journal)?;
        let growth = after.memory.saturating_sub(before.memory);
        if growth > GROWTH {
            return Err(format!("{failures} failures took {growth} bytes of memory").into());
        }
        let (growth, longest) = (growth >> 10, longest * 1e3);
        Ok(format!(
            "{failures} failures, each in its error type; the longest took {longest:.0} ms of {:.0}, {again} late ones \
             repeated; {} files and {} tasks as before, {growth} KiB more memory; {summary}",
            TIMEOUT * 1e3,
            after.files,
            after.tasks
        ))
    }

    async fn fail_everywhere(&mut self, operation: Operation, step: usize) -> Result {
        let mut kinds: Vec<fn(usize) -> Value> = vec![
            |byte| json!({ "close": { "at": { "request": byte } } }),
            |byte| json!({ "reset": { "at": { "request": byte } } }),
            |byte| json!({ "close": { "at": { "answer": byte } } }),
            |byte| json!({ "reset": { "at": { "answer": byte } } }),
            // Stalls there for longer than the timeout.
            |byte| json!({ "drip": { "ms": 1_000, "after": byte } }),
        ];
        if self.sandbox.ca_certificate().is_some() {
            kinds.extend([
                |byte| json!({ "tls": { "cut_in_record": { "at": { "answer": byte } } } }),
                |byte| json!({ "tls": { "alert": { "at": { "request": byte } } } }),
                |byte| json!({ "tls": { "alert": { "at": { "answer": byte } } } }),
                |byte| json!({ "tls": { "half_close": { "at": { "request": byte } } } }),
                |byte| json!({ "tls": { "half_close": { "at": { "answer": byte } } } }),
                |byte| json!({ "tls": { "no_close_notify": { "at": { "answer": byte } } } }),
            ] as [fn(usize) -> Value; 6]);
        }
        for kind in kinds {
            // A fault after the last byte has no effect; then the loop ends.
            let mut bytes = (0..BYTES).step_by(step);
            loop {
                let byte = bytes.next().ok_or_else(|| format!("{} has no end", kind(0)))?;
                if self.fail(operation, &kind(byte)).await?.is_break() {
                    break;
                }
            }
        }
        for fault in [json!({ "hang": {} }), json!({ "hang": { "at": "commit" } }), json!({ "drip": { "ms": 5 } })] {
            if self.fail(operation, &fault).await?.is_break() {
                return Err(format!("{fault} did not fail").into());
            }
        }
        Ok(())
    }

    /// Makes one call with a fault. Breaks if it succeeded. Returns an error if it failed in another way than expected.
    async fn fail(&mut self, operation: Operation, fault: &Value) -> Result<ControlFlow<()>> {
        for tried in 0..TRIES - 1 {
            if let Some(flow) = self.fail_in_time(operation, fault).await? {
                return Ok(flow);
            }
            self.again += 1;
            // What slowed it may last a moment.
            sleep(Duration::from_millis(100) * 2_u32.pow(tried)).await;
        }
        self.fail_in_time(operation, fault)
            .await?
            .ok_or_else(|| format!("{fault}: the call was late {TRIES} times").into())
    }

    /// Like [`Self::fail`], but returns `None` if the call was late.
    async fn fail_in_time(&mut self, operation: Operation, fault: &Value) -> Result<Option<ControlFlow<()>>> {
        let (name, changes) = operation;
        self.reset()?;
        self.calls += 1;
        let number = self.calls;
        let (line, before) = match operation {
            CREATE => (format!("bytes-{number}"), 0),
            _ => {
                let Some(id) = self.worker.call(&format!("before-{number}")).await?.integration else {
                    return Ok(None);
                };
                (format!("{name}:{id}:other-{number}"), self.sandbox.journal().len())
            }
        };
        self.sandbox.set_faults(&json!({ "faults": [{ "fault": fault }] }).to_string().parse()?)?;
        let report = self.worker.call(&line).await.map_err(|e| format!("{name}, {fault}: {e}"))?;
        let committed = self.sandbox.journal().iter().skip(before).any(|entry| entry.committed);
        if !is_sound(&report, changes, committed) {
            return Err(format!("{name}, {fault}: committed is {committed}, and {report:?}").into());
        }
        if report.seconds > TIMEOUT + LATE {
            return Ok(None);
        }
        if report.outcome == Outcome::Ok {
            return Ok(Some(ControlFlow::Break(())));
        }
        self.failures += 1;
        self.longest = self.longest.max(report.seconds);
        Ok(Some(ControlFlow::Continue(())))
    }

    /// Takes history and journal so far, and resets the sandbox.
    fn reset(&mut self) -> Result {
        self.history.extend(self.worker.take_history());
        let (arrivals, journal) = (self.sandbox.arrivals(), self.sandbox.journal());
        self.sandbox.reset();
        let mut new = journal_of(&json!({ "arrivals": arrivals, "journal": journal }))?;
        let offset = self.journal.entries.len() as u64;
        new.arrivals.iter_mut().filter_map(|arrival| arrival.request.as_mut()).for_each(|id| *id += offset);
        new.entries.iter_mut().for_each(|entry| entry.id += offset);
        self.journal.arrivals.extend(new.arrivals);
        self.journal.entries.extend(new.entries);
        Ok(())
    }

    /// Makes a call that succeeds, and waits until the worker holds no more than before.
    async fn at_rest(&mut self, before: Option<&Held>) -> Result<Held> {
        self.sandbox.set_faults(&Faults::default())?;
        let started = Instant::now();
        loop {
            // Background tasks release closed connections.
            self.calls += 1;
            let report = self.worker.call(&format!("rest-{}", self.calls)).await?;
            let held = Held::of(&self.worker, &report)?;
            // After a late call, the connection is closed.
            let is_left = before.is_some_and(|before| held.files > before.files || held.tasks > before.tasks);
            if report.outcome == Outcome::Ok && !is_left {
                return Ok(held);
            }
            if started.elapsed() > Duration::from_secs(10) {
                return Err(format!("{held:?} is left after {:?}, and before it was {before:?}", report.outcome).into());
            }
        }
    }
}

/// Returns whether a report agrees with the journal.
fn is_sound(report: &Report, changes: bool, committed: bool) -> bool {
    let kind = report.kind.as_deref();
    match report.outcome {
        Outcome::Ok => committed == changes,
        Outcome::NotSent | Outcome::Rejected => !committed,
        Outcome::Applied => committed == changes && matches!(kind, Some("unreadable_response" | "timeout")),
        Outcome::Unknown => true,
        Outcome::Cancelled => false,
    }
}

/// Resources of a worker.
#[derive(Debug)]
struct Held {
    files: usize,
    tasks: usize,
    /// In bytes.
    memory: u64,
}

impl Held {
    /// Reads the resources. Files and memory are zero on systems without `/proc`.
    fn of(worker: &Worker, report: &Report) -> Result<Self> {
        let process = format!("/proc/{}", worker.child.id().ok_or("the worker has ended")?);
        let files = std::fs::read_dir(format!("{process}/fd")).map_or(0, Iterator::count);
        let status = std::fs::read_to_string(format!("{process}/status")).unwrap_or_default();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
        let memory = resident.map_or(Ok(0), str::parse::<u64>)? << 10;
        Ok(Self { files, tasks: report.tasks, memory })
    }
}
