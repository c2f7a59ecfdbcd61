//! The rules of the rate limit: pure functions of the state and the time.
//!
//! Times are microseconds of one clock, without its steps: [`LimiterState::time`]. The server counts a request at some time
//! between its permit and its response, or at most [`MAX_TRANSIT`] after the permit. The rules assume the latest of these
//! times. So the limits hold wherever the server's windows begin, and however long a request is in transit.

use std::collections::VecDeque;

use super::config::Tier;

/// One second, in the unit of the rules.
pub const SECOND: u64 = 1_000_000;
/// Added to the windows, because clocks and timers are not exact.
const BURST_MARGIN: u64 = SECOND / 50;
const STEADY_MARGIN: u64 = SECOND / 5;
/// Maximum time that a request without a response is assumed to be in transit.
const MAX_TRANSIT: u64 = SECOND;
/// Maximum time that a request counts as in flight: its process may have died.
const MAX_FLIGHT: u64 = 60 * SECOND;
/// Minimum step of a clock. Smaller differences come from slow responses of Redis, and from clocks that drift.
const STEP: u64 = 2 * SECOND;
/// Pause before the requests in flight are counted again: their ends cannot be predicted.
const FLIGHT_POLL: u64 = SECOND / 100;

/// State that all clients of an account share.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LimiterState {
    /// Time of the last change.
    pub changed: u64,
    /// Sum of the clock's steps: what the clock shows beyond the time of this state.
    pub steps: i64,
    /// Latest times at which the server counted the requests of the last minute, ascending.
    pub sent: VecDeque<u64>,
    /// Requests without a response yet: their numbers, and the times of their permits.
    pub in_flight: Vec<(u64, u64)>,
    /// Number of the next request.
    pub next: u64,
    /// Time before which nothing is permitted, because the server demanded a wait.
    pub blocked_until: u64,
    /// Number of requests that the server still allows before `remaining_until`, by its headers.
    pub remaining: u64,
    /// End of the server's window; 0 if the server did not send it.
    pub remaining_until: u64,
    /// Maximum number of requests in flight, times 1,000; 0 if the server never reported too many.
    pub flight_limit: u64,
}

/// Rate limit information of a response.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RateLimitHint {
    /// The response has none.
    None,
    /// Number of requests that the window still allows, and seconds until it ends.
    Window { remaining: u64, reset: u64 },
    /// Seconds to wait.
    Wait(u64),
    /// Too many requests are in flight.
    TooManyInFlight,
}

impl LimiterState {
    /// Returns the time, by a clock that may have been set. `expected` is the time by the monotonic clock of a process that
    /// has seen this state before. Without it, only a clock that was set back is noticed.
    pub fn time(&mut self, clock: u64, expected: Option<u64>) -> u64 {
        let now = u64::try_from(clock as i64 - self.steps).unwrap_or_default();
        let now = expected.filter(|expected| expected.abs_diff(now) > STEP).unwrap_or(now).max(self.changed);
        self.steps = clock as i64 - now as i64;
        now
    }

    /// Permits a request and returns its number, or returns the time at which to try again.
    pub fn acquire(&mut self, now: u64, tier: Tier) -> Result<u64, u64> {
        self.forget(now);
        let at = self.earliest(now, tier);
        if at > now {
            return Err(at);
        }
        self.changed = now;
        let number = self.next;
        self.next += 1;
        self.in_flight.push((number, now));
        if self.remaining_until > now {
            self.remaining = self.remaining.saturating_sub(1);
        }
        Ok(number)
    }

    /// Notes the end of a request, and the hint of its response.
    pub fn finish(&mut self, now: u64, number: u64, hint: RateLimitHint) {
        if let Some(index) = self.in_flight.iter().position(|(other, _)| *other == number) {
            let (_, permitted) = self.in_flight.swap_remove(index);
            self.note_sent(now.min(permitted + MAX_TRANSIT));
        }
        self.changed = now;
        self.learn(now, number, hint);
        self.forget(now);
    }

