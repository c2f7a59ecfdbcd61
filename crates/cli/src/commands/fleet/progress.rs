//! Progress of a run on stderr: a bar on a terminal, a line every ten seconds elsewhere, or lines of JSON for a program.

use std::io::{self, IsTerminal, Write, stderr};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use ocamba_fleet::{Cancel, Progress};
use serde_json::json;

/// Time between two lines of text.
const INTERVAL: Duration = Duration::from_secs(10);
/// Minimum time between two lines of JSON.
const PAUSE: Duration = Duration::from_millis(50);
/// Time after which a line of JSON is repeated: only a write shows that the reader has gone.
const REPEAT: Duration = Duration::from_secs(1);

/// Form of the progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    // A bar on a terminal, a line every ten seconds elsewhere.
    Auto,
    // Lines of JSON, for a program.
    Json,
}

/// The display of a run's progress.
pub enum Display {
    Bar(ProgressBar),
    Text { last: Instant, is_first: bool },
    Json(JsonLines),
}

impl Display {
    /// Creates a display. That of a program cancels the run when the program goes away.
    pub fn new(form: Form, cancel: &Cancel) -> Self {
        match form {
            Form::Json => Self::Json(JsonLines::new(cancel)),
            Form::Auto if stderr().is_terminal() => {
                let bar = ProgressBar::new(0);
                let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}");
                style.into_iter().for_each(|style| bar.set_style(style));
                Self::Bar(bar)
            }
            Form::Auto => Self::Text { last: Instant::now(), is_first: true },
        }
    }

    pub fn update(&mut self, progress: &Progress) {
        let count = progress.done + progress.failed;
        match self {
            Self::Bar(bar) => {
                bar.set_length(progress.total as u64);
                bar.set_position(count as u64);
                bar.set_message(state(progress));
            }
            Self::Text { is_first, .. } if *is_first => {
                *is_first = false;
                if let Some(remaining) = progress.remaining.filter(|remaining| *remaining > INTERVAL) {
                    let left = progress.total - count;
                    let _ = writeln!(stderr(), "{left} rows take about {} within the rate limit", in_words(remaining));
                }
            }
            Self::Text { last, .. } if last.elapsed() >= INTERVAL => {
                *last = Instant::now();
                let _ = writeln!(stderr(), "{count} of {}, {}", progress.total, state(progress));
            }
            Self::Text { .. } => {}
            Self::Json(lines) => lines.update(progress),
        }
    }

    pub fn finish(self) {
        match self {
            Self::Bar(bar) => bar.finish_and_clear(),
            Self::Text { .. } => {}
            Self::Json(lines) => lines.finish(),
        }
    }
}

/// Returns a time in two units at most.
pub fn in_words(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 3600, seconds / 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) if minutes < 10 => format!("{minutes} min {} s", seconds % 60),
        (hours, minutes) if hours < 3 => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {} min", minutes % 60),
    }
}

fn state(progress: &Progress) -> String {
    let Progress { failed, in_doubt, rate, waited, remaining, .. } = progress;
    let mut words = format!("{rate:.0}/min");
    if let Some(remaining) = remaining {
        words += &format!(", {} left", in_words(*remaining));
    }
    if !waited.is_zero() {
        words += ", waiting for the rate limit";
    }
    for (count, what) in [(failed, "failed"), (in_doubt, "in doubt")] {
        if *count > 0 {
            words += &format!(", {count} {what}");
        }
    }
    words
}

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
