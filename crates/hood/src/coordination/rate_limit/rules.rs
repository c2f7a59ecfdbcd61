//! The rules of the rate limit, apart from where its state is kept and from the time.
//!
//! Times are microseconds of one clock. A request counts in a window from when it was let go until it has surely been
//! counted by the server: when its answer came, or at most [`MAX_TRANSIT`] later. So the limits hold wherever the
//! server's windows begin, however long a request was on its way.

use std::collections::VecDeque;

use super::config::Tier;

/// One second, in the unit of the rules.
pub const SECOND: u64 = 1_000_000;
/// The windows are taken this much longer, for clocks and timers that are not exact.
const BURST_MARGIN: u64 = SECOND / 50;
const STEADY_MARGIN: u64 = SECOND / 5;
/// How long a request without an answer is taken to be on its way.
const MAX_TRANSIT: u64 = SECOND;
/// How long a request without an end counts as in flight: its process may have died.
const MAX_FLIGHT: u64 = 60 * SECOND;
/// A request in flight is looked for again after this time: nobody knows when one ends.
const FLIGHT_POLL: u64 = SECOND / 100;

/// What all clients of an account know together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LimiterState {
    /// When the requests of the last minute were counted by the server at the latest; ascending.
    pub sent: VecDeque<u64>,
    /// Requests without an answer yet: their number, and when they were let go.
    pub in_flight: Vec<(u64, u64)>,
    /// The number of the next request.
    pub next: u64,
    /// Nothing is let go before: the server asked for it.
    pub blocked_until: u64,
    /// How many more requests the server allows until then, by its headers.
    pub remaining: u64,
    /// When what the server allows begins anew; 0 where it has not said.
    pub remaining_until: u64,
    /// How many may be in flight, times 1,000; 0 where the server has not complained.
    pub flight_limit: u64,
}

/// What the server said in an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RateLimitHint {
    /// Nothing about the rate limit.
    None,
    /// How many requests the window still allows, and in how many seconds it ends.
    Window { remaining: u64, reset: u64 },
    /// To wait for so many seconds.
    Wait(u64),
    /// That too many are in flight.
    TooManyInFlight,
}

impl LimiterState {
    /// Lets a request go, and returns its number; or returns when to ask again.
    pub fn acquire(&mut self, now: u64, tier: Tier) -> Result<u64, u64> {
        self.forget(now);
        let at = self.earliest(now, tier);
        if at > now {
            return Err(at);
        }
        let number = self.next;
        self.next += 1;
        self.in_flight.push((number, now));
        if self.remaining_until > now {
            self.remaining = self.remaining.saturating_sub(1);
        }
        Ok(number)
    }

    /// Notes that a request has ended, and what the server said of it.
    pub fn finish(&mut self, now: u64, number: u64, feedback: RateLimitHint) {
        if let Some(index) = self.in_flight.iter().position(|(other, _)| *other == number) {
            let (_, let_go) = self.in_flight.swap_remove(index);
            self.note_sent(now.min(let_go + MAX_TRANSIT));
        }
        self.learn(now, number, feedback);
        self.forget(now);
    }

    /// How many were sent in the last second, and in the last minute; those in flight among them.
    pub fn used(&self, now: u64) -> (usize, usize) {
        let since = |window: u64| {
            let sent = self.sent.iter().filter(|sent| **sent + window > now).count();
            sent + self.transits(now).filter(|at| at + window > now).count()
        };
        (since(SECOND), since(60 * SECOND))
    }

    /// How many may be in flight at once, where the server has complained.
    pub fn in_flight_limit(&self) -> Option<usize> {
        (self.flight_limit > 0).then(|| (self.flight_limit / 1_000).max(1) as usize)
    }

    /// The earliest time at which another request may go; at most now if it may go now.
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

