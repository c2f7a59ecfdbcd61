//! Processes that are stopped and continued at any moment of their calls, also for longer than the reconcile timeout, while the
//! clock is set back and forth and others ensure the same names: one integration for each name, and every claim true.

use std::path::Path;
use std::time::{Duration, Instant};

use ocamba_history::Operation;
use ocamba_hood::{Action, Client, RateLimit, Tier};
use ocamba_sandbox::Sandbox;
use serde_json::json;
use tokio::process::{Child, Command};
use tokio::time::sleep;

use crate::Result;
use crate::ensure::outcome;
use crate::history::{Recorder, check_history};
use crate::redis::Redis;
use crate::support::{counted, faults, worker};
use crate::workers::request;

const PROCESSES: usize = 6;
const TIMEOUT: Duration = Duration::from_secs(1);
const CONNECT_TIMEOUT: Duration = Duration::from_millis(200);
/// Time between the client's timeout and a late commit.
const LATE: Duration = Duration::from_millis(150);
/// Longer than [`LATE`] and most stops: the late commit counts from the arrival, and the timeout from the call.
const RECONCILE_TIMEOUT: Duration = Duration::from_millis(2_500);
/// Probability of a late commit.
const LATE_PROBABILITY: f64 = 0.004;
/// Longer than Redis keeps the lock of a holder that does not extend it.
const LONGEST_STOP: Duration = Duration::from_secs(33);
/// The stop that is so long; the short form has fewer.
const LONGEST_STOP_AT: usize = 1_000;
/// Shift of the clock, in seconds.
const SHIFTS: [i64; 6] = [0, 0, 90, -90, 7_200, -7_200];
/// The library that sets the clock.
const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../crates/hood/tests/support/faults.c");

/// Makes `runs` calls in all processes together, with names that are locked by file, and again with those of Redis.
pub async fn run(runs: usize, seed: u64) -> Result {
    let folder = tempfile::tempdir()?;
    let redis = Redis::start("stops");
    let library = folder.path().join("faults.so");
    let compiled = Command::new("cc").args(["-shared", "-fPIC", SOURCE, "-o"]).arg(&library).status().await?;
    if !compiled.success() {
        return Err("cc failed".into());
    }
    for (storage, url) in [("file", String::new()), ("Redis", redis.url.clone())] {
        trial(storage, &url, runs, seed, folder.path()).await.map_err(|error| format!("{storage}: {error}"))?;
    }
    Ok(())
}

async fn trial(storage: &str, redis: &str, runs: usize, seed: u64, folder: &Path) -> Result {
    let slow = json!({ "fault": { "delay": { "ms": 3 } } });
    let faults = faults(TIMEOUT + LATE, Some(LATE_PROBABILITY)).into_iter().chain([slow]).collect::<Vec<_>>();
    let faults = json!({ "seed": seed, "faults": faults }).to_string().parse()?;
    let sandbox = Sandbox::builder().no_limits().journal(runs * 80).faults(faults).start().await?;
    let (clock, started) = (folder.join("clock"), Instant::now());
    let (mut children, mut outputs) = (Vec::new(), Vec::new());
    for number in 0..PROCESSES {
        let output = folder.join(format!("history-{number}"));
        let mut command = worker("stop-worker", &sandbox)?;
        command.args([(runs / PROCESSES).to_string(), (seed + number as u64).to_string(), redis.to_owned()]);
        // Processes that share Redis are on machines of their own.
        let files = folder.join(if redis.is_empty() { "files".to_owned() } else { format!("files-{number}") });
        command.env("OCAMBA_RATE_LIMIT_DIR", files).env("LD_PRELOAD", folder.join("faults.so")).env("FAULTS", &clock);
        children.push(command.stdout(std::fs::File::create(&output)?).spawn()?);
        outputs.push(output);
    }
    let stops = Stops::new(seed).run(&mut children, &clock).await?;
    let mut history = Vec::new();
    for output in outputs {
        history.extend(ocamba_history::read(&std::fs::read_to_string(output)?)?);
    }
    let outcomes: Vec<_> = history.iter().filter_map(outcome).collect();
    if outcomes.len() < runs / PROCESSES * PROCESSES {
        return Err(format!("{} of {runs} calls were reported", outcomes.len()).into());
    }
    let summary = check_history(&sandbox, &history, LATE + TIMEOUT).await?;
    let (names, calls, outcomes) = (sandbox.integrations().len(), outcomes.len(), counted(outcomes));
    let seconds = started.elapsed().as_secs_f64();
    println!("  {storage}: {calls} calls in {seconds:.0} s, {names} names: {outcomes}; {stops}; {summary}");
    Ok(())
}

/// Stops and continues processes, and sets their clock.
struct Stops {
    random: fastrand::Rng,
    /// The stopped processes, and when they continue.
    stopped: Vec<(usize, Instant)>,
    count: usize,
    long: usize,
    steps: usize,
}

