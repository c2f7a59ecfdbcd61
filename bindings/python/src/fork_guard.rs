//! Values of one process, which its forked children must not touch.

use std::mem::ManuallyDrop;

/// A value that only the process that created it may use.
///
/// A forked child has a copy of the value, but none of its threads, and shares its sockets with the parent. Using or even
/// dropping the copy could hang the child, or close a connection of the parent. Therefore the child leaks it.
pub struct ForkGuard<T> {
    process: u32,
    value: ManuallyDrop<T>,
}

impl<T> ForkGuard<T> {
    /// Guards a value of this process.
    pub fn new(value: T) -> Self {
        Self { process: std::process::id(), value: ManuallyDrop::new(value) }
    }

    /// The value, unless it belongs to the parent.
    pub fn get(&self) -> Option<&T> {
        (self.process == std::process::id()).then_some(&self.value)
    }

    /// The value, even if it belongs to the parent: only for reading what never changes.
    pub fn inherited(&self) -> &T {
        &self.value
    }
}

impl<T> Drop for ForkGuard<T> {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        if self.process == std::process::id() {
            // SAFETY: this is the drop of the owner, so nothing uses the value afterwards.
            unsafe { ManuallyDrop::drop(&mut self.value) }
        }
    }
}
