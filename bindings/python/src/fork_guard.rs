//! What belongs to one process, and is left alone by its forked children.

use std::mem::ManuallyDrop;

/// A value that only the process that made it may use.
///
/// A forked child has a copy of it, but none of its threads, and shares its sockets with the parent: to touch it, or
/// even to drop it, could hang the child or end a connection of the parent's. So a child leaks it.
pub struct ForkGuard<T> {
    process: u32,
    value: ManuallyDrop<T>,
}

impl<T> ForkGuard<T> {
    /// A value of this process.
    pub fn new(value: T) -> Self {
        Self { process: std::process::id(), value: ManuallyDrop::new(value) }
    }

    /// The value, unless it is the parent's.
    pub fn get(&self) -> Option<&T> {
        (self.process == std::process::id()).then_some(&self.value)
    }

    /// The value, also if it is the parent's: only to read what never changes.
    pub fn inherited(&self) -> &T {
        &self.value
    }
}

impl<T> Drop for ForkGuard<T> {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        if self.process == std::process::id() {
            // SAFETY: the value is not used again, since this is the drop of what holds it.
            unsafe { ManuallyDrop::drop(&mut self.value) }
        }
    }
}
