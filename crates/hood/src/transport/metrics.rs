//! What a client has done so far, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::error::{Error, Outcome};

/// Numbers of a client and its clones since it was built. From [`Client::metrics`](crate::Client::metrics).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metrics {
    /// HTTP requests.
    pub attempts: u64,
    /// HTTP requests that waited for the rate limit.
    pub waits: u64,
    /// Time that they waited, in total.
    pub waited: Duration,
    /// Calls that succeeded.
    pub succeeded: u64,
    /// Calls that failed with the outcome `not_sent`.
    pub not_sent: u64,
    /// Calls that failed with the outcome `rejected`.
    pub rejected: u64,
    /// Calls that failed with the outcome `unknown`.
    pub unknown: u64,
    /// Calls that failed with the outcome `applied`.
    pub applied: u64,
}

/// The counters behind [`Metrics`].
#[derive(Debug, Default)]
pub struct Counters {
    attempts: AtomicU64,
    waits: AtomicU64,
    waited_micros: AtomicU64,
    /// Succeeded, not sent, rejected, unknown, applied.
    calls: [AtomicU64; 5],
}

impl Counters {
    pub fn count_attempt(&self) {
        self.attempts.fetch_add(1, Ordering::Relaxed);
    }

    pub fn count_wait(&self, waited: Duration) {
        self.waits.fetch_add(1, Ordering::Relaxed);
        self.waited_micros.fetch_add(u64::try_from(waited.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub fn count_call<T>(&self, result: &Result<T, Error>) {
        let index = match result.as_ref().map_err(Error::outcome) {
            Ok(_) => 0,
            Err(Outcome::NotSent) => 1,
            Err(Outcome::Rejected) => 2,
            Err(Outcome::Unknown) => 3,
            Err(Outcome::Applied) => 4,
        };
        self.calls[index].fetch_add(1, Ordering::Relaxed);
    }

    pub fn read(&self) -> Metrics {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let [succeeded, not_sent, rejected, unknown, applied] = self.calls.each_ref().map(of);
        Metrics {
            attempts: of(&self.attempts),
            waits: of(&self.waits),
            waited: Duration::from_micros(of(&self.waited_micros)),
            succeeded,
            not_sent,
            rejected,
            unknown,
            applied,
        }
    }
}
