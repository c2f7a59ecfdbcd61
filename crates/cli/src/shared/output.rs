//! Results on stdout: JSON or YAML for programs, a table for people.

use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;
use ocamba_hood::is_hidden;
use serde::Serialize;
use serde_json::Value;

use super::failure::Failure;
use crate::parts::table::{Cell, Columns, DIM};

/// Format of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Json,
    /// JSON with each item of a list on its own line.
    Jsonl,
    Yaml,
    /// Text for people.
    Table,
}

impl Format {
    /// Returns the given format, or else the one that suits the reader: a table on a terminal, JSON in a pipe.
    pub fn or_default(format: Option<Self>) -> Self {
        format.unwrap_or_else(|| if io::stdout().is_terminal() { Self::Table } else { Self::Json })
    }
}

/// Prints a result in the given format, or else in the one that suits the reader.
pub fn print(format: Option<Format>, value: &Value, table: impl FnOnce() -> String) -> Result<(), Failure> {
    let format = Format::or_default(format);
    let text = match format {
        Format::Table => table(),
        Format::Json => escaped(&format!("{value:#}\n")),
        Format::Jsonl => lines(value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)),
        Format::Yaml => yaml(value)?,
    };
    offer(format, &text).map(|_| ())
}

/// Writes text to stdout unchanged.
pub fn write(text: &str) -> Result<(), Failure> {
    offer(Format::Jsonl, text).map(|_| ())
}

/// A list that is being printed. If it ends early, JSON stays open, so that nobody mistakes it for the whole list.
pub struct Listing {
    format: Format,
    header: Vec<Cell>,
    columns: Columns,
    /// Number of printed items.
    pub count: usize,
}

impl Listing {
    /// Creates a list of which nothing is printed yet.
    pub fn new(format: Format, header: Vec<Cell>) -> Self {
        Self { format, header, columns: Columns::default(), count: 0 }
    }

    /// Prints more items, and returns false when the reader has gone.
    pub fn print(&mut self, items: &[Value], row: impl Fn(&Value) -> Vec<Cell>) -> Result<bool, Failure> {
        let text = match self.format {
            Format::Json => self.json(items),
            Format::Jsonl => lines(items),
            Format::Yaml if items.is_empty() => String::new(),
            Format::Yaml => yaml(&items)?,
            Format::Table => {
                let header = Some(self.header.clone()).filter(|_| self.count == 0 && !items.is_empty());
                let rows: Vec<_> = header.into_iter().chain(items.iter().map(row)).collect();
                self.columns.align(&rows, 0)
            }
        };
        self.count += items.len();
        offer(self.format, &text)
    }

    /// Prints the end of the list. The footer is for people.
    pub fn end(self, footer: &str) -> Result<(), Failure> {
        let text = match (self.format, self.count) {
            (Format::Json | Format::Yaml, 0) => "[]\n".to_owned(),
            (Format::Json, _) => "\n]\n".to_owned(),
            (Format::Table, 0) => format!("{DIM}{footer}{DIM:#}\n"),
            (Format::Table, _) => format!("\n{DIM}{footer}{DIM:#}\n"),
            (Format::Jsonl | Format::Yaml, _) => return Ok(()),
        };
        offer(self.format, &text).map(|_| ())
    }

    /// Returns items in the form of a list that is written at once.
    fn json(&self, items: &[Value]) -> String {
        let mut text = String::new();
        for (index, item) in items.iter().enumerate() {
            text += if self.count + index == 0 { "[\n  " } else { ",\n  " };
            text += &escaped(&format!("{item:#}")).replace('\n', "\n  ");
        }
        text
    }
}

/// Writes text of a format, and returns false when the reader has gone. Such a reader has read enough: that is not an
/// error.
fn offer(format: Format, text: &str) -> Result<bool, Failure> {
    let write = |mut stdout: Box<dyn Write>| stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    let written = match format {
        // Strips the colours unless stdout is a terminal.
        Format::Table => write(Box::new(anstream::stdout())),
        Format::Json | Format::Jsonl | Format::Yaml => write(Box::new(io::stdout())),
    };
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        result => result.map(|()| true).map_err(cannot_be_written),
    }
}

/// Writes each item on its own line.
fn lines(items: &[Value]) -> String {
    items.iter().map(|item| escaped(&item.to_string()) + "\n").collect()
}

/// Escapes the characters of JSON that a terminal does not show as themselves. It stays the same JSON.
pub fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        // The line ends are those of the format.
        match is_hidden(c) && c != '\n' {
            true => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| text += &format!("\\u{unit:04x}")),
            false => text.push(c),
        }
    }
    text
}

/// Converts a result to JSON.
pub fn json(result: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(result).map_err(cannot_be_written)
}

/// Converts JSON to YAML.
fn yaml(value: &impl Serialize) -> Result<String, Failure> {
    serde_saphyr::to_string(value).map_err(cannot_be_written)
}

fn cannot_be_written(error: impl std::fmt::Display) -> Failure {
    Failure::other(format!("the result cannot be written: {error}"))
}
