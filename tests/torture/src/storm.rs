//! Many concurrent processes of one account, without settings except for the base URL and the token.

use std::ffi::OsString;
use std::time::Duration;

use ocamba_sandbox::Sandbox;
use tokio::time::sleep;

use crate::Result;
use crate::history::{Report, check_history};
use crate::redis::Redis;
use crate::support::{BURST, STEADY, least, trust};
use crate::workers::{RETRIES, Task, Worker, languages};

const PROCESSES: usize = 8;
/// Maximum share of time that a storm may waste.
const SLACK: f64 = 0.03;
/// Seconds that the last responses may take.
const LATENCY: f64 = 0.5;
/// Number of storms of which one must end in time: a busy machine slows some.
const TRIES: u32 = 3;

/// Runs three storms: processes share the rate limit by file, by Redis, and by file while some are killed.
pub async fn run(creates: usize, tls: bool) -> Result {
    let total = PROCESSES * creates;
    println!(
        "{PROCESSES} processes of {creates} creates, in {}; minimum {:.1} s",
        languages().join(", "),
        least(total)
    );

    let folders = tempfile::tempdir()?;
    let one: OsString = folders.path().join("one").into();
    storm("shared by file", creates, tls, false, |_| vec![("OCAMBA_RATE_LIMIT_DIR", one.clone())]).await?;

    let redis = Redis::start("storm");
    // Two groups that share no files.
    let group = |index: usize| OsString::from(folders.path().join(format!("group-{}", index % 2)));
    let environment =
        |index| vec![("OCAMBA_RATE_LIMIT_DIR", group(index)), ("OCAMBA_RATE_LIMIT", redis.url.clone().into())];
    storm("shared by Redis, two groups", creates, tls, false, environment).await?;

    let other: OsString = folders.path().join("killed").into();
    storm("shared by file, half killed", creates, tls, true, |_| vec![("OCAMBA_RATE_LIMIT_DIR", other.clone())]).await
}

/// Returns the least time of the last commit, if the rate limit had been used in full since `ready`. Times are in seconds.
fn least_end(times: &[f64], ready: f64) -> f64 {
    let mut least: Vec<f64> = times.iter().copied().filter(|time| *time <= ready).collect();
    while least.len() < times.len() {
        let after = |count, window| least.len().checked_sub(count).map_or(ready, |index: usize| least[index] + window);
        least.push(ready.max(after(BURST, 1.0)).max(after(STEADY, 60.0)));
    }
    least.last().copied().unwrap_or_default()
}

/// Repeats a storm that took too long.
async fn storm(
    name: &str,
    creates: usize,
    tls: bool,
    kill: bool,
    environment: impl Fn(usize) -> Vec<(&'static str, OsString)>,
) -> Result {
    for tried in 0..TRIES {
        // What slowed it may last a moment.
        sleep(Duration::from_secs(2) * tried).await;
        if once(name, creates, tls, kill, &environment).await? {
            return Ok(());
        }
    }
    Err(format!("{name}: all of {TRIES} storms took too long").into())
}

/// Returns whether a storm ended in time.
async fn once(
    name: &str,
    creates: usize,
    tls: bool,
    kill: bool,
    environment: impl Fn(usize) -> Vec<(&'static str, OsString)>,
) -> Result<bool> {
    let sandbox = Sandbox::builder().tls(tls).start().await?;
    let base_url = sandbox.base_url();
    let languages = languages();
    let mut workers = Vec::new();
    for index in 0..PROCESSES {
        let environment = environment(index).into_iter().chain(trust(&sandbox)).collect();
        let task = Task { base_url: &base_url, in_flight: 4, timeout: 300.0, max_retries: RETRIES, environment };
        workers.push(Worker::start(languages[index % languages.len()], &task)?);
    }
    // The start of an interpreter takes time of its own, so each process makes one create before the measurement begins.
    for (index, worker) in workers.iter_mut().enumerate() {
        worker.call(&format!("{}first", prefix(index))).await?;
    }
    for (index, worker) in workers.iter_mut().enumerate() {
        worker.create_all(&prefix(index), creates);
    }
    let mut victims = Vec::new();
    if kill {
        // Half of them, one after another, during their work.
        for index in (0..PROCESSES).step_by(2) {
            sleep(Duration::from_millis(700)).await;
            workers[index].child.start_kill()?;
            victims.push(prefix(index));
        }
    }
    let (mut reports, mut history) = (Vec::new(), Vec::new());
    for worker in workers {
        let (ended, calls) = worker.reports().await?;
        reports.extend(ended);
        history.extend(calls);
    }
    check_history(&sandbox, &history, Duration::from_millis(200)).await?;
    check(name, creates, &sandbox, &reports, &victims)
}

/// Returns the prefix of a process's names.
fn prefix(index: usize) -> String {
    format!("storm-{index}-")
}

fn check(name: &str, creates: usize, sandbox: &Sandbox, reports: &[Report], victims: &[String]) -> Result<bool> {
    let journal = sandbox.journal();
    let refused = journal.iter().filter(|entry| entry.status == Some(429)).count();
    let committed: Vec<_> = journal.iter().filter(|entry| entry.committed).collect();
    let times: Vec<f64> = committed.iter().map(|entry| entry.at_ms / 1e3).collect();
    let ready = times.get(PROCESSES - 1).copied().unwrap_or_default();
    let took = times.last().map_or(0.0, |last| last - ready);
    let least = least_end(&times, ready) - ready;
    println!(
        "  {name}: {} created, {refused} refused, {took:.2} s, {:.3} of the minimum",
        committed.len(),
        took / least.max(0.001)
    );

    if refused > 0 {
        return Err(format!("{name}: {refused} requests were refused with 429").into());
    }
    for index in 0..PROCESSES {
        let prefix = prefix(index);
        let done = reports.iter().filter(|r| r.name.starts_with(&prefix) && r.integration.is_some()).count();
        if !victims.contains(&prefix) && done != creates {
            let failed = reports.iter().find(|r| r.name.starts_with(&prefix) && r.integration.is_none());
            return Err(format!("{name}: process {index} created {done} of {creates}; {failed:?}").into());
        }
    }
    // Each killed process may have reserved one request, which the others wait for.
    let allowed = least * (1.0 + SLACK) + LATENCY + victims.len() as f64;
    if took > allowed {
        println!("  {name}: it took {took:.2} s, and the maximum is {allowed:.2} s");
    }
    Ok(took <= allowed)
}
