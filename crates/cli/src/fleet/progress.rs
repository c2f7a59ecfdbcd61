//! How far a run has come: a bar on a terminal, now and then a line elsewhere, or lines of JSON for a program.

use std::convert::Infallible;
use std::future::pending;
use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use ocamba_fleet::{Cancel, Progress};

use super::progress_lines::Lines;

/// How often a line is written where there is no terminal.
const EVERY: Duration = Duration::from_secs(10);

/// In which form progress is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// A bar on a terminal, and elsewhere a line now and then.
    Auto,
    /// A line of JSON each, for a program.
    Json,
}

/// Shows progress on stderr.
pub enum Shown {
    Bar(ProgressBar),
    Words(Instant),
    Lines(Lines),
}

impl Shown {
    /// A program that has gone away cancels the run.
    pub fn new(form: Form, cancel: &Cancel) -> Self {
        match form {
            Form::Json => Self::Lines(Lines::new(cancel.clone())),
            Form::Auto if stderr().is_terminal() => {
                let bar = ProgressBar::new(0);
                let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}");
                style.into_iter().for_each(|style| bar.set_style(style));
                Self::Bar(bar)
            }
            Form::Auto => Self::Words(Instant::now()),
        }
    }

    /// What must run beside the run, if anything.
    pub fn beside(&self) -> impl Future<Output = Infallible> + use<> {
        let beside = match self {
            Self::Lines(lines) => Some(lines.beside()),
            Self::Bar(_) | Self::Words(_) => None,
        };
        async {
            match beside {
                Some(beside) => beside.await,
                None => pending().await,
            }
        }
    }

    pub fn tell(&mut self, progress: &Progress) {
        match self {
            Self::Bar(bar) => {
                bar.set_length(progress.total as u64);
                bar.set_position((progress.done + progress.failed) as u64);
                bar.set_message(in_words(progress));
            }
            Self::Words(last) if last.elapsed() >= EVERY => {
                *last = Instant::now();
                let Progress { total, done, failed, .. } = progress;
                let _ = writeln!(stderr(), "{} of {total}, {}", done + failed, in_words(progress));
            }
            Self::Words(_) => {}
            Self::Lines(lines) => lines.tell(progress),
        }
    }

    pub fn end(&self) {
        match self {
            Self::Bar(bar) => bar.finish_and_clear(),
            Self::Words(_) => {}
            Self::Lines(lines) => lines.end(),
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
