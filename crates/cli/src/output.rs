//! Results on stdout: for programs as JSON or YAML, for people as a table.

use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;
use serde_json::Value;

use crate::exit::Exit;
use crate::report::Failure;

/// The form of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// JSON.
    Json,
    /// JSON, each item of a list on a line of its own.
    Jsonl,
    /// YAML.
    Yaml,
    /// Text for people.
    Table,
}

/// Prints a result in the form that was asked for, or else the one that suits whoever reads it.
pub fn print(format: Option<Format>, value: &Value, table: impl FnOnce() -> String) -> io::Result<()> {
    match or_by_reader(format) {
        Format::Json => write((serde_json::to_string_pretty(value)? + "\n").as_bytes()),
        Format::Jsonl => write(lines(value).as_bytes()),
        Format::Yaml => write(serde_saphyr::to_string(value).map_err(io::Error::other)?.as_bytes()),
        // Takes the colours out again unless it is for a terminal.
        Format::Table => write_to(anstream::stdout().lock(), table().as_bytes()),
    }
}

/// The form that was asked for, or else the one that suits whoever reads it.
pub fn or_by_reader(format: Option<Format>) -> Format {
    format.unwrap_or_else(|| if io::stdout().is_terminal() { Format::Table } else { Format::Json })
}

/// Each item on a line of its own; what is no list is one.
pub fn lines(value: &Value) -> String {
    let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    items.iter().map(|item| format!("{item}\n")).collect()
}

/// Writes bytes to stdout as they are.
pub fn write(bytes: &[u8]) -> io::Result<()> {
    write_to(io::stdout().lock(), bytes)
}

/// A reader who has gone away has read enough, so that is no error.
fn write_to(stdout: impl Write, bytes: &[u8]) -> io::Result<()> {
    offer(stdout, bytes).map(|_| ())
}

/// Writes bytes, and tells whether there is somebody who reads on.
pub fn offer(mut stdout: impl Write, bytes: &[u8]) -> io::Result<bool> {
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        result => result.map(|()| true),
    }
}

/// What to say when the result cannot be written.
pub fn failure(error: &io::Error) -> Failure {
    Failure::new(Exit::Failed, format!("the result cannot be written: {error}"))
}
