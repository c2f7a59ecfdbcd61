//! The two fixed windows of an account's rate limit. They are given the time.

use std::time::{Duration, UNIX_EPOCH};

use axum::http::{HeaderMap, HeaderValue};
use serde::Serialize;

use crate::contract::unknowns::{RateHeaders, RateReset};

/// The enabled windows, and which of them the headers describe.
#[derive(Debug)]
pub struct Windows(Vec<Window>, RateHeaders);

/// The headers of a response, which describe one window.
#[derive(Debug, PartialEq, Eq)]
pub struct Quota {
    limit: u32,
    remaining: u32,
    /// Time until the window ends, in whole seconds, rounded up.
    reset: u64,
}

/// The state of a window, for the inspector.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Gauge {
    /// Length of the window.
    pub seconds: u64,
    pub limit: u32,
    pub used: u32,
    /// Time until the window ends.
    pub resets_in_ms: u64,
}

impl Windows {
    /// Allows `burst` requests within a second and `steady` requests within a minute; 0 disables a window.
    pub fn new(burst: u32, steady: u32) -> Self {
        let window = |seconds, limit| Window { seconds, limit, index: 0, used: 0 };
        let both = [window(1, burst), window(60, steady)];
        Self(both.into_iter().filter(|w| w.limit > 0).collect(), RateHeaders::Scarcest)
    }

    /// Has the headers describe these windows.
    pub fn describing(self, described: RateHeaders) -> Self {
        Self(self.0, described)
    }

    /// Begins anew, with the first windows.
    pub fn restart(&mut self) {
        self.0.iter_mut().for_each(|w| (w.index, w.used) = (0, 0));
    }

    /// Counts a request in all windows, or in none and returns the whole seconds to wait.
    ///
    /// `now` is the time since the first windows began. The error is at least 1, since a full window has not ended.
    pub fn admit(&mut self, now: Duration) -> Result<Option<Quota>, u64> {
        self.roll(now);
        let full = self.0.iter().filter(|w| w.remaining() == 0);
        if let Some(wait) = full.map(|w| w.seconds_left(now)).max() {
            return Err(wait);
        }
        self.0.iter_mut().for_each(|w| w.used += 1);
        Ok(self.quota(now))
    }

    /// Returns the window with the fewest remaining requests, without counting one. Returns none when all are disabled.
    pub fn peek(&mut self, now: Duration) -> Option<Quota> {
        self.roll(now);
        self.quota(now)
    }

    /// Returns the state of each enabled window, without counting a request.
    pub fn gauges(&mut self, now: Duration) -> Vec<Gauge> {
        self.roll(now);
        self.0.iter().map(|w| w.gauge(now)).collect()
    }

    fn roll(&mut self, now: Duration) {
        self.0.iter_mut().for_each(|w| w.roll(now));
    }

    fn quota(&self, now: Duration) -> Option<Quota> {
        // Of equal windows the longer one counts. It is last, hence `rev`.
        let of = |seconds| self.0.iter().find(|w| w.seconds == seconds);
        let described = match self.1 {
            RateHeaders::Scarcest => self.0.iter().rev().min_by_key(|w| w.remaining()),
            RateHeaders::Second => of(1),
            RateHeaders::Minute => of(60),
            RateHeaders::None => None,
        }?;
        Some(Quota { limit: described.limit, remaining: described.remaining(), reset: described.seconds_left(now) })
    }
}

impl Quota {
    /// Writes the documented headers.
    pub fn write(&self, headers: &mut HeaderMap, counts: RateReset) {
        let reset = match counts {
            RateReset::Seconds => self.reset,
            RateReset::UnixTime => UNIX_EPOCH.elapsed().unwrap_or_default().as_secs() + self.reset,
        };
        headers.insert("x-ratelimit-limit", HeaderValue::from(self.limit));
        headers.insert("x-ratelimit-remaining", HeaderValue::from(self.remaining));
        headers.insert("x-ratelimit-reset", HeaderValue::from(reset));
    }
}

#[derive(Debug)]
struct Window {
    seconds: u64,
    limit: u32,
    /// Number of earlier windows of this length.
    index: u64,
    used: u32,
}

impl Window {
    fn roll(&mut self, now: Duration) {
        let index = now.as_secs() / self.seconds;
        if index != self.index {
            self.index = index;
            self.used = 0;
        }
    }

    fn remaining(&self) -> u32 {
        self.limit - self.used
    }

    fn gauge(&self, now: Duration) -> Gauge {
        let length = Duration::from_secs(self.seconds).as_millis() as u64;
        let resets_in_ms = length - now.as_millis() as u64 % length;
        Gauge { seconds: self.seconds, limit: self.limit, used: self.used, resets_in_ms }
    }