    /// Returns the numbers of requests in the last second and in the last minute, with those in flight.
    pub fn used(&self, now: u64) -> (usize, usize) {
        let since = |window: u64| {
            let sent = self.sent.iter().filter(|sent| **sent + window > now).count();
            sent + self.transits(now).filter(|at| at + window > now).count()
        };
        (since(SECOND), since(60 * SECOND))
    }

    /// Returns the maximum number of requests in flight, if the server reported too many.
    pub fn in_flight_limit(&self) -> Option<usize> {
        (self.flight_limit > 0).then(|| (self.flight_limit / 1_000).max(1) as usize)
    }

    /// Returns the earliest time of the next request; a past time permits it now.
    fn earliest(&self, now: u64, tier: Tier) -> u64 {
        let mut at = self.blocked_until;
        at = at.max(self.window(now, tier.burst, SECOND + BURST_MARGIN));
        at = at.max(self.window(now, tier.steady, 60 * SECOND + STEADY_MARGIN));
        if self.remaining_until > now && self.remaining == 0 {
            at = at.max(self.remaining_until);
        }
        if self.in_flight_limit().is_some_and(|limit| self.in_flight.len() >= limit) {
            at = at.max(now + FLIGHT_POLL);
        }
        at
    }

    /// Returns the time at which a window of this length allows one more request.
    fn window(&self, now: u64, limit: u32, length: u64) -> u64 {
        let limit = limit.max(1) as usize;
        if self.sent.len() + self.in_flight.len() < limit {
            return 0;
        }
        // The request that many places back, across two lists: the long one is sorted, the short one is sorted here.
        let mut transits: Vec<u64> = self.transits(now).collect();
        transits.sort_unstable_by(|a, b| b.cmp(a));
        let mut from_sent = limit.min(self.sent.len());
        let mut from_transits = limit - from_sent;
        let nth_sent = |back: usize| back.checked_sub(1).map_or(u64::MAX, |_| self.sent[self.sent.len() - back]);
        while transits.get(from_transits).is_some_and(|at| *at > nth_sent(from_sent)) {
            from_sent -= 1;
            from_transits += 1;
        }
        let nth_transit = from_transits.checked_sub(1).map_or(u64::MAX, |index| transits[index]);
        nth_sent(from_sent).min(nth_transit) + length
    }

    /// Returns the latest times at which the requests in flight are counted, as far as is known now.
    fn transits(&self, now: u64) -> impl Iterator<Item = u64> {
        self.in_flight.iter().map(move |(_, permitted)| (permitted + MAX_TRANSIT).min(now.max(*permitted)))
    }

    fn learn(&mut self, now: u64, number: u64, hint: RateLimitHint) {
        match hint {
            RateLimitHint::None => {}
            RateLimitHint::Window { remaining, reset } => {
                // The server may not have counted later requests yet. It has counted the earlier ones, even those without a
                // response.
                let later = self.in_flight.iter().filter(|(other, _)| *other > number).count();
                let remaining = remaining.saturating_sub(later as u64);
                if self.remaining_until <= now || remaining < self.remaining {
                    self.remaining = remaining;
                    self.remaining_until = now + reset.min(60) * SECOND;
                }
                self.grow();
            }
            RateLimitHint::Wait(seconds) => {
                self.blocked_until = self.blocked_until.max(now + seconds.min(3_600) * SECOND);
            }
            RateLimitHint::TooManyInFlight => {
                // Half of the number that was too many: this request and the others.
                let in_flight = self.in_flight.len() as u64 + 1;
                let limit =
                    if self.flight_limit == 0 { in_flight * 1_000 } else { self.flight_limit.min(in_flight * 1_000) };
                self.flight_limit = (limit / 2).max(1_000);
            }
        }
    }

    /// Raises the maximum in flight by one per that many responses: additive increase, as it falls by halves.
    fn grow(&mut self) {
        self.flight_limit += 1_000_000_u64.checked_div(self.flight_limit).map_or(0, |step| step.max(1));
    }

    fn note_sent(&mut self, at: u64) {
        let index = self.sent.partition_point(|sent| *sent <= at);
        self.sent.insert(index, at);
    }

