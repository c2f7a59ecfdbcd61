//! `ensure` in concurrent processes, with common names and with faults in all of its requests: one integration for each name.

use std::time::{Duration, Instant};

use ocamba_history::{Event, Operation};
use ocamba_hood::{Action, Client, ErrorKind, Outcome};
use ocamba_sandbox::Sandbox;
use serde_json::json;
use tokio::time::sleep;

use crate::Result;
use crate::history::{Recorder, check_history};
use crate::support::{counted, faults, worker};
use crate::workers::request;

const PROCESSES: usize = 8;
/// Average number of calls for each name.
const CALLS_A_NAME: usize = 4;
/// Longer than [`LATE`].
const RECONCILE_TIMEOUT: Duration = Duration::from_millis(4_000);
/// Time between the client's timeout and a late commit.
const LATE: Duration = Duration::from_millis(300);
/// Probability of a late commit. It takes long, so it is rare.
const LATE_PROBABILITY: f64 = 0.004;
const TIMEOUT: Duration = Duration::from_secs(5);
const IMPATIENCE: Duration = Duration::from_millis(400);
/// Short, since creates that nobody knows may be sent for as long after Redis lost its data.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(200);
/// Time after which a call that was not sent is repeated.
const PAUSE: Duration = Duration::from_millis(50);
/// Number of names that are ensured at the same time.
const NEARBY: usize = 2;

/// Makes `runs` calls in all processes together.
pub async fn run(runs: usize, seed: u64) -> Result {
    let faults =
        json!({ "seed": seed, "faults": faults(TIMEOUT + LATE, Some(LATE_PROBABILITY)) }).to_string().parse()?;
    let sandbox = Sandbox::builder().no_limits().journal(runs * 40).faults(faults).start().await?;
    // For the locks of the names, which the processes share.
    let folder = tempfile::tempdir()?;
    let started = Instant::now();
    let mut workers = Vec::new();
    for number in 0..PROCESSES {
        let mut command = worker("ensure-worker", &sandbox)?;
        let names = (runs / CALLS_A_NAME).max(1);
        command.args(worker_arguments(runs / PROCESSES, 0, names, seed + number as u64, false));
        command.env("OCAMBA_RATE_LIMIT", "off").env("OCAMBA_RATE_LIMIT_DIR", folder.path());
        workers.push(tokio::spawn(command.spawn()?.wait_with_output()));
    }
    let mut history = Vec::new();
    for worker in workers {
        history.extend(ocamba_history::read(&String::from_utf8(worker.await??.stdout)?)?);
    }
    let outcomes: Vec<_> = history.iter().filter_map(outcome).collect();
    let calls = outcomes.len();
    if calls != runs / PROCESSES * PROCESSES {
        return Err(format!("{calls} of {runs} calls were reported").into());
    }
    let seconds = started.elapsed().as_secs_f64();
    let summary = check_history(&sandbox, &history, LATE + TIMEOUT).await?;
    let (names, outcomes) = (sandbox.integrations().len(), counted(outcomes));
    println!("  {calls} calls in {seconds:.0} s, {names} names: {outcomes}; {summary}");
    Ok(())
}

/// Returns the outcome of a call, or whether it created the integration.
pub fn outcome(event: &Event) -> Option<String> {
    match event {
        Event::Invoke { .. } => None,
        Event::Return { created: Some(true), .. } => Some("created".to_owned()),
        Event::Return { created: Some(false), .. } => Some("adopted".to_owned()),
        Event::Return { outcome, .. } => Some(outcome.to_string()),
    }
}

/// Returns the arguments of a worker, in the order of [`work`].
pub fn worker_arguments(runs: usize, first: usize, names: usize, seed: u64, is_impatient: bool) -> Vec<String> {
    let numbers = [runs, first, names].map(|number| number.to_string());
    numbers.into_iter().chain([seed.to_string(), is_impatient.to_string()]).collect()
}

/// Ensures names from the first on, one after another, so that all processes do so at the same time. The seed chooses among
/// those nearby. One who is impatient gives some calls up before the server is late.
pub async fn work(runs: usize, first: usize, names: usize, seed: u64, is_impatient: bool) -> Result {
    let client = Client::builder().timeout(TIMEOUT).connect_timeout(CONNECT_TIMEOUT).build()?;
    let recorder = Recorder::default();
    let mut random = fastrand::Rng::with_seed(seed);
    let mut not_sent = None;
    for run in 0..runs {
        let name = || format!("name-{}", first + run * names / runs + random.usize(..NEARBY));
        let name = not_sent.take().unwrap_or_else(name);
        let status = if random.u8(..4) == 0 { "paused" } else { "active" };
        let timeout = if is_impatient && random.u8(..4) == 0 { IMPATIENCE } else { TIMEOUT };
        let mut report = recorder.begin(Operation::Ensure, &name);
        let ensure = client.integrations().ensure(request(&name).status(status)).timeout(timeout);
        let ensured = ensure.reconcile_timeout(RECONCILE_TIMEOUT).await;
        let error = match ensured {
            Ok(ensured) => {
                report.created = Some(ensured.action == Action::Created);
                report.integration = Some(ensured.integration.id);
                None
            }
            Err(error) => Some(error),
        };
        recorder.end(report, error.as_ref());
        // Without Redis nothing is sent. A lock that it has kept though it was released is not waited for.
        if error.is_some_and(|error| error.outcome() == Outcome::NotSent && error.kind() != ErrorKind::Timeout) {
            sleep(PAUSE).await;
            not_sent = Some(name);
        }
    }
    Ok(())
}
