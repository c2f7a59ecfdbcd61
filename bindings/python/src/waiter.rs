//! Where a thread waits for its call.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::error::Failure;
use crate::reply::Ended;

/// Waits for one call. A condition variable, since a channel spins before it sleeps: time that the worker needs.
#[derive(Clone, Default)]
pub struct Waiter(Arc<Shared>);

#[derive(Default)]
struct Shared {
    ended: Mutex<Option<Ended>>,
    changed: Condvar,
}

/// Brings the end of the call to its waiter, whatever that end is: also a panic.
pub struct Return(Waiter);

impl Waiter {
    /// What the call is to end with.
    pub fn home(&self) -> Return {
        Return(self.clone())
    }

    /// The end of the call, unless the time is over first.
    pub fn wait(&self, timeout: Duration) -> Option<Ended> {
        let waited = self.0.changed.wait_timeout_while(self.ended(), timeout, |ended| ended.is_none());
        waited.unwrap_or_else(PoisonError::into_inner).0.take()
    }

    fn ended(&self) -> MutexGuard<'_, Option<Ended>> {
        self.0.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Return {
    pub fn with(self, ended: Ended) {
        *self.0.ended() = Some(ended);
    }
}

impl Drop for Return {
    fn drop(&mut self) {
        self.0.ended().get_or_insert(Ended::Badly(Failure::Lost));
        self.0.0.changed.notify_one();
    }
}
