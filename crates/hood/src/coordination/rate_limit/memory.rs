//! The state of one client, or of all clients of an account in this process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::rules::LimiterState;
use crate::coordination::account::Account;
use crate::coordination::process_wide::ProcessWide;

#[derive(Default)]
pub struct Memory(Mutex<LimiterState>);

impl Memory {
    /// Returns the memory of an account, which all its clients in this process share. The numbers of its requests begin
    /// with `first`. A forked child has its own: it is another process.
    pub fn of_process(account: &Account, first: u64) -> Arc<Self> {
        static MEMORIES: ProcessWide<HashMap<(u32, String), Arc<Memory>>> = ProcessWide::new();
        let new = || Arc::new(Self(Mutex::new(LimiterState { next: first, ..LimiterState::default() })));
        let key = (std::process::id(), account.key().to_owned());
        MEMORIES.with(|memories| memories.entry(key).or_insert_with(new).clone())
    }

    pub fn with<T>(&self, work: impl FnOnce(&mut LimiterState) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
