//! Progress of a run on stderr: a bar on a terminal, a line every ten seconds elsewhere, or lines of JSON for a program.

use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use ocamba_fleet::{Cancel, Progress};

use super::progress_json::JsonLines;

/// Time between two lines of text.
const INTERVAL: Duration = Duration::from_secs(10);

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
    Text { last: Instant },
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
            Form::Auto => Self::Text { last: Instant::now() },
        }
    }

    pub fn update(&mut self, progress: &Progress) {
        let count = progress.done + progress.failed;
        match self {
            Self::Bar(bar) => {
                bar.set_length(progress.total as u64);
                bar.set_position(count as u64);
                bar.set_message(in_words(progress));
            }
            Self::Text { last } if last.elapsed() >= INTERVAL => {
                *last = Instant::now();
                let _ = writeln!(stderr(), "{count} of {}, {}", progress.total, in_words(progress));
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

fn in_words(progress: &Progress) -> String {
    let Progress { failed, in_doubt, rate, waited, remaining, .. } = progress;
    let mut words = format!("{rate:.0}/min");
    if let Some(remaining) = remaining {
        words += &format!(", {} s left", remaining.as_secs());
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
