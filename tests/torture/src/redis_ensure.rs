//! `ensure` by processes of two users and two tokens, which share only a Redis: it is stopped, restarted and failed over, and
//! processes are stopped and killed. One integration for each name.
//!
//! What the trial does is within ARCHITECTURE.md's assumptions: the sandbox carries a create out within the reconcile timeout,
//! and the company is known from the list, which is never empty.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use futures_util::future::try_join_all;
use ocamba_history::Event;
use ocamba_sandbox::{Arrival, Sandbox};
use serde_json::json;
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::process::Child;
use tokio::task::spawn_blocking;

use crate::Result;
use crate::ensure::{outcome, worker_arguments};
use crate::history::check_history;
use crate::redis::Redis;
use crate::support::{counted, faults, signal, worker};

const PROCESSES: usize = 8;
/// Number of calls after which a process ends. The next ones know nothing of what it did, and begin at the same time.
const CALLS_A_PROCESS: usize = 10;
/// Average number of calls for each name.
const CALLS_A_NAME: usize = 4;
/// Number of calls of an account, so that its list stays short.
const CALLS_AN_ACCOUNT: usize = 1_000;
/// Time after which the sandbox carries some creates out: shorter than the reconcile timeout, longer than some calls.
const LATE: Duration = Duration::from_millis(500);
/// Requests in a second and a minute that the processes of a token permit each other.
const TIER: &str = "150/9000";
/// Time between two disturbances, in milliseconds: after a loss of data, names are in doubt for a part of it.
const PAUSE: Range<u64> = 4_000..8_000;

/// Makes `runs` calls in all processes together, or a few more.
pub async fn run(runs: usize, seed: u64) -> Result {
    let mut disturber = Disturber::new(seed);
    for first in (0..runs).step_by(CALLS_AN_ACCOUNT) {
        let runs = CALLS_AN_ACCOUNT.min(runs - first);
        disturber = run_account(runs, seed + first as u64, disturber).await?;
    }
    println!("  disturbances: {}", counted(disturber.done));
    Ok(())
}

/// Makes calls of one account.
async fn run_account(runs: usize, seed: u64, mut disturber: Disturber) -> Result<Disturber> {
    let account = Arc::new(Account {
        sandbox: Sandbox::builder().no_limits().journal(runs * 40).start().await?,
        redis_url: disturber.redis.url.clone(),
        homes: tempfile::tempdir()?,
        processes: Mutex::default(),
        is_over: AtomicBool::new(false),
    });
    // The first integration names the company.
    let mut history = Vec::new();
    for _ in 0..5 {
        if account.sandbox.integrations().is_empty() {
            history.extend(account.start(0, worker_arguments(1, 0, 0, seed, false))?.await?);
        }
    }
    let late = json!({ "delay": { "ms": LATE.as_millis() as u64, "at": "read" } });
    let late = json!({ "operation": "createIntegration", "probability": 0.4, "fault": late });
    let faults: Vec<_> = [late].into_iter().chain(faults(LATE, None)).collect();
    account.sandbox.set_faults(&json!({ "seed": seed, "faults": faults }).to_string().parse()?)?;

    let started = Instant::now();
    let disturbed = account.clone();
    let disturbing = spawn_blocking(move || {
        disturber.disturb(&disturbed);
        disturber
    });
    let calls = account.call(runs, seed).await;
    account.is_over.store(true, Ordering::Relaxed);
    let disturber = disturbing.await?;
    history.extend(calls?);
    let outcomes: Vec<_> = history.iter().filter_map(outcome).collect();
    let (calls, seconds) = (outcomes.len(), started.elapsed().as_secs_f64());
    let summary = check_history(&account.sandbox, &history, LATE * 2).await;
    let (names, outcomes) = (account.sandbox.integrations().len(), counted(outcomes));
    let all = format!("{calls} calls in {seconds:.0} s, {names} names: {outcomes}");
    println!("  {all}; {}", summary.map_err(|error| format!("{all}: {error}"))?);
    if names < runs / CALLS_A_NAME / 2 {
        return Err("most names were not created".into());
    }
    Ok(disturber)
}

/// An account, and the processes that use it.
struct Account {
    sandbox: Sandbox,
    redis_url: String,
    homes: TempDir,
    processes: Mutex<Vec<Child>>,
    is_over: AtomicBool,
}

impl Account {
    /// Makes calls, and returns their history.
    async fn call(&self, runs: usize, seed: u64) -> Result<Vec<Event>> {
        let mut history = Vec::new();
        for wave in 0..runs.div_ceil(PROCESSES * CALLS_A_PROCESS) {
            let names = PROCESSES * CALLS_A_PROCESS / CALLS_A_NAME;
            let start = |process| {
                let seed = seed + (wave * PROCESSES + process) as u64;
                self.start(process, worker_arguments(CALLS_A_PROCESS, wave * names, names, seed, true))
            };
            let histories: Vec<_> = (0..PROCESSES).map(start).collect::<Result<_>>()?;
            history.extend(try_join_all(histories).await?.into_iter().flatten());
            self.processes().clear();
        }
        Ok(history)
    }

