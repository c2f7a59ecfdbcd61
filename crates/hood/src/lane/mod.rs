//! The lane: the rate limit of one account, shared by all who use it.
//!
//! The rules are in [`state`]. Where the state is kept decides who shares it: one client, all processes of a user on a
//! machine, or all machines.

mod config;
mod file;
mod memory;
#[cfg(feature = "redis")]
mod redis;
mod state;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout_at};

use config::Place;
pub use config::{IfUnavailable, Lane, Tier};
pub(crate) use state::Feedback;
use state::State;

use crate::{Error, Kind, Outcome, Secret};

/// What the lane of a client does at the moment. From [`Client::lane_status`](crate::Client::lane_status).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LaneStatus {
    /// Where its state is kept: `off`, `memory`, `file` or `redis`.
    pub place: &'static str,
    /// How many requests the account may make.
    pub tier: Tier,
    /// How many were made in the last second, by all who share it.
    pub used_in_second: usize,
    /// How many were made in the last minute, by all who share it.
    pub used_in_minute: usize,
    /// How many have no answer yet, by all who share it.
    pub in_flight: usize,
    /// How many may be in flight at once, where the server has complained.
    pub in_flight_limit: Option<usize>,
    /// How long nothing is let go, because the server asked for it.
    pub blocked_for: Duration,
    /// How many calls of this client wait for their turn.
    pub waiting: usize,
}

/// The lane of one client, in use. Clones of the client share it.
pub(crate) struct Turnstile {
    tier: Tier,
    store: Store,
    /// One call of this client asks for a turn, the others wait behind it in order.
    queue: Mutex<()>,
    waiting: AtomicUsize,
}

enum Store {
    Off,
    Memory(memory::Memory),
    File(file::File),
    #[cfg(feature = "redis")]
    Redis(Box<redis::Redis>),
}

/// That a request may go. It must be told how the request ended, or be dropped.
pub(crate) struct Permit {
    turnstile: Option<Arc<Turnstile>>,
    number: u64,
}

/// The place of the state cannot be reached.
pub(crate) struct Unavailable(String);

impl Turnstile {
    pub fn new(lane: &Lane, base_url: &str, token: &Secret) -> Result<Arc<Self>, Error> {
        let key = key(base_url, token);
        let store = match &lane.place {
            Place::Off => Store::Off,
            Place::Memory => Store::Memory(memory::Memory::default()),
            Place::File(folder) => match file::File::new(folder.as_deref(), &key) {
                Ok(file) => Store::File(file),
                Err(Unavailable(why)) => {
                    tracing::warn!(why, "the lane cannot be shared with other processes; it is kept in memory");
                    Store::Memory(memory::Memory::default())
                }
            },
            #[cfg(feature = "redis")]
            Place::Redis(url) => Store::Redis(Box::new(redis::Redis::new(url, &key, lane.if_unavailable)?)),
        };
        Ok(Arc::new(Self { tier: lane.tier, store, queue: Mutex::new(()), waiting: AtomicUsize::new(0) }))
    }

    /// Waits for a turn, first come first served; fails at once where none will come before the deadline.
    pub async fn acquire(self: &Arc<Self>, deadline: Instant) -> Result<Permit, Error> {
        if matches!(self.store, Store::Off) {
            return Ok(Permit { turnstile: None, number: 0 });
        }
        let _waiting = Waiting::new(&self.waiting);
        let _turn = match self.queue.try_lock() {
            Ok(turn) => turn,
            Err(_) => timeout_at(deadline, self.queue.lock()).await.map_err(|_| no_room(None))?,
        };
        loop {
            match self.ask(deadline).await? {
                Ok(number) => return Ok(Permit { turnstile: Some(self.clone()), number }),
                Err(wait) if Instant::now() + wait >= deadline => return Err(no_room(Some(wait))),
                Err(wait) => sleep(wait).await,
            }
        }
    }

    /// Lets a request go, or says how long to wait before asking again.
    async fn ask(&self, deadline: Instant) -> Result<Result<u64, Duration>, Error> {
        let ask = |state: &mut State| {
            let now = now();
            state.acquire(now, self.tier).map_err(|at| Duration::from_micros(at - now))
        };
        match &self.store {
            Store::Off => Ok(Ok(0)),
            Store::Memory(memory) => Ok(memory.with(ask)),
            Store::File(file) => file.with(deadline, ask).await.map_err(Unavailable::into_error),
            #[cfg(feature = "redis")]
            // Boxed: what it is would make each call's future twice as large.
            Store::Redis(redis) => Box::pin(redis.ask(self.tier, deadline)).await,
        }
    }

