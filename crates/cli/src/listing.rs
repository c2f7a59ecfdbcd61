//! A list on stdout, page by page as it is read.

use std::io;

use anstyle::Style;
use serde_json::Value;

use crate::output::{self, Format};
use crate::table::{Cell, Columns};

/// A list that is being printed. If it breaks off, JSON is left open: nobody takes it for the whole list.
pub struct Listing {
    format: Format,
    header: Vec<Cell>,
    columns: Columns,
    count: usize,
}

impl Listing {
    /// A list of which nothing is printed yet.
    pub fn new(format: Format, header: Vec<Cell>) -> Self {
        Self { format, header, columns: Columns::default(), count: 0 }
    }

    /// How many items were printed.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Prints some more items, and tells whether there is somebody who reads on.
    pub fn print(&mut self, items: &[Value], row: impl Fn(&Value) -> Vec<Cell>) -> io::Result<bool> {
        let text = match self.format {
            Format::Json => self.json(items)?,
            Format::Jsonl => items.iter().map(|item| format!("{item}\n")).collect(),
            Format::Yaml if items.is_empty() => String::new(),
            Format::Yaml => serde_saphyr::to_string(&items).map_err(io::Error::other)?,
            Format::Table => self.table(items, row),
        };
        self.count += items.len();
        self.write(&text)
    }

    /// Prints what is left to be printed after the last item. The `footer` is for people.
    pub fn end(self, footer: &str) -> io::Result<()> {
        const DIM: Style = crate::style::DIM;
        let text = match (self.format, self.count) {
            (Format::Json | Format::Yaml, 0) => "[]\n".to_owned(),
            (Format::Json, _) => "\n]\n".to_owned(),
            (Format::Table, 0) => format!("{DIM}{footer}{DIM:#}\n"),
            (Format::Table, _) => format!("\n{DIM}{footer}{DIM:#}\n"),
            (Format::Jsonl | Format::Yaml, _) => return Ok(()),
        };
        self.write(&text).map(|_| ())
    }

    /// As a list that is written at once would be.
    fn json(&self, items: &[Value]) -> io::Result<String> {
        let mut text = String::new();
        for (index, item) in items.iter().enumerate() {
            text += if self.count + index == 0 { "[\n  " } else { ",\n  " };
            text += &serde_json::to_string_pretty(item)?.replace('\n', "\n  ");
        }
        Ok(text)
    }

    fn table(&mut self, items: &[Value], row: impl Fn(&Value) -> Vec<Cell>) -> String {
        let header = if self.count == 0 && !items.is_empty() { Some(self.header.clone()) } else { None };
        let rows: Vec<_> = header.into_iter().chain(items.iter().map(row)).collect();
        self.columns.align(&rows, 0)
    }

    fn write(&self, text: &str) -> io::Result<bool> {
        match self.format {
            // Takes the colours out again unless it is for a terminal.
            Format::Table => output::offer(anstream::stdout().lock(), text.as_bytes()),
            Format::Json | Format::Jsonl | Format::Yaml => output::offer(io::stdout().lock(), text.as_bytes()),
        }
    }
}
