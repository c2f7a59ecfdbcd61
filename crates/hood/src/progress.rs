//! How far a call has come, for callers who give it up before it ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a create has been sent: all that can be known of one that is dropped before it ends.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    sent: Arc<AtomicBool>,
}

impl Progress {
    /// Whether the request may have reached the server: if not, nothing was created.
    pub fn may_have_been_sent(&self) -> bool {
        self.sent.load(Ordering::Acquire)
    }

    /// A new attempt begins; none before it was carried out.
    pub(crate) fn begin(&self) -> Arc<AtomicBool> {
        self.sent.store(false, Ordering::Release);
        self.sent.clone()
    }
}
