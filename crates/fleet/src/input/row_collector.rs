//! Collects rows and their errors while the input is read.

use std::io::Read;
use std::sync::Arc;

use crate::error::{RowError, RowErrors};
use crate::input::request;
use crate::input::text::{self, MAX_BYTES, Unreadable};

/// Maximum size of a row, in bytes.
pub const MAX_ROW: usize = 1 << 20;
/// Maximum number of rows.
const MAX_ROWS: usize = 100_000;

/// Rows of the input, not checked yet, and errors found while reading them.
pub struct RowCollector {
    pub name: Arc<str>,
    pub rows: Vec<RawRow>,
    pub errors: RowErrors,
    bytes: usize,
    is_full: bool,
}

/// The request of a row: JSON text with secrets, or references to them, as in the input.
pub struct RawRow {
    pub line: u32,
    pub request: Box<str>,
}

impl RowCollector {
    pub fn new(name: &str) -> Self {
        Self { name: name.into(), rows: Vec::new(), errors: RowErrors::default(), bytes: 0, is_full: false }
    }

    /// Collects the rows of an input with the reader of its format.
    pub fn collect(input: impl Read, name: &str, read: fn(&str, &mut Self) -> Result<(), Unreadable>) -> Self {
        let mut rows = Self::new(name);
        let result = text::read(input).and_then(|text| read(&text, &mut rows));
        if let Err(Unreadable { line, message }) = result {
            rows.error(line, "", message);
        }
        rows
    }

    /// Returns whether a row was refused because there are too many; further rows are ignored.
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    pub fn error(&mut self, line: u32, field: &str, message: impl Into<String>) {
        let (file, field, message) = (self.name.to_string(), field.to_owned(), message.into());
        self.errors.push(RowError { file, line, field, message });
    }

    /// Adds a request from JSON text.
    pub fn add(&mut self, line: u32, text: &str) {
        if self.is_full {
            return;
        }
        if text.len() > MAX_ROW {
            return self.too_long(line, "");
        }
        match request::normalize(text) {
            Ok(request) => self.push(line, request),
            Err(message) => self.error(line, "", message),
        }
    }

    /// Reports that a row exceeds the maximum size.
    pub fn too_long(&mut self, line: u32, hint: &str) {
        self.error(line, "", format!("is too long: the maximum is {} KiB per row{hint}", MAX_ROW >> 10));
    }

    /// Adds a request that a reader composed.
    pub fn push(&mut self, line: u32, request: String) {
        if self.is_full {
            return;
        }
        self.bytes += request.len();
        // Requests composed from small cells and long headers are larger than the input.
        self.is_full = self.rows.len() == MAX_ROWS || self.bytes > MAX_BYTES;
        if self.is_full {
            let (rows, size) = (MAX_ROWS / 1000, MAX_BYTES >> 20);
            let message =
                format!("is one row too many: the maximum is {rows},000 rows with {size} MiB in total; split the file");
            return self.error(line, "", message);
        }
        self.rows.push(RawRow { line, request: request.into() });
    }
}
