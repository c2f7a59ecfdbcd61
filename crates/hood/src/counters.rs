//! What a client has done so far.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::{Error, Outcome};

/// What a client and its clones have done so far. From [`Client::counters`](crate::Client::counters).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Requests on the wire.
    pub attempts: u64,
    /// Requests that had to wait for their turn in the lane.
    pub waits: u64,
    /// How long they waited together.
    pub waited: Duration,
    /// Calls that succeeded.
    pub succeeded: u64,
    /// Calls that failed, and nothing was sent.
    pub not_sent: u64,
    /// Calls that the server refused.
    pub rejected: u64,
    /// Calls that may have been carried out.
    pub unknown: u64,
    /// Calls that were carried out, and their answer could not be read.
    pub applied: u64,
}

/// The numbers behind [`Counters`].
#[derive(Debug, Default)]
pub(crate) struct Count {
    attempts: AtomicU64,
    waits: AtomicU64,
    waited_micros: AtomicU64,
    /// Succeeded, not sent, rejected, unknown, applied.
    ends: [AtomicU64; 5],
}

impl Count {
    pub fn attempt(&self) {
        self.attempts.fetch_add(1, Ordering::Relaxed);
    }

    pub fn wait(&self, waited: Duration) {
        self.waits.fetch_add(1, Ordering::Relaxed);
        self.waited_micros.fetch_add(u64::try_from(waited.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub fn end<T>(&self, result: &Result<T, Error>) {
        let index = match result.as_ref().map_err(Error::outcome) {
            Ok(_) => 0,
            Err(Outcome::NotSent) => 1,
            Err(Outcome::Rejected) => 2,
            Err(Outcome::Unknown) => 3,
            Err(Outcome::Applied) => 4,
        };
        self.ends[index].fetch_add(1, Ordering::Relaxed);
    }

    pub fn read(&self) -> Counters {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let [succeeded, not_sent, rejected, unknown, applied] = self.ends.each_ref().map(of);
        Counters {
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
