//! How far a run has come: a bar on a terminal, now and then a line elsewhere.

use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use ocamba_fleet::Progress;

/// How often a line is written where there is no terminal.
const EVERY: Duration = Duration::from_secs(10);

/// Shows progress on stderr.
pub struct Shown {
    bar: Option<ProgressBar>,
    last: Instant,
}

impl Shown {
    pub fn new() -> Self {
        let style = || ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}").ok();
        let bar = stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(0);
            style().into_iter().for_each(|style| bar.set_style(style));
            bar
        });
        Self { bar, last: Instant::now() }
    }

    pub fn tell(&mut self, progress: &Progress) {
        if let Some(bar) = &self.bar {
            bar.set_length(progress.total as u64);
            bar.set_position((progress.done + progress.failed) as u64);
            bar.set_message(in_words(progress));
        } else if self.last.elapsed() >= EVERY {
            self.last = Instant::now();
            let Progress { total, done, failed, .. } = progress;
            let _ = writeln!(stderr(), "{} of {total}, {}", done + failed, in_words(progress));
        }
    }

    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
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