    /// When a window of this length has room for one more.
    fn window(&self, now: u64, limit: u32, length: u64) -> u64 {
        let limit = limit.max(1) as usize;
        if self.sent.len() + self.in_flight.len() < limit {
            return 0;
        }
        // The one that many requests back, in two lists: the long one is in order, the short one is put in order.
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

    /// When each request in flight will have been counted at the latest, as far as can be said now.
    fn transits(&self, now: u64) -> impl Iterator<Item = u64> {
        self.in_flight.iter().map(move |(_, let_go)| (let_go + MAX_TRANSIT).min(now.max(*let_go)))
    }

    fn learn(&mut self, now: u64, number: u64, feedback: RateLimitHint) {
        match feedback {
            RateLimitHint::None => {}
            RateLimitHint::Window { remaining, reset } => {
                // Those that were let go later may not be in the server's count yet. To leave out the earlier ones too, of
                // which only the end is late, would waste turns.
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
                // Half of what was too many: this one, and the others.
                let in_flight = self.in_flight.len() as u64 + 1;
                let limit =
                    if self.flight_limit == 0 { in_flight * 1_000 } else { self.flight_limit.min(in_flight * 1_000) };
                self.flight_limit = (limit / 2).max(1_000);
            }
        }
    }

    /// One more in flight for as many answers as there may be: additively, as it shrinks by halves.
    fn grow(&mut self) {
        self.flight_limit += 1_000_000_u64.checked_div(self.flight_limit).map_or(0, |step| step.max(1));
    }

    fn note_sent(&mut self, at: u64) {
        let index = self.sent.partition_point(|sent| *sent <= at);
        self.sent.insert(index, at);
    }

    /// Drops what no longer counts. A time to come is the work of a clock that was set back: it counts from now.
    fn forget(&mut self, now: u64) {
        self.sent.iter_mut().rev().take_while(|at| **at > now).for_each(|at| *at = now);
        self.in_flight.iter_mut().for_each(|(_, at)| *at = (*at).min(now));
        let old = self.sent.partition_point(|at| at + 60 * SECOND + STEADY_MARGIN <= now);
        self.sent.drain(..old);
        // The dead are taken to have been sent.
        while let Some(index) = self.in_flight.iter().position(|(_, at)| at + MAX_FLIGHT <= now) {
            let (_, let_go) = self.in_flight.swap_remove(index);
            self.note_sent(let_go + MAX_TRANSIT);
        }
        self.blocked_until = self.blocked_until.min(now + 3_600 * SECOND);
        self.remaining_until = self.remaining_until.min(now + 60 * SECOND);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIER: Tier = Tier { burst: 10, steady: 150 };

    /// Asks until it is let go; the time passes as the limiter says.
    fn let_go(state: &mut LimiterState, now: &mut u64) -> u64 {
        loop {
            match state.acquire(*now, TIER) {
                Ok(number) => return number,
                Err(at) => *now = at,
            }
        }
    }

    /// Times at which the server counts requests whose way there takes as long as `transit` says.
    fn counted(requests: usize, transit: impl Fn(usize) -> u64) -> Vec<u64> {
        let (mut state, mut now, mut counted) = (LimiterState::default(), 5 * SECOND, Vec::new());
        let mut under_way: Vec<(u64, u64)> = Vec::new();
        while counted.len() < requests {
            let next = match state.acquire(now, TIER) {
                Ok(number) => {
                    let arrival = now + transit(counted.len());
                    counted.push(arrival);
                    under_way.push((arrival + 1_000, number));
                    now + 200
                }
                Err(at) => at,
            };
            // Answers come in their own time.
            under_way.sort();
            while let Some((end, number)) = under_way.first().copied().filter(|(end, _)| *end <= next) {
                now = now.max(end);
                state.finish(now, number, RateLimitHint::None);
                under_way.remove(0);
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
    fn the_limits_hold_wherever_a_window_begins() {
        let waits: [fn(usize) -> u64; 3] =
            [|_| 0, |i| (i as u64 * 7_919) % 400_000, |i| if i % 9 == 0 { 900_000 } else { 0 }];
        for transit in waits {
            let times = counted(400, transit);
            assert!(most_within(&times, SECOND) <= 10, "{}", most_within(&times, SECOND));
            assert!(most_within(&times, 60 * SECOND) <= 150, "{}", most_within(&times, 60 * SECOND));
        }
    }

    #[test]
    fn no_time_is_wasted() {
        let times = counted(160, |_| 0);
        let took = times[159] - times[0];
        assert!(took < 61 * SECOND, "{took}");
    }

    #[test]
    fn the_server_is_obeyed() {
        let (mut state, now) = (LimiterState::default(), 5 * SECOND);
        let number = state.acquire(now, TIER).expect("let go");
        state.finish(now, number, RateLimitHint::Wait(7));
        assert_eq!(state.acquire(now, TIER), Err(12 * SECOND));
        let number = state.acquire(12 * SECOND, TIER).expect("let go");
        state.finish(12 * SECOND, number, RateLimitHint::Window { remaining: 1, reset: 30 });
        assert!(state.acquire(12 * SECOND, TIER).is_ok(), "one more is allowed");
        assert_eq!(state.acquire(12 * SECOND, TIER), Err(42 * SECOND));
    }

    #[test]
    fn what_the_server_has_counted_is_not_counted_again() {
        let (mut state, now) = (LimiterState::default(), 5 * SECOND);
        let numbers: Vec<_> = (0..3).map(|_| state.acquire(now, TIER).expect("let go")).collect();
        // The first was counted too, though its end is not known yet; the third perhaps not.
        state.finish(now, numbers[1], RateLimitHint::Window { remaining: 2, reset: 30 });
        assert!(state.acquire(now, TIER).is_ok());
        assert_eq!(state.acquire(now, TIER), Err(35 * SECOND));
    }

    #[test]
    fn too_many_in_flight_shrinks_by_half_and_grows_one_by_one() {
        let (mut state, now) = (LimiterState::default(), 5 * SECOND);
        let numbers: Vec<_> = (0..8).map(|_| state.acquire(now, TIER).expect("let go")).collect();
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
    fn the_dead_are_forgotten() {
        let (mut state, mut now) = (LimiterState::default(), 5 * SECOND);
        state.flight_limit = 1_000;
        state.acquire(now, TIER).expect("let go, and never finished");
        assert!(state.acquire(now, TIER).is_err());
        now += MAX_FLIGHT;
        assert!(state.acquire(now, TIER).is_ok());
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_stop_the_limiter() {
        let (mut state, mut now) = (LimiterState::default(), 1_000_000 * SECOND);
        for _ in 0..20 {
            let number = let_go(&mut state, &mut now);
            state.finish(now, number, RateLimitHint::Window { remaining: 0, reset: 60 });
            state.remaining_until = 0;
        }
        let mut earlier = 5 * SECOND;
        let_go(&mut state, &mut earlier);
        assert!(earlier < 8 * SECOND, "{earlier}");
    }
}
