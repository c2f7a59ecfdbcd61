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
    /// YAML.
    Yaml,
    /// Text for people.
    Table,
}

/// Prints a result in the form that was asked for, or else the one that suits whoever reads it.
pub fn print(format: Option<Format>, value: &Value, table: impl FnOnce() -> String) -> io::Result<()> {
    let by_reader = || if io::stdout().is_terminal() { Format::Table } else { Format::Json };
    match format.unwrap_or_else(by_reader) {
        Format::Json => write((serde_json::to_string_pretty(value)? + "\n").as_bytes()),
        Format::Yaml => write(serde_saphyr::to_string(value).map_err(io::Error::other)?.as_bytes()),
        // Takes the colours out again unless it is for a terminal.
        Format::Table => write_to(anstream::stdout().lock(), table().as_bytes()),
    }
}

/// Writes bytes to stdout as they are.
pub fn write(bytes: &[u8]) -> io::Result<()> {
    write_to(io::stdout().lock(), bytes)
}

/// A reader who has gone away has read enough, so that is no error.
fn write_to(mut stdout: impl Write, bytes: &[u8]) -> io::Result<()> {
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// What to say when the result cannot be written.
pub fn failure(error: &io::Error) -> Failure {
    Failure::new(Exit::Failed, format!("the result cannot be written: {error}"))
}
