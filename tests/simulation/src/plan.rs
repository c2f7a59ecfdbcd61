//! The plan of a world: everything that is decided before it begins. A seed makes one, and it can be kept as JSON.

use std::ops::RangeInclusive;
use std::time::Duration;

use fastrand::Rng;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::process::From;
use crate::redis::Loss;
use crate::wire::Cut;

/// Time in which the server finishes a create that its client gave up, in milliseconds. Longer than the latency of the network
/// and a late commit together.
const RECONCILE_TIMEOUT: u64 = 1_000;
/// Longest latency of the network, in milliseconds.
const LATENCY: u64 = 300;
/// Longest time from a request's arrival until it takes effect, in milliseconds.
const LATE: u64 = 500;
/// Largest drift of a clock, in millionths.
const DRIFT: u64 = 200;
/// Longest time that writing a file takes, in milliseconds.
const SLOW: u64 = 100;
/// Writes of files after which a client waits for something else, at the latest.
const MOST_WRITES: u64 = 20;

/// A world.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Seed of all that is decided while the world runs.
    pub seed: u64,
    /// Whether the server has its documented rate limit, which the clients then keep.
    pub is_limited: bool,
    pub storage: Storage,
    /// What the clients' wall clock shows beyond that of the server, in milliseconds.
    pub skew_ms: i64,
    /// How much faster the clocks of each machine go, in millionths; the last one is also that of those after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drifts: Vec<i64>,
    pub network: Network,
    /// Faults of the sandbox.
    pub faults: Vec<Value>,
    pub processes: Vec<Process>,
    pub events: Vec<Event>,
}

/// Where processes share what they know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Storage {
    /// In files of their machine.
    File,
    /// In Redis: each process has its own machine.
    Redis,
}

/// The network: the probabilities are those of a connection.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    pub latency_ms: u64,
    pub slow: f64,
    pub cut: f64,
    pub refuse: f64,
    pub hang: f64,
}

/// A process of the clients' machine: its tasks make their calls one after the other.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Process {
    pub start_ms: u64,
    /// One of several tokens of the account.
    pub token: u8,
    pub connect_timeout_ms: u64,
    pub tasks: Vec<Vec<Call>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fleet: Option<Fleet>,
}

/// A fleet that a process applies.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fleet {
    /// The names of its rows.
    pub names: Vec<String>,
    pub in_flight: usize,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    pub pause_ms: u64,
    pub operation: Operation,
    pub timeout_ms: u64,
    pub max_retries: u32,
    /// Time after which the call is cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_ms: Option<u64>,
    /// Whether it is awaited nevertheless: only its progress cancels it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_kept: bool,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    Ensure(String),
    /// Creates an integration, and searches for it if the outcome is unknown.
    Create(String),
    /// Renames the last integration of this task, if there is one.
    Rename(String),
    List,
}

/// Something that happens at a time.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    pub at_ms: u64,
    pub what: What,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum What {
    /// A process is killed, after this number of steps, and starts again.
    Kill { process: usize, from: From, steps: u64, restart_ms: u64 },
    /// A process is stopped, after this number of steps, and continues.
    Stop { process: usize, from: From, steps: u64, ms: u64 },
    /// The wall clock of a process' machine is set.
    Clock { process: usize, step_ms: i64 },
    /// All connections are cut, and none can be made.
    Partition { how: Cut, ms: u64 },
    /// Files cannot be opened or written, by the error of the system.
    Storage { open: i32, write: i32, ms: u64 },
    /// Writing a file takes this time.
    Slow { write_ms: u64, ms: u64 },
    /// A child of a process shares its open files, and with them their locks.
    Fork { process: usize, ms: u64 },
    /// The machines lose their power, and files what was not synced.
    Power { restart_ms: u64 },
    /// The folder of a process' machine is removed.
    Remove { process: usize },
    /// Redis stops for a while, and has lost this then.
    Redis { ms: u64, loss: Loss },
}

impl Plan {
    /// Returns the world of a seed.
    pub fn of_seed(seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let r = &mut random;
        let is_limited = chance(r, 0.15);
        let processes = number(r, 2..=5);
        let tokens = if chance(r, 0.3) { 2 } else { 1 };
        // What breaks a rule is mostly small, and small worlds are soon over.
        let most_calls = [1, 1, 2, 2, 3, 6][r.usize(..6)];
        let random = |process| Process::random(r, process, tokens, most_calls);
        let processes: Vec<_> = (0..processes).map(random).collect();
        let storage = if chance(r, 0.3) { Storage::Redis } else { Storage::File };
        let mut events = Vec::new();
        // Most worlds have few kinds of trouble, so that calls also come to their ends.
        let focus = number(r, 0..=1_500);
        for _ in 0..number(r, 0..=6) {
            let what = What::random(r, processes.len(), storage);
            // Often at about the same time.
            let at_ms = if chance(r, 0.5) { focus + number(r, 0..=500) } else { number(r, 0..=2_500) };
            events.push(Event { at_ms, what });
        }
        // The moment that matters most.
        for process in 0..processes.len() {
            if chance(r, 0.3) {
                let what = What::Kill { process, from: From::Create, steps: 0, restart_ms: number(r, 0..=1_500) };
                events.push(Event { at_ms: number(r, 0..=1_000), what });
            }
        }
        events.sort_by_key(|event| event.at_ms);
        Self {
            seed,
            is_limited,
            storage,
            drifts: if chance(r, 0.3) { (0..=processes.len()).map(|_| drift(r)).collect() } else { Vec::new() },
            skew_ms: if chance(r, 0.5) { 0 } else { number(r, 0..=7_200_000_u64).cast_signed() - 3_600_000 },
            network: Network::random(r),
            faults: if chance(r, 0.3) { Vec::new() } else { faults(r) },
            processes,
            events,
        }
    }

