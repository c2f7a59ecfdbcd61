//! The two fixed windows of an account's rate limit. Pure: the time is given.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};

/// The windows that are switched on.
#[derive(Debug)]
pub struct Windows(Vec<Window>);

/// What the headers of an answer say of one window.
#[derive(Debug, PartialEq, Eq)]
pub struct Quota {
    limit: u32,
    remaining: u32,
    /// Until the window ends, in whole seconds, rounded up.
    reset: u64,
}

impl Windows {
    /// So many requests in a second, and so many in a minute; 0 switches a window off.
    pub fn new(burst: u32, steady: u32) -> Self {
        let window = |seconds, limit| Window { length: Duration::from_secs(seconds), limit, index: 0, used: 0 };
        let both = [window(1, burst), window(60, steady)];
        Self(both.into_iter().filter(|w| w.limit > 0).collect())
    }

    /// Counts a request in every window, or in none and says how many whole seconds to wait.
    ///
    /// `now` is the time since the windows began. The error is at least 1: a window that is full has not ended.
    pub fn admit(&mut self, now: Duration) -> Result<Option<Quota>, u64> {
        self.roll(now);
        let full = self.0.iter().filter(|w| w.remaining() == 0);
        if let Some(wait) = full.map(|w| w.seconds_left(now)).max() {
            return Err(wait);
        }
        self.0.iter_mut().for_each(|w| w.used += 1);
        Ok(self.quota(now))
    }

    /// The window with the fewest requests remaining, without counting one. None when all are switched off.
    pub fn peek(&mut self, now: Duration) -> Option<Quota> {
        self.roll(now);
        self.quota(now)
    }

    fn roll(&mut self, now: Duration) {
        self.0.iter_mut().for_each(|w| w.roll(now));
    }

    fn quota(&self, now: Duration) -> Option<Quota> {
        // Of equals the longer window is told, since it lasts: it stands last, and so comes first when reversed.
        let scarcest = self.0.iter().rev().min_by_key(|w| w.remaining())?;
        Some(Quota {
            limit: scarcest.limit,
            remaining: scarcest.remaining(),
            reset: scarcest.seconds_left(now),
        })
    }
}

impl Quota {
    /// Writes the documented headers.
    pub fn write(&self, headers: &mut HeaderMap) {
        headers.insert("x-ratelimit-limit", HeaderValue::from(self.limit));
        headers.insert("x-ratelimit-remaining", HeaderValue::from(self.remaining));
        headers.insert("x-ratelimit-reset", HeaderValue::from(self.reset));
    }
}

#[derive(Debug)]
struct Window {
    length: Duration,
    limit: u32,
    /// The how-manieth window of this length it is, from the beginning.
    index: u128,
    used: u32,
}

impl Window {
    fn roll(&mut self, now: Duration) {
        let index = now.as_nanos() / self.length.as_nanos();
        if index != self.index {
            self.index = index;
            self.used = 0;
        }
    }

    fn remaining(&self) -> u32 {
        self.limit - self.used
    }

    fn seconds_left(&self, now: Duration) -> u64 {
        let left = self.length.as_nanos() - now.as_nanos() % self.length.as_nanos();
        Duration::from_nanos_u128(left).as_secs_f64().ceil() as u64
    }
}