    /// Rounds up: windows begin and end on whole seconds, so the result is 1 until the end.
    fn seconds_left(&self, now: Duration) -> u64 {
        self.seconds - now.as_secs() % self.seconds
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn quota(limit: u32, remaining: u32, reset: u64) -> Result<Option<Quota>, u64> {
        Ok(Some(Quota { limit, remaining, reset }))
    }

    #[test]
    fn window_admits_its_limit() {
        let mut windows = Windows::new(2, 0);
        assert_eq!(windows.admit(at(0)), quota(2, 1, 1));
        assert_eq!(windows.admit(at(400)), quota(2, 0, 1));
        assert_eq!(windows.admit(at(401)), Err(1));
    }

    #[test]
    fn windows_are_fixed_to_the_nanosecond() {
        let mut windows = Windows::new(1, 0);
        let end = Duration::from_secs(1);
        // Late in the first window, so that a sliding one would still be full at the start of the second.
        assert_eq!(windows.admit(at(999)), quota(1, 0, 1));
        assert_eq!(windows.admit(end - Duration::from_nanos(1)), Err(1));
        assert_eq!(windows.admit(end), quota(1, 0, 1));
        assert_eq!(windows.admit(end), Err(1));

        let mut windows = Windows::new(0, 1);
        let end = Duration::from_secs(60);
        assert_eq!(windows.admit(at(0)), quota(1, 0, 60));
        assert_eq!(windows.admit(end - Duration::from_nanos(1)), Err(1));
        assert_eq!(windows.admit(end), quota(1, 0, 60));
    }

    #[test]
    fn windows_stay_on_their_grid_after_a_pause() {
        let mut windows = Windows::new(0, 1);
        assert_eq!(windows.admit(at(150_000)), quota(1, 0, 30));
        assert_eq!(windows.admit(at(179_999)), Err(1));
        assert_eq!(windows.admit(at(180_000)), quota(1, 0, 60));
    }

    #[test]
    fn wait_is_rounded_up_to_whole_seconds() {
        let mut windows = Windows::new(0, 1);
        assert!(windows.admit(at(0)).is_ok());
        for (now, wait) in
            [(0, 60), (1, 60), (999, 60), (1_000, 59), (1_001, 59), (58_999, 2), (59_000, 1), (59_999, 1)]
        {
            assert_eq!(windows.admit(at(now)), Err(wait), "at {now} ms");
        }
    }

    #[test]
    fn request_is_not_counted_in_any_window_when_refused() {
        let mut windows = Windows::new(1, 3);
        assert_eq!(windows.admit(at(0)), quota(1, 0, 1));
        for _ in 0..50 {
            assert_eq!(windows.admit(at(1)), Err(1));
        }
        // Had the refused ones counted, the minute would be full.
        assert_eq!(windows.admit(at(1_000)), quota(1, 0, 1));
        assert_eq!(windows.admit(at(2_000)), quota(3, 0, 58));
        // And had those counted that the minute refuses, the second would be.
        assert_eq!(windows.admit(at(3_000)), Err(57));
        assert_eq!(windows.peek(at(3_000)), Some(Quota { limit: 3, remaining: 0, reset: 57 }));
        assert_eq!(windows.admit(at(60_000)), quota(1, 0, 1));
    }

    #[test]
    fn wait_is_the_longer_one_when_both_windows_are_full() {
        let mut windows = Windows::new(2, 2);
        assert!(windows.admit(at(0)).is_ok());
        assert!(windows.admit(at(0)).is_ok());
        assert_eq!(windows.admit(at(500)), Err(60));
    }

    #[test]
    fn quota_is_that_of_the_window_with_the_fewest_remaining() {
        let mut windows = Windows::new(10, 12);
        assert_eq!(windows.admit(at(0)), quota(10, 9, 1));
        for _ in 0..3 {
            assert!(windows.admit(at(0)).is_ok());
        }
        // A new second has 9 left again, the minute 7.
        assert_eq!(windows.admit(at(1_000)), quota(12, 7, 59));
        // Of equals, the minute.
        assert_eq!(Windows::new(5, 5).admit(at(0)), quota(5, 4, 60));
    }

    #[test]
    fn peek_counts_nothing() {
        let mut windows = Windows::new(1, 0);
        let untouched = Some(Quota { limit: 1, remaining: 1, reset: 1 });
        assert_eq!(windows.peek(at(0)), untouched);
        assert_eq!(windows.peek(at(0)), untouched);
        assert!(windows.admit(at(0)).is_ok());
        assert_eq!(windows.peek(at(1_000)), untouched);
    }

    #[test]
    fn gauges_show_each_window_and_count_nothing() {
        let mut windows = Windows::new(2, 3);
        let gauge = |seconds, limit, used, resets_in_ms| Gauge { seconds, limit, used, resets_in_ms };
        assert!(windows.admit(at(250)).is_ok());
        for _ in 0..2 {
            assert_eq!(windows.gauges(at(250)), [gauge(1, 2, 1, 750), gauge(60, 3, 1, 59_750)]);
        }
        assert_eq!(windows.gauges(at(1_000)), [gauge(1, 2, 0, 1_000), gauge(60, 3, 1, 59_000)]);
        assert_eq!(Windows::new(0, 3).gauges(at(0)), [gauge(60, 3, 0, 60_000)]);
    }

    #[test]
    fn windows_can_be_disabled() {
        let mut windows = Windows::new(0, 0);
        for _ in 0..1_000 {
            assert_eq!(windows.admit(at(0)), Ok(None));
        }
        assert_eq!(windows.peek(at(0)), None);
    }

    #[test]
    fn headers_are_the_documented_ones() {
        let mut headers = HeaderMap::new();
        Quota { limit: 10, remaining: 3, reset: 1 }.write(&mut headers, RateReset::Seconds);
        assert_eq!(headers["X-RateLimit-Limit"], "10");
        assert_eq!(headers["X-RateLimit-Remaining"], "3");
        assert_eq!(headers["X-RateLimit-Reset"], "1");
        assert_eq!(headers.len(), 3);
    }
}