    /// What it does at the moment.
    pub async fn status(&self) -> Result<LaneStatus, Error> {
        let deadline = Instant::now() + Duration::from_secs(5);
        let (place, used) = match &self.store {
            Store::Off => ("off", Used::of(&State::default())),
            Store::Memory(memory) => ("memory", memory.with(|state| Used::of(state))),
            Store::File(file) => {
                let used = file.with(deadline, |state| Used::of(state)).await;
                ("file", used.map_err(Unavailable::into_error)?)
            }
            #[cfg(feature = "redis")]
            Store::Redis(redis) => ("redis", redis.used(deadline).await?),
        };
        Ok(LaneStatus {
            place,
            tier: self.tier,
            used_in_second: used.in_second,
            used_in_minute: used.in_minute,
            in_flight: used.in_flight,
            in_flight_limit: used.in_flight_limit,
            blocked_for: used.blocked_for,
            waiting: self.waiting.load(Ordering::Relaxed),
        })
    }
}

/// What a store knows of the lane at the moment.
struct Used {
    in_second: usize,
    in_minute: usize,
    in_flight: usize,
    in_flight_limit: Option<usize>,
    blocked_for: Duration,
}

impl Used {
    fn of(state: &State) -> Self {
        let now = now();
        let (in_second, in_minute) = state.used(now);
        Self {
            in_second,
            in_minute,
            in_flight: state.in_flight.len(),
            in_flight_limit: state.in_flight_limit(),
            blocked_for: Duration::from_micros(state.blocked_until.saturating_sub(now)),
        }
    }
}

impl Permit {
    /// Notes that the request has ended, and what the server said.
    pub async fn finish(mut self, feedback: Feedback) {
        let Some(turnstile) = self.turnstile.take() else { return };
        let number = self.number;
        let note = |state: &mut State| state.finish(now(), number, feedback);
        match &turnstile.store {
            Store::Off => {}
            Store::Memory(memory) => memory.with(note),
            // What cannot be noted is forgotten in time: a request without an end counts as sent.
            Store::File(file) => {
                let _ = file.with(Instant::now() + Duration::from_secs(1), note).await;
            }
            #[cfg(feature = "redis")]
            Store::Redis(redis) => Box::pin(redis.finish(number, feedback)).await,
        }
    }
}

impl Drop for Permit {
    /// A call that was given up: its request may have been counted.
    fn drop(&mut self) {
        let Some(turnstile) = self.turnstile.take() else { return };
        let number = self.number;
        let note = |state: &mut State| state.finish(now(), number, Feedback::None);
        match &turnstile.store {
            Store::Off => {}
            Store::Memory(memory) => memory.with(note),
            Store::File(file) => {
                let _ = file.try_with(note);
            }
            #[cfg(feature = "redis")]
            Store::Redis(_) => {}
        }
    }
}

impl Unavailable {
    fn into_error(self) -> Error {
        Error::new(Kind::Configuration, Outcome::NotSent, format!("the lane cannot be used: {}", self.0))
    }
}

/// Counts a waiting call until it waits no more.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(counter: &'a AtomicUsize) -> Self {
        counter.fetch_add(1, Ordering::Relaxed);
        Self(counter)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn no_room(wait: Option<Duration>) -> Error {
    let when = wait.map_or(String::new(), |wait| format!(" (the next turn is in {:.1} s)", wait.as_secs_f64()));
    let message = format!("the account's rate limit leaves no room before the timeout{when}");
    Error::new(Kind::Timeout, Outcome::NotSent, message)
}

/// What tells accounts apart: a hash of base URL and token, from which neither can be read.
fn key(base_url: &str, token: &Secret) -> String {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    for part in ["ocamba-hood lane", base_url, token.expose()] {
        context.update(&(part.len() as u64).to_le_bytes());
        context.update(part.as_bytes());
    }
    context.finish().as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The wall clock, in microseconds: the one clock that all processes share. It may be set; the rules stand that.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
