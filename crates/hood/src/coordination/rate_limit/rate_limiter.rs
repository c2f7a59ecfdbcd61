//! The rate limit in use: gives permits to requests, and learns from responses.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, SystemTime};

use serde_json::json;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout_at};

#[cfg(feature = "redis")]
use super::config::IfUnavailable;
use super::config::{RateLimit, StorageSetting, Tier};
use super::fallback::Fallback;
use super::file::File;
use super::memory::Memory;
#[cfg(feature = "redis")]
use super::redis::Redis;
use super::rules::{LimiterState, RateLimitHint};
use super::unavailable::Unavailable;
use crate::coordination::account::Account;
use crate::coordination::background::finish_by;
use crate::error::{Error, ErrorKind, Outcome};
use crate::network::Tls;

/// Time for which the end of a request is noted. An end that cannot be noted counts as one that never came.
const NOTE_TIMEOUT: Duration = Duration::from_secs(2);
const STATUS_TIMEOUT: Duration = Duration::from_secs(5);

/// State of a client's rate limit. From [`Client::rate_limit_status`](crate::Client::rate_limit_status).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RateLimitStatus {
    /// Where the state is kept: `off`, `memory`, `file` or `redis`.
    pub storage: &'static str,
    /// Why the state is kept in the memory of this process for now, and not where it should be.
    pub fallback_reason: Option<String>,
    /// Number of requests that the account may make.
    pub tier: Tier,
    /// Number of requests of the last second, by all who share the limit.
    pub used_in_second: usize,
    /// Number of requests of the last minute, by all who share the limit.
    pub used_in_minute: usize,
    /// Number of requests without a response yet, by all who share the limit.
    pub in_flight: usize,
    /// Maximum number of requests in flight, where the server has complained.
    pub in_flight_limit: Option<usize>,
    /// Time for which no request is sent, because the server demanded a wait.
    pub blocked_for: Duration,
    /// Number of this client's calls that wait for a permit.
    pub waiting: usize,
}

impl RateLimitStatus {
    /// Returns the status as JSON, times in seconds: for bindings.
    #[doc(hidden)]
    pub fn to_json(&self) -> String {
        let Self { storage, fallback_reason, tier, used_in_second, used_in_minute, in_flight, .. } = self;
        let status = json!({
            "storage": storage,
            "fallback_reason": fallback_reason,
            "tier": format!("{}/{}", tier.burst, tier.steady),
            "used_in_second": used_in_second,
            "used_in_minute": used_in_minute,
            "in_flight": in_flight,
            "in_flight_limit": self.in_flight_limit,
            "blocked_for": self.blocked_for.as_secs_f64(),
            "waiting": self.waiting,
        });
        status.to_string()
    }
}

/// The rate limit of one client. Clones of the client share it.
pub struct RateLimiter {
    tier: Tier,
    storage: Storage,
    /// Keeps the state while the storage is unavailable, if that is allowed.
    fallback: Option<Fallback>,
    /// Time of the state when this client last saw it.
    seen: std::sync::Mutex<Option<(u64, Instant)>>,
    /// One call of this client asks for a permit, the others wait behind it in order.
    queue: Mutex<()>,
    waiting: AtomicUsize,
}

enum Storage {
    Off,
    Memory(Memory),
    File(File),
    #[cfg(feature = "redis")]
    Redis(Box<Redis>),
}

/// Permission to send one request. It must learn how the request ended, or be dropped.
pub struct Permit {
    limiter: Option<Arc<RateLimiter>>,
    number: u64,
}

impl RateLimiter {
    /// Redis is reached over `tls` where its URL says so.
    #[cfg_attr(not(feature = "redis"), allow(unused_variables))]
    pub fn new(rate_limit: &RateLimit, account: &Account, tls: &Arc<Tls>) -> Result<Arc<Self>, Error> {
        let (storage, has_fallback) = match &rate_limit.storage {
            StorageSetting::Off => (Storage::Off, false),
            StorageSetting::Memory => (Storage::Memory(Memory::default()), false),
            StorageSetting::File(folder) => (Storage::File(File::new(folder.as_deref(), account)), true),
            #[cfg(feature = "redis")]
            StorageSetting::Redis(url) => (
                Storage::Redis(Box::new(Redis::new(url, account, tls)?)),
                rate_limit.if_unavailable == IfUnavailable::UseMemory,
            ),
        };
        Ok(Arc::new(Self {
            tier: rate_limit.tier,
            storage,
            fallback: has_fallback.then(|| Fallback::new(account)),
            seen: Default::default(),
            queue: Mutex::new(()),
            waiting: AtomicUsize::new(0),
        }))
    }

    /// Waits for a permit, first come first served; fails at once where none will come before the deadline.
    pub async fn acquire(self: &Arc<Self>, deadline: Instant) -> Result<Permit, Error> {
        if matches!(self.storage, Storage::Off) {
            return Ok(Permit { limiter: None, number: 0 });
        }
        let _waiting = Waiting::new(&self.waiting);
        let _queue = match self.queue.try_lock() {
            Ok(queue) => queue,
            Err(_) => timeout_at(deadline, self.queue.lock()).await.map_err(|_| timed_out(None))?,
        };
        let tier = self.tier;
        let ask =
            |state: &mut LimiterState, now: u64| state.acquire(now, tier).map_err(|at| Duration::from_micros(at - now));
        loop {
            match self.with(deadline, ask).await? {
                Ok(number) => return Ok(Permit { limiter: Some(self.clone()), number }),
                Err(wait) if Instant::now() + wait >= deadline => return Err(timed_out(Some(wait))),
                Err(wait) => {
                    let wait_ms = wait.as_secs_f64() * 1e3;
                    tracing::info!(wait_ms, tier = %format_args!("{}/{}", tier.burst, tier.steady), "waiting for the rate limit");
                    sleep(wait).await;
                }
            }
        }
    }

