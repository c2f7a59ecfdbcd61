//! The state of one client, or of all clients of an account in this process.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use super::rules::LimiterState;
use crate::coordination::account::Account;

#[derive(Default)]
pub struct Memory(Mutex<LimiterState>);

impl Memory {
    /// Returns the memory of an account, which all its clients in this process share. The numbers of its requests begin
    /// with `first`. A forked child has its own: it is another process.
    pub fn of_process(account: &Account, first: u64) -> Arc<Self> {
        type Memories = Mutex<HashMap<(u32, String), Arc<Memory>>>;
        static MEMORIES: LazyLock<Memories> = LazyLock::new(Memories::default);
        let mut memories = MEMORIES.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Self(Mutex::new(LimiterState { next: first, ..LimiterState::default() })));
        memories.entry((std::process::id(), account.key().to_owned())).or_insert_with(new).clone()
    }

    pub fn with<T>(&self, work: impl FnOnce(&mut LimiterState) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
