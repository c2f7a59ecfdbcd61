//! A line for each request.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::{Duration, SystemTime};

use anstyle::Style;
use clap::ValueEnum;
use ocamba_hood::printable;
use ocamba_sandbox::{Builder, Entry};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::parts::table::{ATTENTION, BAD, DIM, DONE};

/// How requests are logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    /// One object a line.
    Json,
    None,
}

/// Number of lines that may wait for the reader of stderr.
const MOST_WAITING: usize = 4096;
/// Maximum time for the last lines at the end.
const PATIENCE: Duration = Duration::from_millis(500);

impl Format {
    /// Returns the format for whoever reads stderr, if it is a person.
    pub fn of_terminal() -> Option<Self> {
        io::stderr().is_terminal().then_some(Self::Text)
    }
}

/// A log that is being written.
pub struct Log(SyncSender<Message>);

enum Message {
    Line(String),
    /// Answered when all lines before it are written.
    Flush(SyncSender<()>),
}

/// Logs each request to stderr once it has ended. Requests do not wait for the reader: it misses those that it is too slow for.
pub fn to_stderr(builder: Builder, format: Format) -> (Builder, Option<Log>) {
    let line = match format {
        Format::Text => text,
        Format::Json => json,
        Format::None => return (builder, None),
    };
    let (messages, waiting) = sync_channel(MOST_WAITING);
    let missed = Arc::new(AtomicU64::new(0));
    let all_missed = missed.clone();
    thread::spawn(move || {
        for message in waiting {
            let line = match message {
                Message::Line(line) => line,
                Message::Flush(done) => {
                    let _ = done.send(());
                    continue;
                }
            };
            let missed = all_missed.swap(0, Ordering::Relaxed);
            let note = if missed > 0 { format!("{}\n", left_out(format, missed)) } else { String::new() };
            // Strips the colours unless it is a terminal. Where it is closed, nobody reads.
            let _ = anstream::stderr().write_all(format!("{note}{line}\n").as_bytes());
        }
    });
    let log = Log(messages.clone());
    let builder = builder.on_request(move |entry| {
        if let Err(TrySendError::Full(_)) = messages.try_send(Message::Line(line(entry))) {
            missed.fetch_add(1, Ordering::Relaxed);
        }
    });
    (builder, Some(log))
}

impl Log {
    /// Waits until the last lines are written, unless the reader is slow.
    pub fn flush(&self) {
        let (done, is_done) = sync_channel(1);
        if self.0.try_send(Message::Flush(done)).is_ok() {
            let _ = is_done.recv_timeout(PATIENCE);
        }
    }
}

/// Returns a line for people: `201 POST /v1/hood/integrations  1003  2.1 ms`.
fn text(entry: &Entry) -> String {
    let (style, status) = match entry.status {
        None => (BAD, "---".to_owned()),
        Some(status @ 500..) => (BAD, status.to_string()),
        Some(status @ 400..) => (ATTENTION, status.to_string()),
        Some(status) => (DONE, status.to_string()),
    };
    let query = entry.query.as_ref().map_or(String::new(), |query| format!("?{query}"));
    let mut line = styled(style, &status);
    line += &format!(" {} {}", printable(&entry.method), printable(&format!("{}{query}", entry.path)));
    if let Some(provider) = &entry.provider_id {
        line += &format!("  {}", printable(provider));
    }
    if let Some(fault) = entry.fault {
        let effect = if entry.committed { " after it took effect" } else { "" };
        line += &format!("  {}", styled(ATTENTION, &format!("fault {fault}{effect}")));
    }
    let duration = entry.duration_ms.unwrap_or_default();
    line + &format!("  {}", styled(DIM, &format!("{duration:.1} ms")))
}

/// Returns the entry of the journal, with the time of its arrival.
fn json(entry: &Entry) -> String {
    let ago = Duration::from_secs_f64(entry.duration_ms.unwrap_or_default().max(0.0) / 1_000.0);
    let mut line = json!({ "time": utc(SystemTime::now() - ago) });
    if let (Value::Object(line), Ok(Value::Object(entry))) = (&mut line, serde_json::to_value(entry)) {
        line.extend(entry);
    }
    crate::shared::output::escaped(&line.to_string())
}

fn left_out(format: Format, missed: u64) -> String {
    match format {
        Format::Json => json!({ "left_out": missed }).to_string(),
        _ => styled(DIM, &format!("{missed} requests were left out here: they came faster than they could be shown")),
    }
}

fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// Formats a time as RFC 3339 does: `2026-11-27T00:31:02.123Z`.
fn utc(time: SystemTime) -> String {
    let time = OffsetDateTime::from(time);
    let (date, month) = (time.date(), u8::from(time.month()));
    let (hour, minute, second, millisecond) = time.time().as_hms_milli();
    let (year, day) = (date.year(), date.day());
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z")
}