    /// Returns whether what the clients share may not be known to all of them, since their files fail.
    pub fn has_storage_faults(&self) -> bool {
        // Doubts are not synced: that would take longer than all else of a create.
        let fails =
            |event: &Event| matches!(event.what, What::Storage { .. } | What::Remove { .. } | What::Power { .. });
        self.storage == Storage::File && self.events.iter().any(fails)
    }

    /// Returns the time in which the server may still finish a create that its client gave up. While a client waits for its
    /// files, the server and the network wait, too, since all have one thread.
    pub fn reconcile_timeout(&self) -> Duration {
        let waits = self.events.iter().map(|event| match event.what {
            What::Slow { write_ms, ms } => ms + MOST_WRITES * write_ms,
            _ => 0,
        });
        Duration::from_millis(RECONCILE_TIMEOUT + waits.sum::<u64>())
    }

    /// Returns whether nothing disturbs the rate limit: requests arrive soon after their permits, and the clock goes steadily.
    pub fn is_rate_kept(&self) -> bool {
        let disturbs = |event: &Event| !matches!(event.what, What::Kill { .. });
        let is_one_token = self.processes.iter().all(|process| process.token == self.processes[0].token);
        self.is_limited
            && is_one_token
            && self.drifts.is_empty()
            && self.network.hang == 0.0
            && !self.events.iter().any(disturbs)
    }
}

impl Network {
    fn random(r: &mut Rng) -> Self {
        let seldom = |r: &mut Rng, most: f64| if chance(r, 0.5) { 0.0 } else { r.f64() * most };
        Self {
            latency_ms: number(r, 0..=20),
            slow: seldom(r, 0.2),
            cut: seldom(r, 0.3),
            refuse: seldom(r, 0.2),
            hang: seldom(r, 0.1),
        }
    }

    /// Returns the latency of a connection.
    pub fn latency(&self, r: &mut Rng) -> u64 {
        if chance(r, self.slow) { number(r, 0..=LATENCY) } else { number(r, 0..=self.latency_ms) }
    }
}

impl Process {
    fn random(r: &mut Rng, process: usize, tokens: u8, most_calls: usize) -> Self {
        let mut tasks = Vec::new();
        for task in 0..number(r, 1..=2_usize) {
            let calls = number(r, 1..=most_calls);
            tasks.push((0..calls).map(|call| Call::random(r, call, &format!("{process}-{task}-{call}"))).collect());
        }
        let token = number(r, 1..=tokens);
        let fleet = chance(r, 0.2).then(|| {
            let own = (0..number(r, 1..=6_u8)).map(|row| format!("row-{process}-{row}"));
            let shared = (0..number(r, 0..=1_u8)).map(|_| "shared-1".to_owned());
            Fleet { names: own.chain(shared).collect(), in_flight: number(r, 1..=4) }
        });
        Self { start_ms: number(r, 0..=100), token, fleet, connect_timeout_ms: number(r, 50..=1_000), tasks }
    }
}

impl Call {
    fn random(r: &mut Rng, call: usize, own: &str) -> Self {
        let operation = match number(r, 0..=9_u8) {
            // At about the same time, all ensure the same names.
            0..=5 => Operation::Ensure(format!("shared-{}", call + number(r, 0..=1_usize))),
            6 | 7 => Operation::Create(format!("own-{own}")),
            8 => Operation::Rename(format!("new-{own}")),
            _ => Operation::List,
        };
        // Tiny deadlines, and such as suffice.
        let timeout_ms = if chance(r, 0.25) { number(r, 1..=200) } else { number(r, 800..=6_000) };
        Self {
            pause_ms: if chance(r, 0.7) { 0 } else { number(r, 0..=300) },
            operation,
            timeout_ms,
            max_retries: number(r, 0..=3),
            cancel_ms: chance(r, 0.15).then(|| number(r, 0..=300)),
            is_kept: chance(r, 0.5),
        }
    }
}

