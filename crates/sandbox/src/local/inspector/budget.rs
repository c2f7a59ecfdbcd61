//! The number of requests that a page gets: all of a burst, and of a flood as many as people can read.

use std::time::Duration;

/// Fills with time, and is spent on requests.
pub struct Budget {
    left: f64,
    /// The time of the last filling.
    filled: Duration,
}

/// Maximum number at once.
const MOST: f64 = 300.0;
/// Number per second of a flood.
const EACH_SECOND: f64 = 20.0;

impl Budget {
    pub fn full(now: Duration) -> Self {
        Self { left: MOST, filled: now }
    }

    /// Returns the number of requests that the page may get now.
    pub fn at(&mut self, now: Duration) -> usize {
        let passed = now.saturating_sub(self.filled).as_secs_f64();
        self.left = (self.left + passed * EACH_SECOND).min(MOST);
        self.filled = now;
        self.left as usize
    }

    pub fn spend(&mut self, requests: usize) {
        self.left = (self.left - requests as f64).max(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budget_allows_a_whole_burst_and_part_of_a_flood() {
        let start = Duration::from_secs(5);
        let mut budget = Budget::full(start);
        assert_eq!(budget.at(start), 300);
        budget.spend(300);
        assert_eq!(budget.at(start), 0);
        assert_eq!(budget.at(start + Duration::from_millis(500)), 10);
        budget.spend(5);
        assert_eq!(budget.at(start + Duration::from_millis(1_000)), 15);
        assert_eq!(budget.at(start + Duration::from_secs(60)), 300);
    }
}
