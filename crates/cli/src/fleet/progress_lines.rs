//! Progress for the program that has started this one: a line of JSON each, on stderr.

use std::convert::Infallible;
use std::io::{self, Write, stderr};
use std::time::Duration;

use ocamba_fleet::{Cancel, Progress};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// The least time between two lines.
const PAUSE: Duration = Duration::from_millis(50);
/// After this the same is told again: that is how it is noticed that nobody reads any more.
const AGAIN: Duration = Duration::from_secs(1);

/// Tells the newest progress, not too often, and cancels the run when nobody reads it any more.
pub struct Lines {
    newest: watch::Sender<Option<Progress>>,
    cancel: Cancel,
}

impl Lines {
    pub fn new(cancel: Cancel) -> Self {
        Self { newest: watch::Sender::new(None), cancel }
    }

    pub fn tell(&self, progress: &Progress) {
        // The first is told before anything is sent: a program that died while it wrote its rows has perhaps not written all.
        if self.newest.send_replace(Some(progress.clone())).is_none() && write(progress).is_err() {
            self.cancel.cancel();
        }
    }

    /// Writes what was told since.
    pub fn beside(&self) -> impl Future<Output = Infallible> + use<> {
        let (mut newest, cancel) = (self.newest.subscribe(), self.cancel.clone());
        async move {
            loop {
                // Whether it is newer does not matter.
                let _ = timeout(AGAIN, newest.changed()).await;
                let progress = newest.borrow_and_update().clone();
                if progress.is_some_and(|progress| write(&progress).is_err()) {
                    cancel.cancel();
                }
                sleep(PAUSE).await;
            }
        }
    }

    /// Tells the last one.
    pub fn end(&self) {
        if let Some(progress) = self.newest.borrow().as_ref() {
            // The run is over: nobody needs to be told that nobody reads.
            let _ = write(progress);
        }
    }
}

fn write(progress: &Progress) -> io::Result<()> {
    let line = json!({ "progress": progress });
    // In one piece, so that no other line gets in between.
    stderr().lock().write_all(format!("{line}\n").as_bytes())
}
