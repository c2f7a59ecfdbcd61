//! How far a run has come.

use std::time::{Duration, Instant};

use ocamba_hood::Client;
use serde::{Serialize, Serializer};

use crate::report::{Outcome, RowReport};

/// How far a run has come, as it is told after each row. Serialized, its times are seconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Progress {
    /// All rows.
    pub total: usize,
    /// Rows that are as they should be.
    pub done: usize,
    /// Rows that failed.
    pub failed: usize,
    /// Requests that are on their way, or wait for their turn.
    pub in_flight: usize,
    /// Rows of which it is not known what became of them: they will be looked for.
    pub in_doubt: usize,
    /// Since the run began.
    #[serde(serialize_with = "seconds")]
    pub elapsed: Duration,
    /// Requests that were answered, in a minute.
    pub rate: f64,
    /// How long requests have waited for the account's rate limit, together.
    #[serde(serialize_with = "seconds")]
    pub waited: Duration,
    /// How long the rest will take, as far as can be told.
    #[serde(serialize_with = "seconds_if_known")]
    pub remaining: Option<Duration>,
}

fn seconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64())
}

fn seconds_if_known<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(|time| time.as_secs_f64()).serialize(serializer)
}

/// Whom to tell.
pub(crate) type Listener<'a> = Box<dyn FnMut(&Progress) + Send + 'a>;

/// Counts for it.
pub(crate) struct Counter {
    started: Instant,
    total: usize,
    done: usize,
    failed: usize,
    answered: usize,
    /// The account's rate limit in a minute, where there is one.
    steady: Option<u32>,
}

impl Counter {
    pub fn new(total: usize, steady: Option<u32>) -> Self {
        Self { started: Instant::now(), total, done: 0, failed: 0, answered: 0, steady }
    }

    pub fn answered(&mut self) {
        self.answered += 1;
    }

    pub fn ended(&mut self, row: &RowReport) {
        match row.outcome {
            Outcome::Created | Outcome::Updated | Outcome::Adopted | Outcome::Unchanged => self.done += 1,
            Outcome::Failed | Outcome::Conflict | Outcome::Unknown | Outcome::Applied => self.failed += 1,
            Outcome::Pending => {}
        }
    }

    pub fn progress(&self, client: &Client, in_flight: usize, in_doubt: usize) -> Progress {
        let elapsed = self.started.elapsed();
        let rate = self.answered as f64 * 60.0 / elapsed.as_secs_f64().max(0.001);
        let left = self.total.saturating_sub(self.done + self.failed) as f64;
        // The rate limit tells it better than what was seen so far: the first of a minute go all at once.
        let expected = self.steady.map_or(rate, |steady| rate.min(f64::from(steady)));
        let remaining = (expected > 0.0).then(|| Duration::try_from_secs_f64(left * 60.0 / expected).ok()).flatten();
        Progress {
            total: self.total,
            done: self.done,
            failed: self.failed,
            in_flight,
            in_doubt,
            elapsed,
            rate,
            waited: client.metrics().waited,
            remaining,
        }
    }
}
