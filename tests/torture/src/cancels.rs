//! Creates in Python and Node that time out, or that their callers cancel, while they connect and write: none that was not
//! sent arrived. The form in Rust is `deadlines`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ocamba_history::Outcome;
use ocamba_sandbox::Sandbox;

use crate::Result;
use crate::deadlines::deadlines;
use crate::history::check_history;
use crate::support::counted;
use crate::workers::{Task, Worker, languages};

/// Ways in which a call ends early, and the number of calls at a time. An interrupt ends the one call of its thread.
const WAYS: [(&str, &[(&str, usize)]); 2] = [
    ("python", &[("deadline", 8), ("cancel", 8), ("wait_for", 8), ("interrupt", 1)]),
    ("node", &[("deadline", 8), ("cancel", 8)]),
];
/// The deadlines, in microseconds: from before the connection until after the response.
const DEADLINES: std::ops::Range<f64> = 20.0..6_000.0;
/// Timeout of the calls that are cancelled, in seconds.
const TIMEOUT: f64 = 20.0;

/// Makes `creates` creates in each way, while all cores are busy.
pub async fn run(creates: usize, seed: u64) -> Result {
    let available = languages();
    for (language, ways) in WAYS.iter().filter(|(language, _)| available.contains(language)) {
        for (way, in_flight) in *ways {
            trial(language, way, *in_flight, creates, seed).await.map_err(|e| format!("{language}, {way}: {e}"))?;
        }
    }
    Ok(())
}

async fn trial(language: &str, way: &str, in_flight: usize, creates: usize, seed: u64) -> Result {
    let sandbox = Sandbox::builder().no_limits().journal(creates * 4).start().await?;
    let base_url = sandbox.base_url();
    let environment = vec![("OCAMBA_RATE_LIMIT", "off".into())];
    let task = Task { base_url: &base_url, in_flight, timeout: TIMEOUT, max_retries: 3, environment };
    let mut deadline = deadlines(DEADLINES, seed);
    let line = |number| format!("{way}:{:.6}:{number}\n", deadline().as_secs_f64());
    let lines = (0..creates).map(line).collect();
    let started = Instant::now();
    let mut worker = Worker::start(language, &task)?;
    worker.call_all(lines);
    let (reports, history) = {
        let _busy = Busy::start()?;
        worker.reports().await?
    };
    let outcomes = counted(reports.iter().map(|report| report.progress.unwrap_or(report.outcome)));
    let summary = check_history(&sandbox, &history, Duration::from_millis(500)).await;
    let summary = summary.map_err(|error| format!("{outcomes}: {error}"))?;
    if reports.len() != creates || reports.iter().all(|report| report.outcome == Outcome::Ok) {
        return Err(format!("{} of {creates} creates were reported: {outcomes}", reports.len()).into());
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("  {language}, {way}: {creates} creates in {seconds:.0} s: {outcomes}; {summary}");
    Ok(())
}

/// Keeps all cores busy until it is dropped, so that the parts of a call interrupt each other.
struct Busy(&'static AtomicBool);

impl Busy {
    fn start() -> Result<Self> {
        let is_over: &AtomicBool = Box::leak(Box::default());
        for _ in 0..std::thread::available_parallelism()?.get() {
            std::thread::spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        Ok(Self(is_over))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
