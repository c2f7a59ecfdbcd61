//! What the core and this program report while a command runs: waits, and with `--debug` each request.

use std::fmt::{Debug, Write};
use std::io;

use ocamba_hood::printable;
use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use super::options::Global;
use crate::parts::table::DIM;

/// Shortest wait that is reported without `--debug`, in milliseconds.
const SHORTEST_WAIT: f64 = 500.0;

/// Writes events to stderr from now on: all of them with `--debug`, and else long waits, unless the command shows its progress.
pub fn start(global: &Global, shows_progress: bool) {
    let is_debug =
        global.debug || std::env::var_os("OCAMBA_DEBUG").is_some_and(|value| !value.is_empty() && value != "0");
    if is_debug || !shows_progress {
        // Nobody has set another one.
        let _ = tracing::subscriber::set_global_default(Log { is_debug, as_json: global.is_json() });
    }
}

struct Log {
    is_debug: bool,
    as_json: bool,
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let level = if self.is_debug { Level::DEBUG } else { Level::INFO };
        metadata.is_event() && metadata.target().starts_with("ocamba") && *metadata.level() <= level
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let wait = fields.0.get("wait_ms").and_then(Value::as_f64).filter(|wait| *wait >= SHORTEST_WAIT);
        // The core has a warning of its own for a warning that is logged.
        let text = match (self.is_debug, wait) {
            (false, None) => return,
            (false, Some(wait)) => fields.wait(wait),
            (true, _) => fields.line(),
        };
        let kind = if self.is_debug { "debug" } else { "waiting" };
        let _ = match self.as_json {
            true => io::Write::write_fmt(&mut io::stderr(), format_args!("{}\n", json!({ kind: fields.0 }))),
            false => io::Write::write_fmt(&mut anstream::stderr(), format_args!("{DIM}{kind}: {text}{DIM:#}\n")),
        };
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The fields of an event, its message among them.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn message(&self) -> &str {
        self.0.get("message").and_then(Value::as_str).unwrap_or_default()
    }

    /// Describes a wait, as `12 s: waiting for the rate limit`.
    fn wait(&self, milliseconds: f64) -> String {
        let what = self.message().trim_start_matches("waiting ");
        format!("{:.0} s {}", (milliseconds / 1e3).round().max(1.0), printable(what))
    }

    /// Writes the message, and the fields behind it.
    fn line(&self) -> String {
        let mut line = printable(self.message());
        for (name, value) in self.0.iter().filter(|(name, _)| *name != "message") {
            let value = value.as_str().map_or_else(|| value.to_string(), printable);
            let _ = write!(line, " {name}={value}");
        }
        line
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // Times in milliseconds; more digits only hide the others.
        self.0.insert(field.name().to_owned(), ((value * 10.0).round() / 10.0).into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}