    /// Starts a process: of one of the users, with one of the tokens. Returns its history, once it has ended.
    fn start(&self, process: usize, arguments: Vec<String>) -> Result<impl Future<Output = Result<Vec<Event>>>> {
        let mut command = worker("ensure-worker", &self.sandbox)?;
        command.args(arguments).env("OCAMBA_TOKEN", format!("token-{}", process / 2 % 2));
        command.env("HOME", self.homes.path().join(format!("home-{}", process % 2)));
        for variable in ["OCAMBA_RATE_LIMIT_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"] {
            command.env_remove(variable);
        }
        command.env("OCAMBA_RATE_LIMIT", &self.redis_url).env("OCAMBA_RATE_LIMIT_TIER", TIER);
        let mut child = command.spawn()?;
        let mut output = child.stdout.take().ok_or("a worker has no output")?;
        self.processes().push(child);
        Ok(async move {
            let mut text = String::new();
            output.read_to_string(&mut text).await?;
            Ok(ocamba_history::read(&text)?)
        })
    }

    fn processes(&self) -> MutexGuard<'_, Vec<Child>> {
        self.processes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a create reaches the sandbox. Returns false at the end.
    fn wait_for_create(&self) -> bool {
        let is_create = |arrival: &&Arrival| arrival.name.is_some() && arrival.method.as_deref() == Some("POST");
        let creates = || self.sandbox.arrivals().iter().filter(is_create).count();
        let before = creates();
        loop {
            if self.is_over.load(Ordering::Relaxed) {
                return false;
            }
            if creates() > before {
                return true;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Disturbs Redis and the processes.
struct Disturber {
    redis: Redis,
    random: Rng,
    round: usize,
    done: Vec<&'static str>,
}

impl Disturber {
    fn new(seed: u64) -> Self {
        Self { redis: Redis::start("master"), random: Rng::with_seed(seed), round: 0, done: Vec::new() }
    }

    /// Disturbs them until the end, each time when a create is in flight.
    fn disturb(&mut self, account: &Account) {
        loop {
            let round = self.round % 6;
            let replica = matches!(round, 0 | 3).then(|| self.redis.replica(&format!("replica-{}", self.round)));
            self.wait(PAUSE);
            match (round, &replica) {
                // Replication is asynchronous: the replica hears nothing of the last moments.
                (0, Some(replica)) => drop(replica.command("REPLICAOF NO ONE")),
                (5, _) => drop(self.redis.command("SAVE")),
                _ => {}
            }
            if !account.wait_for_create() {
                return;
            }
            let is_stopped = self.disturb_process(account);
            let done = self.disturb_redis(replica);
            self.done.push(done);
            if is_stopped {
                // Perhaps for longer than it has to send a request.
                self.wait(500..3_000);
                for process in account.processes().iter() {
                    signal(process, "-CONT");
                }
            }
            self.round += 1;
        }
    }

    fn disturb_redis(&mut self, replica: Option<Redis>) -> &'static str {
        match (self.round % 6, replica) {
            (round, Some(replica)) => {
                self.redis.fail_over(replica);
                if round == 0 { "failover with loss" } else { "failover" }
            }
            (1, _) => {
                self.redis.remove_saved();
                self.redis.stop();
                self.wait(0..100);
                self.redis.restart();
                "restart without data"
            }
            (2, _) => {
                self.redis.signal("-STOP");
                self.wait(100..4_000);
                // Once all locks expire meanwhile.
                self.wait(if self.round == 32 { 30_000..31_000 } else { 0..1 });
                self.redis.signal("-CONT");
                "stop"
            }
            (4, _) => {
                self.redis.command("SAVE");
                self.redis.restart();
                "restart with data"
            }
            _ => {
                self.redis.restart();
                "restart with old data"
            }
        }
    }

    /// Kills a process in the rounds in which Redis loses its lock, or stops it. Returns whether it stopped.
    fn disturb_process(&mut self, account: &Account) -> bool {
        let mut processes = account.processes();
        let index = self.random.usize(..PROCESSES);
        let Some(process) = processes.get_mut(index) else { return false };
        match self.round % 6 {
            1 if process.start_kill().is_ok() => self.done.push("process killed"),
            0 | 4 if signal(process, "-STOP") => {
                self.done.push("process stopped");
                return true;
            }
            _ => {}
        }
        false
    }

    fn wait(&mut self, millis: Range<u64>) {
        thread::sleep(Duration::from_millis(self.random.u64(millis)));
    }
}
