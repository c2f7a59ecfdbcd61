//! A lane of one client.

use std::sync::{Mutex, PoisonError};

use super::state::State;

#[derive(Default)]
pub struct Memory(Mutex<State>);

impl Memory {
    pub fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
