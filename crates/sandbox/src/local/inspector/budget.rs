//! How many requests a page is told of: all of a burst, and of a flood as many as people can see.

use std::time::Duration;

/// Fills with time, and is used by what is told.
pub struct Budget {
    left: f64,
    /// When it was last filled.
    filled: Duration,
}

/// What may come at once.
const MOST: f64 = 300.0;
/// What may come in a second of a flood.
const EACH_SECOND: f64 = 20.0;

impl Budget {
    pub fn full(now: Duration) -> Self {
        Self { left: MOST, filled: now }
    }

    /// How many requests may be told now.
    pub fn at(&mut self, now: Duration) -> usize {
        let passed = now.saturating_sub(self.filled).as_secs_f64();
        self.left = (self.left + passed * EACH_SECOND).min(MOST);
        self.filled = now;
        self.left as usize
    }

    pub fn spend(&mut self, told: usize) {
        self.left = (self.left - told as f64).max(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_told_whole_and_a_flood_in_part() {
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
