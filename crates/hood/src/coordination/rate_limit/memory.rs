//! The state of one client.

use std::sync::{Mutex, PoisonError};

use super::rules::LimiterState;

#[derive(Default)]
pub struct Memory(Mutex<LimiterState>);

impl Memory {
    pub fn with<T>(&self, work: impl FnOnce(&mut LimiterState) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
