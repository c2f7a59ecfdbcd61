//! Progress for the program that started this one: lines of JSON on stderr.

use std::convert::Infallible;
use std::io::{self, Write, stderr};
use std::time::Duration;

use ocamba_fleet::{Cancel, Progress};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// Minimum time between two lines.
const PAUSE: Duration = Duration::from_millis(50);
/// Time after which a line is repeated: only a write shows that the reader has gone.
const REPEAT: Duration = Duration::from_secs(1);

/// Writes the newest progress, and cancels the run when the reader has gone.
pub struct JsonLines {
    newest: watch::Sender<Option<Progress>>,
    cancel: Cancel,
}

impl JsonLines {
    pub fn new(cancel: Cancel) -> Self {
        Self { newest: watch::Sender::new(None), cancel }
    }

    /// Sets the newest progress. The first one is written at once, before anything is sent: a program that died while it
    /// wrote its rows may not have written all of them.
    pub fn update(&self, progress: &Progress) {
        if self.newest.send_replace(Some(progress.clone())).is_none() && write(progress).is_err() {
            self.cancel.cancel();
        }
    }

    /// Returns work that writes the newest progress again and again. It never ends.
    pub fn write_newest(&self) -> impl Future<Output = Infallible> + use<> {
        let (mut newest, cancel) = (self.newest.subscribe(), self.cancel.clone());
        async move {
            loop {
                let _ = timeout(REPEAT, newest.changed()).await;
                let progress = newest.borrow_and_update().clone();
                if progress.is_some_and(|progress| write(&progress).is_err()) {
                    cancel.cancel();
                }
                sleep(PAUSE).await;
            }
        }
    }

    /// Writes the last progress. The run has ended, so it does not matter whether anybody reads it.
    pub fn finish(&self) {
        if let Some(progress) = self.newest.borrow().as_ref() {
            let _ = write(progress);
        }
    }
}

fn write(progress: &Progress) -> io::Result<()> {
    let line = json!({ "progress": progress });
    // In one piece, so that it is not mixed with other lines.
    stderr().lock().write_all(format!("{line}\n").as_bytes())
}
