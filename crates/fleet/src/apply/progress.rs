//! Progress of a run.

use std::time::{Duration, Instant};

use ocamba_hood::Client;
use serde::{Serialize, Serializer};

use crate::apply::report::RowOutcome;

/// Progress of a run, reported after each row. Serialized durations are in seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Progress {
    /// Number of rows.
    pub total: usize,
    /// Rows whose integrations match.
    pub done: usize,
    /// Rows that failed.
    pub failed: usize,
    /// Requests in flight or waiting for the rate limit.
    pub in_flight: usize,
    /// Rows whose outcome is unknown: the run looks for them later.
    pub in_doubt: usize,
    /// Time since the run began.
    #[serde(serialize_with = "seconds")]
    pub elapsed: Duration,
    /// Responses per minute: no more than the rate limit permits, whatever a burst at the beginning suggests.
    pub rate: f64,
    /// Total time that requests waited for the rate limit.
    #[serde(serialize_with = "seconds")]
    pub waited: Duration,
    /// Estimated time until the end.
    #[serde(serialize_with = "seconds")]
    pub remaining: Option<Duration>,
}

fn seconds<S: Serializer>(time: &(impl Into<Option<Duration>> + Copy), serializer: S) -> Result<S::Ok, S::Error> {
    (*time).into().map(|time| time.as_secs_f64()).serialize(serializer)
}

/// Receives progress.
pub(crate) type Listener<'a> = Box<dyn FnMut(&Progress) + Send + 'a>;

/// Counts rows and responses.
pub(crate) struct Counter {
    started: Instant,
    responses: usize,
    /// Requests per minute that the rate limit allows.
    steady: Option<u32>,
    progress: Progress,
}

impl Counter {
    pub fn new(total: usize, steady: Option<u32>) -> Self {
        let progress = Progress { total, ..Progress::default() };
        Self { started: Instant::now(), responses: 0, steady, progress }
    }

    pub fn response(&mut self) {
        self.responses += 1;
    }

    pub fn row(&mut self, outcome: RowOutcome) {
        match outcome {
            RowOutcome::Pending => {}
            done if done.is_done() => self.progress.done += 1,
            _ => self.progress.failed += 1,
        }
    }

    pub fn progress(&mut self, client: &Client, in_flight: usize, in_doubt: usize) -> &Progress {
        let elapsed = self.started.elapsed();
        let measured = self.responses as f64 * 60.0 / elapsed.as_secs_f64().max(0.001);
        let Progress { total, done, failed, .. } = self.progress;
        let left = total.saturating_sub(done + failed) as f64;
        let permitted = self.steady.map_or(f64::INFINITY, f64::from);
        let rate = measured.min(permitted);
        // Before the first response, the rate limit tells how long it will take.
        let expected = if self.responses == 0 { permitted } else { rate };
        let remaining = Some(left * 60.0 / expected).filter(|_| expected.is_finite() && expected > 0.0);
        let remaining = remaining.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let waited = client.metrics().waited;
        self.progress = Progress { total, done, failed, in_flight, in_doubt, elapsed, rate, waited, remaining };
        &self.progress
    }
}
