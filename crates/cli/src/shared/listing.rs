//! A list on stdout, printed page by page.

use serde_json::Value;

use super::failure::Failure;
use super::output::{self, Format};
use crate::parts::table::{Cell, Columns, DIM};

/// A list that is being printed. If it ends early, JSON stays open, so that nobody mistakes it for the whole list.
pub struct Listing {
    format: Format,
    header: Vec<Cell>,
    columns: Columns,
    count: usize,
}

impl Listing {
    /// Creates a list of which nothing is printed yet.
    pub fn new(format: Format, header: Vec<Cell>) -> Self {
        Self { format, header, columns: Columns::default(), count: 0 }
    }

    /// Returns the number of printed items.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Prints more items, and returns false when the reader has gone.
    pub fn print(&mut self, items: &[Value], row: impl Fn(&Value) -> Vec<Cell>) -> Result<bool, Failure> {
        let text = match self.format {
            Format::Json => self.json(items),
            Format::Jsonl => output::lines(items),
            Format::Yaml if items.is_empty() => String::new(),
            Format::Yaml => output::yaml(&items)?,
            Format::Table => {
                let header = Some(self.header.clone()).filter(|_| self.count == 0 && !items.is_empty());
                let rows: Vec<_> = header.into_iter().chain(items.iter().map(row)).collect();
                self.columns.align(&rows, 0)
            }
        };
        self.count += items.len();
        output::offer(self.format, &text)
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
        output::offer(self.format, &text).map(|_| ())
    }

    /// Returns items in the form of a list that is written at once.
    fn json(&self, items: &[Value]) -> String {
        let mut text = String::new();
        for (index, item) in items.iter().enumerate() {
            text += if self.count + index == 0 { "[\n  " } else { ",\n  " };
            text += &format!("{item:#}").replace('\n', "\n  ");
        }
        text
    }
}
