//! Progress for the program that started this one: lines of JSON on stderr.

use std::io::{self, Write, stderr};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use ocamba_fleet::{Cancel, Progress};
use serde_json::json;

/// Minimum time between two lines.
const PAUSE: Duration = Duration::from_millis(50);
/// Time after which a line is repeated: only a write shows that the reader has gone.
const REPEAT: Duration = Duration::from_secs(1);

/// Writes the newest progress from another thread, and cancels the run when the reader has gone.
pub struct JsonLines {
    updates: Sender<Progress>,
    writer: JoinHandle<()>,
    is_first: bool,
    cancel: Cancel,
}

impl JsonLines {
    pub fn new(cancel: &Cancel) -> Self {
        let (updates, received) = mpsc::channel();
        let cancel_when_gone = cancel.clone();
        let writer = thread::spawn(move || {
            let mut newest = None;
            loop {
                let next = received.recv_timeout(REPEAT);
                newest = received.try_iter().last().or(next.clone().ok()).or(newest);
                if newest.as_ref().is_some_and(|progress| write(progress).is_err()) {
                    cancel_when_gone.cancel();
                }
                if next == Err(RecvTimeoutError::Disconnected) {
                    return;
                }
                thread::sleep(PAUSE);
            }
        });
        Self { updates, writer, is_first: true, cancel: cancel.clone() }
    }

    /// Sets the newest progress. The first one is written at once, before anything is sent: a program that died while it
    /// wrote its rows may not have written all of them.
    pub fn update(&mut self, progress: &Progress) {
        if std::mem::take(&mut self.is_first) && write(progress).is_err() {
            self.cancel.cancel();
        }
        let _ = self.updates.send(progress.clone());
    }

    /// Waits until the last progress is written.
    pub fn finish(self) {
        drop(self.updates);
        let _ = self.writer.join();
    }
}

fn write(progress: &Progress) -> io::Result<()> {
    let line = json!({ "progress": progress });
    // In one piece, so that it is not mixed with other lines.
    stderr().lock().write_all(format!("{line}\n").as_bytes())
}
