//! The fallback of all storage that can fail: the memory of this process, until the storage works again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::memory::Memory;
use crate::coordination::account::Account;
use crate::coordination::warnings;
use crate::error::Error;

/// Time after which storage that failed is used again.
const RETRY: Duration = Duration::from_secs(10);
/// First number of the requests that are counted in the fallback. Storage never counts so far.
const FIRST_NUMBER: u64 = 1 << 63;

/// Memory of this process, with the reason for its use.
pub struct Fallback {
    memory: Arc<Memory>,
    failure: Mutex<Option<Failure>>,
}

struct Failure {
    reason: String,
    retry_at: Instant,
}

impl Fallback {
    pub fn new(account: &Account) -> Self {
        Self { memory: Memory::of_process(account, FIRST_NUMBER), failure: Mutex::default() }
    }

    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Returns true if the request with this number is counted in the memory.
    pub fn counts(&self, number: u64) -> bool {
        number >= FIRST_NUMBER
    }

    /// Returns true unless the storage failed a short time ago.
    pub fn is_storage_due(&self) -> bool {
        self.failure().as_ref().is_none_or(|failure| Instant::now() >= failure.retry_at)
    }

    /// Notes that the storage works.
    pub fn end(&self) {
        if self.failure().take().is_some() {
            tracing::info!("the storage of the rate limit works again");
        }
    }

    /// Notes that the storage failed.
    pub fn begin(&self, error: &Error) {
        let reason = error.message().to_owned();
        if self.failure().replace(Failure { reason, retry_at: Instant::now() + RETRY }).is_none() {
            warnings::warn_of(error, "other processes do not share the limit until it can be used again");
        }
    }

    /// Returns why the memory is used, if it is.
    pub fn reason(&self) -> Option<String> {
        self.failure().as_ref().map(|failure| failure.reason.clone())
    }

    fn failure(&self) -> MutexGuard<'_, Option<Failure>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