impl What {
    fn random(r: &mut Rng, processes: usize, storage: Storage) -> Self {
        let process = r.usize(..processes);
        match number(r, 0..=if storage == Storage::Redis { 21 } else { 17_u8 }) {
            0..=3 => Self::Kill { process, from: from(r), steps: steps(r), restart_ms: number(r, 0..=1_500) },
            4..=6 => {
                let most = if chance(r, 0.3) { 6_000 } else { 1_500 };
                Self::Stop { process, from: from(r), steps: steps(r), ms: number(r, 1..=most) }
            }
            7 | 8 => Self::Clock { process, step_ms: number(r, 0..=14_400_000_u64).cast_signed() - 7_200_000 },
            9 | 10 => Self::Partition { how: how(r), ms: number(r, 1..=2_000) },
            11 => match number(r, 0..=2_u8) {
                0 => Self::Storage { open: libc::EACCES, write: 0, ms: number(r, 1..=3_000) },
                1 => Self::Storage { open: 0, write: libc::ENOSPC, ms: number(r, 1..=3_000) },
                _ => Self::Storage { open: libc::EROFS, write: libc::EROFS, ms: number(r, 1..=3_000) },
            },
            12 => Self::Remove { process },
            13 | 14 => Self::Slow { write_ms: number(r, 1..=SLOW), ms: number(r, 1..=3_000) },
            15 | 16 => Self::Fork { process, ms: number(r, 1..=3_000) },
            17 => Self::Power { restart_ms: number(r, 1..=1_500) },
            _ => {
                let loss = [Loss::Nothing, Loss::All, Loss::Restored, Loss::Replica][r.usize(..4)];
                Self::Redis { ms: number(r, 0..=3_000), loss }
            }
        }
    }
}

/// Returns a drift of a clock as cheap ones have it.
fn drift(r: &mut Rng) -> i64 {
    number(r, 0..=2 * DRIFT).cast_signed() - DRIFT.cast_signed()
}

fn from(r: &mut Rng) -> From {
    if chance(r, 0.5) { From::Create } else { From::Now }
}

/// Returns a number of steps: none, so that it happens while a request is in flight, or some.
fn steps(r: &mut Rng) -> u64 {
    if chance(r, 0.5) { 0 } else { number(r, 1..=20) }
}

/// Returns a way in which a connection is cut.
pub fn how(r: &mut Rng) -> Cut {
    [Cut::Close, Cut::Reset, Cut::Silence][r.usize(..3)]
}

/// Returns true with a probability.
pub fn chance(r: &mut Rng, probability: f64) -> bool {
    probability > 0.0 && r.f64() < probability
}

/// Returns truthful faults of the sandbox: a refused request has no effect, and a success has one.
fn faults(r: &mut Rng) -> Vec<Value> {
    let all = [
        json!({ "answer": { "status": 429, "headers": { "Retry-After": "0" } } }),
        json!({ "answer": { "status": 429, "headers": { "Retry-After": number(r, 1..=4_u8).to_string() } } }),
        json!({ "answer": { "status": 500 } }),
        json!({ "answer": { "status": 500, "at": "commit" } }),
        json!({ "answer": { "status": 502, "at": "commit", "body": { "text": "<html>bad gateway</html>" } } }),
        json!({ "answer": { "status": 503 } }),
        json!({ "answer": { "status": 504, "at": "commit", "body": { "text": "" } } }),
        json!({ "answer": { "status": 408, "at": "commit", "body": { "text": "" } } }),
        json!({ "answer": { "status": 201, "at": "commit", "body": { "text": "{" } } }),
        json!({ "delay": { "ms": number(r, 0..=LATE), "at": "read" } }),
        json!({ "delay": { "ms": number(r, 0..=LATE), "at": "commit" } }),
        json!({ "hang": { "at": "read" } }),
        json!({ "hang": { "at": "commit" } }),
        json!({ "close": { "at": "arrival" } }),
        json!({ "close": { "at": { "request": number(r, 1..=400_u64) } } }),
        json!({ "close": { "at": "read" } }),
        json!({ "close": { "at": "commit" } }),
        json!({ "close": { "at": { "answer": number(r, 0..=400_u64) } } }),
    ];
    let count = number(r, 1..=5_usize);
    let mut chosen: Vec<_> = (0..count).map(|_| all[r.usize(..all.len())].clone()).collect();
    if chance(r, 0.5) {
        // What makes most of the trouble: a create that takes effect when its client has gone.
        chosen.insert(0, json!({ "delay": { "ms": number(r, LATE / 2..=LATE), "at": "read" } }));
    }
    let most = if chance(r, 0.5) { 0.3 } else { 0.6 };
    let mut all: Vec<_> = chosen.iter().map(|fault| json!({ "probability": r.f64() * most, "fault": fault })).collect();
    if chance(r, 0.3) {
        // A create that waits between two attempts, for longer than others expect it after its first.
        let fault =
            json!({ "answer": { "status": 429, "headers": { "Retry-After": number(r, 2..=5_u8).to_string() } } });
        let probability = 0.3 + r.f64() * 0.5;
        all.insert(0, json!({ "operation": "createIntegration", "probability": probability, "fault": fault }));
    }
    all
}

/// Returns a number of a range.
fn number<T: TryFrom<u64> + TryInto<u64> + Copy>(r: &mut Rng, range: RangeInclusive<T>) -> T {
    let end = |value: &T| (*value).try_into().unwrap_or(0);
    let chosen = r.u64(end(range.start())..=end(range.end()));
    T::try_from(chosen).unwrap_or(*range.start())
}
