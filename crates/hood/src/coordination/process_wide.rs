//! Values that a process has once, for all its clients.

use std::sync::{LazyLock, Mutex, PoisonError};

/// A value that all clients of the process share.
pub struct ProcessWide<T>(LazyLock<Mutex<T>>);

impl<T: Default + 'static> ProcessWide<T> {
    pub const fn new() -> Self {
        Self(LazyLock::new(Mutex::default))
    }

    /// Works with the value.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        #[cfg(feature = "simulation")]
        if let Some(value) = crate::simulation::value(std::ptr::from_ref(self).addr()) {
            return work(&mut value.borrow_mut());
        }
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