impl Stops {
    fn new(seed: u64) -> Self {
        Self { random: fastrand::Rng::with_seed(seed), stopped: Vec::new(), count: 0, long: 0, steps: 0 }
    }

    /// Continues until all processes have ended, and returns a summary.
    async fn run(mut self, children: &mut [Child], clock: &Path) -> Result<String> {
        loop {
            let mut running = Vec::new();
            for (index, child) in children.iter_mut().enumerate() {
                match child.try_wait()? {
                    None => running.push(index),
                    Some(status) if status.success() => {}
                    Some(status) => return Err(format!("a worker failed: {status}").into()),
                }
            }
            if running.is_empty() {
                break;
            }
            let due: Vec<_> = self.stopped.extract_if(.., |(_, until)| *until <= Instant::now()).collect();
            for (index, _) in due {
                set_running(&children[index], true)?;
            }
            running.retain(|index| self.stopped.iter().all(|(stopped, _)| stopped != index));
            // Half of them continue meanwhile.
            if self.stopped.len() < PROCESSES / 2 && !running.is_empty() {
                let index = running[self.random.usize(..running.len())];
                set_running(&children[index], false)?;
                let pause = self.pause();
                self.stopped.push((index, Instant::now() + pause));
            }
            if self.random.u8(..20) == 0 {
                let shift = SHIFTS[self.random.usize(..SHIFTS.len())];
                let new = clock.with_extension("new");
                std::fs::write(&new, format!("clock {shift}\n"))?;
                std::fs::rename(new, clock)?;
                self.steps += 1;
            }
            sleep(Duration::from_millis(self.random.u64(1..5))).await;
        }
        let Self { count, long, steps, .. } = self;
        Ok(format!("{count} stops, {long} of them past the reconcile timeout, {steps} steps of the clock"))
    }

    /// Returns for how long a process is stopped: mostly for milliseconds, and rarely for longer than its call may take.
    fn pause(&mut self) -> Duration {
        self.count += 1;
        if self.count == LONGEST_STOP_AT {
            self.long += 1;
            return LONGEST_STOP;
        }
        let (from, to) = match self.random.u8(..160) {
            0 => (TIMEOUT, TIMEOUT + RECONCILE_TIMEOUT * 2),
            1 | 2 => (TIMEOUT / 2, TIMEOUT),
            _ => return Duration::from_millis(self.random.u64(1..20)),
        };
        let pause = from + (to - from).mul_f64(self.random.f64());
        self.long += usize::from(pause > RECONCILE_TIMEOUT);
        pause
    }
}

/// Stops or continues a process, unless it has ended.
#[cfg(unix)]
fn set_running(child: &Child, is_running: bool) -> Result {
    use rustix::process::{Pid, Signal, kill_process};
    let signal = if is_running { Signal::CONT } else { Signal::STOP };
    let id = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    Ok(id.map_or(Ok(()), |id| kill_process(id, signal))?)
}

#[cfg(not(unix))]
fn set_running(_: &Child, _: bool) -> Result {
    Err("only Unix stops processes".into())
}

/// Ensures the names of all processes, and creates others, which it searches for.
pub async fn work(runs: usize, seed: u64, redis: &str) -> Result {
    let rate_limit = if redis.is_empty() { RateLimit::shared() } else { RateLimit::redis(redis) };
    let rate_limit = rate_limit.tier(Tier { burst: 1_000, steady: 60_000 });
    let client = Client::builder().timeout(TIMEOUT).connect_timeout(CONNECT_TIMEOUT).rate_limit(rate_limit).build()?;
    let integrations = client.integrations();
    let recorder = Recorder::default();
    let mut random = fastrand::Rng::with_seed(seed);
    for number in 0..runs {
        if random.u8(..4) > 0 {
            // All processes ensure the same names at about the same time.
            let name = format!("name-{}", number.saturating_sub(random.usize(..3)));
            let mut report = recorder.begin(Operation::Ensure, &name);
            let error = match integrations.ensure(request(&name)).reconcile_timeout(RECONCILE_TIMEOUT).await {
                Ok(ensured) => {
                    report.created = Some(ensured.action == Action::Created);
                    report.integration = Some(ensured.integration.id);
                    None
                }
                Err(error) => Some(error),
            };
            recorder.end(report, error.as_ref());
            continue;
        }
        let name = format!("own-{seed}-{number}");
        let mut report = recorder.begin(Operation::Create, &name);
        let created = integrations.create(request(&name)).await;
        let error = created.map(|created| report.integration = Some(created.id)).err();
        recorder.end(report, error.as_ref());
        if let Some(error) = error.filter(|error| error.outcome() == ocamba_hood::Outcome::Unknown) {
            let mut report = recorder.begin(Operation::FindCreated, &name);
            let found = integrations.find_created(&error).reconcile_timeout(RECONCILE_TIMEOUT).await;
            let error = found.map(|found| report.integration = found.map(|found| found.id)).err();
            recorder.end(report, error.as_ref());
        }
    }
    Ok(())
}
