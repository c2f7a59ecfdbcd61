//! Being told to stop.

use std::sync::Arc;

use tokio::sync::watch;

/// Stops a run from outside: what is on its way is waited for, nothing more is sent. Clones stop the same runs.
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
    /// Stops the runs.
    pub fn cancel(&self) {
        self.0.send_replace(true);
    }

    /// Whether they were told to stop.
    pub fn is_cancelled(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when they are told to.
    pub(crate) async fn cancelled(&self) {
        // The sender is this one, so it does not go away.
        let _ = self.0.subscribe().wait_for(|cancelled| *cancelled).await;
    }
}