    /// Returns the state of the limit.
    pub async fn status(&self) -> Result<RateLimitStatus, Error> {
        let used = |state: &mut LimiterState, now: u64| (state.clone(), now);
        let (state, now) = self.with(Instant::now() + STATUS_TIMEOUT, used).await?;
        let (used_in_second, used_in_minute) = state.used(now);
        let fallback_reason = self.fallback.as_ref().and_then(Fallback::reason);
        Ok(RateLimitStatus {
            storage: match &self.storage {
                _ if fallback_reason.is_some() => "memory",
                Storage::Off => "off",
                Storage::Memory(_) => "memory",
                Storage::File(_) => "file",
                #[cfg(feature = "redis")]
                Storage::Redis(_) => "redis",
            },
            fallback_reason,
            tier: self.tier,
            used_in_second,
            used_in_minute,
            in_flight: state.in_flight.len(),
            in_flight_limit: state.in_flight_limit(),
            blocked_for: Duration::from_micros(state.blocked_until.saturating_sub(now)),
            waiting: self.waiting.load(Ordering::Relaxed),
        })
    }

    /// Changes the state, at its time, wherever it is.
    async fn with<T>(&self, deadline: Instant, mut work: impl FnMut(&mut LimiterState, u64) -> T) -> Result<T, Error> {
        let mut work = |state: &mut LimiterState, clock| {
            let now = self.time(state, clock);
            work(state, now)
        };
        let Some(fallback) = &self.fallback else { return Ok(self.in_storage(deadline, work).await?) };
        if fallback.is_storage_due() {
            match self.in_storage(deadline, &mut work).await {
                Err(Unavailable::Broken(error)) => fallback.begin(&error),
                result => {
                    fallback.end();
                    return Ok(result?);
                }
            }
        }
        Ok(fallback.memory().with(|state| work(state, clock())))
    }

    /// Changes the state where it should be.
    async fn in_storage<T>(
        &self,
        deadline: Instant,
        mut work: impl FnMut(&mut LimiterState, u64) -> T,
    ) -> Result<T, Unavailable> {
        match &self.storage {
            Storage::Off => Ok(work(&mut LimiterState::default(), clock())),
            Storage::Memory(memory) => Ok(memory.with(|state| work(state, clock()))),
            Storage::File(file) => file.with(deadline, |state| work(state, clock())).await,
            #[cfg(feature = "redis")]
            Storage::Redis(redis) => {
                // Leaves time for a request that needs no Redis.
                let now = Instant::now();
                let until = if self.fallback.is_some() { now + (deadline - now) / 2 } else { deadline };
                // Boxed: it would make each call's future twice as large.
                Box::pin(redis.with(until, work)).await.map_err(Unavailable::Broken)
            }
        }
    }

    /// Returns the memory in which the request with this number is counted, if it is in one.
    fn memory_of(&self, number: u64) -> Option<&Memory> {
        match (&self.storage, &self.fallback) {
            (Storage::Memory(memory), _) => Some(memory),
            (_, Some(fallback)) if fallback.counts(number) => Some(fallback.memory()),
            _ => None,
        }
    }

    /// Notes the end of a request, by the clock of this machine.
    fn finish(&self, state: &mut LimiterState, number: u64, hint: RateLimitHint) {
        let now = self.time(state, clock());
        state.finish(now, number, hint);
    }

    /// Returns the time of the state, by this clock of all who share it, which may have been set.
    fn time(&self, state: &mut LimiterState, clock: u64) -> u64 {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let expected = seen.map(|(time, at)| time + at.elapsed().as_micros() as u64);
        let now = state.time(clock, expected);
        *seen = Some((now, Instant::now()));
        now
    }
}

impl Permit {
    /// Notes that the request has ended, and the hint of its response: after the deadline, in the background.
    pub async fn finish(mut self, hint: RateLimitHint, deadline: Instant) {
        let (Some(limiter), number) = (self.limiter.take(), self.number) else { return };
        let note = |state: &mut LimiterState| limiter.finish(state, number, hint);
        match (limiter.memory_of(number), &limiter.storage) {
            (Some(memory), _) => return memory.with(note),
            // Mostly nobody has locked it.
            (None, Storage::File(file)) if matches!(file.try_with(note), Ok(Some(()))) => return,
            _ => {}
        }
        let note = async move {
            let note = |state: &mut LimiterState, now| state.finish(now, number, hint);
            drop(limiter.with(Instant::now() + NOTE_TIMEOUT, note).await);
        };
        finish_by(deadline, note).await;
    }
}

impl Drop for Permit {
    /// Notes the end of a call that was cancelled: its request may have been counted.
    fn drop(&mut self) {
        let Some(limiter) = self.limiter.take() else { return };
        let note = |state: &mut LimiterState| limiter.finish(state, self.number, RateLimitHint::None);
        match (limiter.memory_of(self.number), &limiter.storage) {
            (Some(memory), _) => memory.with(note),
            (None, Storage::File(file)) => drop(file.try_with(note)),
            // Without a runtime to wait in, it counts as in flight for a while.
            _ => {}
        }
    }
}

/// Counts a call that waits, until it is dropped.
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

fn timed_out(wait: Option<Duration>) -> Error {
    let when = wait.map_or(String::new(), |wait| format!(" (next slot in {:.1} s)", wait.as_secs_f64()));
    let message = format!("timed out waiting for the rate limit{when}");
    Error::new(ErrorKind::Timeout, Outcome::NotSent, message)
}

/// Returns the wall clock's time, in microseconds: the one clock that all processes share.
fn clock() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
