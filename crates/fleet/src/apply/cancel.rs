//! Cancellation of runs.

use std::sync::Arc;

use tokio::sync::watch;

/// Cancels runs: nothing more is sent, and requests in flight are awaited. Clones cancel the same runs.
///
/// ```
/// let cancel = ocamba_fleet::Cancel::default();
/// let for_ctrl_c = cancel.clone();
/// for_ctrl_c.cancel();
/// assert!(cancel.is_cancelled());
/// ```
#[derive(Clone, Debug)]
pub struct Cancel(Arc<watch::Sender<bool>>);

impl Default for Cancel {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Cancel {
    /// Cancels the runs.
    pub fn cancel(&self) {
        self.0.send_replace(true);
    }

    /// Returns whether the runs were cancelled.
    pub fn is_cancelled(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the runs are cancelled.
    pub(crate) async fn cancelled(&self) {
        // The sender lives as long as self.
        let _ = self.0.subscribe().wait_for(|cancelled| *cancelled).await;
    }
}