    /// Drops requests that no longer count.
    fn forget(&mut self, now: u64) {
        let old = self.sent.partition_point(|at| at + 60 * SECOND + STEADY_MARGIN <= now);
        self.sent.drain(..old);
        // Requests of processes that died are assumed to be sent.
        while let Some(index) = self.in_flight.iter().position(|(_, at)| at + MAX_FLIGHT <= now) {
            let (_, permitted) = self.in_flight.swap_remove(index);
            self.note_sent(permitted + MAX_TRANSIT);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIER: Tier = Tier { burst: 10, steady: 150 };

    /// Returns the times at which the server counts requests with these transit times.
    fn counted(requests: usize, transit: impl Fn(usize) -> u64) -> Vec<u64> {
        let (mut state, mut now, mut counted) = (LimiterState::default(), 5 * SECOND, Vec::new());
        let mut in_transit: Vec<(u64, u64)> = Vec::new();
        while counted.len() < requests {
            let next = match state.acquire(now, TIER) {
                Ok(number) => {
                    let arrival = now + transit(counted.len());
                    counted.push(arrival);
                    in_transit.push((arrival + 1_000, number));
                    now + 200
                }
                Err(at) => at,
            };
            // Responses arrive in the order of their ends.
            in_transit.sort();
            while let Some((end, number)) = in_transit.first().copied().filter(|(end, _)| *end <= next) {
                now = now.max(end);
                state.finish(now, number, RateLimitHint::None);
                in_transit.remove(0);
            }
            now = next;
        }
        counted.sort();
        counted
    }

    fn most_within(times: &[u64], window: u64) -> usize {
        times
            .iter()
            .map(|start| times.iter().filter(|t| *t >= start && **t < start + window).count())
            .max()
            .unwrap_or(0)
    }

    #[test]
    fn limits_hold_wherever_a_window_begins() {
        let waits: [fn(usize) -> u64; 3] =
            [|_| 0, |i| (i as u64 * 7_919) % 400_000, |i| if i % 9 == 0 { 900_000 } else { 0 }];
        for transit in waits {
            let times = counted(400, transit);
            assert!(most_within(&times, SECOND) <= 10, "{}", most_within(&times, SECOND));
            assert!(most_within(&times, 60 * SECOND) <= 150, "{}", most_within(&times, 60 * SECOND));
        }
    }

    #[test]
    fn requests_use_the_whole_limit() {
        let times = counted(160, |_| 0);
        let took = times[159] - times[0];
        assert!(took < 61 * SECOND, "{took}");
    }

    #[test]
    fn hints_of_the_server_delay_requests() {
        let (mut state, now) = (LimiterState::default(), 5 * SECOND);
        let number = state.acquire(now, TIER).expect("permitted");
        state.finish(now, number, RateLimitHint::Wait(7));
        assert_eq!(state.acquire(now, TIER), Err(12 * SECOND));
        let number = state.acquire(12 * SECOND, TIER).expect("permitted");
        state.finish(12 * SECOND, number, RateLimitHint::Window { remaining: 1, reset: 30 });
        assert!(state.acquire(12 * SECOND, TIER).is_ok(), "one more is allowed");
        assert_eq!(state.acquire(12 * SECOND, TIER), Err(42 * SECOND));
    }

    #[test]
    fn requests_that_the_server_counted_are_not_counted_again() {
        let (mut state, now) = (LimiterState::default(), 5 * SECOND);
        let numbers: Vec<_> = (0..3).map(|_| state.acquire(now, TIER).expect("permitted")).collect();
        // The server counted the first as well, though it has not ended yet; perhaps not the third.
        state.finish(now, numbers[1], RateLimitHint::Window { remaining: 2, reset: 30 });
        assert!(state.acquire(now, TIER).is_ok());
        assert_eq!(state.acquire(now, TIER), Err(35 * SECOND));
    }

    #[test]
    fn in_flight_limit_halves_and_grows_by_one() {
        let (mut state, now) = (LimiterState::default(), 5 * SECOND);
        let numbers: Vec<_> = (0..8).map(|_| state.acquire(now, TIER).expect("permitted")).collect();
        state.finish(now, numbers[0], RateLimitHint::TooManyInFlight);
        assert_eq!(state.in_flight_limit(), Some(4));
        assert!(state.acquire(now, TIER).is_err(), "seven are in flight");
        for number in &numbers[1..] {
            state.finish(now, *number, RateLimitHint::Window { remaining: 100, reset: 1 });
        }
        assert_eq!(state.in_flight_limit(), Some(5));
        assert!(state.acquire(now, TIER).is_ok());
    }

    #[test]
    fn request_in_flight_is_forgotten_after_its_maximum() {
        let (mut state, mut now) = (LimiterState::default(), 5 * SECOND);
        state.flight_limit = 1_000;
        state.acquire(now, TIER).expect("permitted, and never finished");
        assert!(state.acquire(now, TIER).is_err());
        now += MAX_FLIGHT;
        assert!(state.acquire(now, TIER).is_ok());
    }

    const HOUR: u64 = 3_600 * SECOND;

    /// A process with a state that others share, and clocks that are set.
    #[derive(Default)]
    struct Process {
        seen: Option<(u64, u64)>,
    }

    impl Process {
        /// Asks for a permit, `monotonic` after the start. Returns how long to wait.
        fn wait(&mut self, state: &mut LimiterState, clock: u64, monotonic: u64) -> u64 {
            let expected = self.seen.map(|(time, at)| time + (monotonic - at));
            let now = state.time(clock, expected);
            self.seen = Some((now, monotonic));
            state.acquire(now, TIER).err().map_or(0, |at| at - now)
        }
    }

    /// Returns a state at ten o'clock that is blocked for 30 seconds, or whose window is full.
    fn busy(is_blocked: bool) -> LimiterState {
        let mut state = LimiterState::default();
        let now = state.time(10 * HOUR, None);
        for _ in 0..TIER.burst {
            let number = state.acquire(now, TIER).expect("permitted");
            let hint = if is_blocked { RateLimitHint::Wait(30) } else { RateLimitHint::None };
            state.finish(now, number, hint);
            state.blocked_until = 0;
            if is_blocked {
                state.blocked_until = now + 30 * SECOND;
                break;
            }
        }
        state
    }

    #[test]
    fn wait_does_not_grow_when_the_clock_is_set() {
        for (is_blocked, due) in [(true, 30 * SECOND), (false, SECOND + BURST_MARGIN)] {
            for back in [5 * SECOND, 1_200 * SECOND, 2 * HOUR, 11 * HOUR] {
                let (mut state, earlier) = (busy(is_blocked), (10 * HOUR).saturating_sub(back));
                // Processes that have not seen the state before.
                assert_eq!(Process::default().wait(&mut state, earlier, 0), due);
                assert_eq!(Process::default().wait(&mut state, earlier + due - 1, 0), 1);
                // Set a second time, by another process' clock.
                assert_eq!(Process::default().wait(&mut state, (earlier + due - 1).saturating_sub(HOUR), 0), due);
            }
        }
    }

    #[test]
    fn clock_that_is_set_during_a_wait_changes_nothing_of_it() {
        for step in [-7_200, -1_200, -20, 20, 1_200, 7_200] {
            let after = |passed: u64| (10 * HOUR + passed).saturating_add_signed(step * 1_000_000);
            let (mut state, mut one, mut other) = (busy(true), Process::default(), Process::default());
            assert_eq!(one.wait(&mut state, 10 * HOUR, 0), 30 * SECOND);
            assert_eq!(other.wait(&mut state, 10 * HOUR + SECOND, SECOND), 29 * SECOND);
            assert_eq!(one.wait(&mut state, after(25 * SECOND), 25 * SECOND), 5 * SECOND);
            assert_eq!(other.wait(&mut state, after(26 * SECOND), 26 * SECOND), 4 * SECOND);
            assert_eq!(Process::default().wait(&mut state, after(27 * SECOND), 0), 3 * SECOND);
            assert_eq!(one.wait(&mut state, after(30 * SECOND), 30 * SECOND), 0);
        }
    }
}
