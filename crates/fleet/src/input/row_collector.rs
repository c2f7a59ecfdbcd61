//! Collects rows and their errors while the input, of unknown origin, is read.

use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;

use crate::error::{RowError, RowErrors};
use crate::input::request;
use crate::input::text::{self, NotText, count_lines};

/// Maximum size of the input, in bytes.
const MAX_BYTES: usize = 32 << 20;
/// Maximum size of a row, in bytes.
pub const MAX_ROW: usize = 1 << 20;
/// Maximum number of rows.
const MAX_ROWS: usize = 100_000;

/// Rows of the input, not checked yet, and errors found while reading them.
pub struct RowCollector {
    pub name: Arc<str>,
    pub rows: Vec<RawRow>,
    pub errors: RowErrors,
    /// What is probably not as it was meant.
    pub warnings: RowErrors,
    /// Columns, or fields of requests, that are left out.
    pub ignored: Vec<String>,
    /// Names of the cells, if the input is a workbook.
    pub cells: Option<CellNames>,
    bytes: usize,
    counted: usize,
    /// Whether a row was refused because there are too many; further rows are ignored.
    pub is_full: bool,
}

/// The request of a row: JSON text with secrets, or references to them, as in the input.
pub struct RawRow {
    pub line: u32,
    pub request: Box<str>,
}

/// Names of a sheet's cells, as `Sheet1!C7`.
pub struct CellNames {
    sheet: String,
    /// The letters of each field's column.
    columns: HashMap<String, String>,
}

impl CellNames {
    pub fn new(sheet: &str, columns: HashMap<String, String>) -> Self {
        let is_plain = sheet.chars().all(|c| c.is_alphanumeric() || c == '_');
        let sheet = if is_plain { sheet.to_owned() } else { format!("'{}'", sheet.replace('\'', "''")) };
        Self { sheet, columns }
    }

    /// Returns the name of a field's cell; none for what is not in one.
    fn of(&self, line: u32, field: &str) -> Option<String> {
        let letters = self.columns.get(field).map(String::as_str).or_else(|| field.strip_prefix("column "))?;
        Some(format!("{}!{letters}{line}", self.sheet))
    }
}

/// Why the rest of the input cannot be read, and the line of the problem.
#[derive(Debug)]
pub struct Unreadable {
    pub line: u32,
    pub message: String,
}

impl RowCollector {
    pub fn new(name: &str) -> Self {
        let (errors, warnings) = (RowErrors::default(), RowErrors::default());
        let (rows, ignored) = (Vec::new(), Vec::new());
        Self { name: name.into(), rows, errors, warnings, ignored, cells: None, bytes: 0, counted: 0, is_full: false }
    }

    /// Collects the rows of a text with the reader of its format.
    pub fn collect(self, input: impl Read, rows_of: fn(&str, &mut Self) -> Result<(), Unreadable>) -> Self {
        self.collect_bytes(input, |bytes, rows| rows_of(&text(bytes)?, rows))
    }

    /// Collects the rows of an input with the reader of its format.
    pub fn collect_bytes(
        mut self,
        input: impl Read,
        rows_of: impl FnOnce(Vec<u8>, &mut Self) -> Result<(), Unreadable>,
    ) -> Self {
        let result = read(input).and_then(|bytes| rows_of(bytes, &mut self));
        if let Err(Unreadable { line, message }) = result {
            self.error(line, "", message);
        }
        self
    }

    pub fn error(&mut self, line: u32, field: &str, message: impl Into<String>) {
        self.errors.push(self.row_error(line, field, message.into()));
    }

    pub fn warn(&mut self, line: u32, field: &str, message: impl Into<String>) {
        self.warnings.push(self.row_error(line, field, message.into()));
    }

    fn row_error(&self, line: u32, field: &str, message: String) -> RowError {
        let cell = self.cells.as_ref().and_then(|cells| cells.of(line, field));
        RowError { file: self.name.to_string(), line, field: field.to_owned(), cell, message }
    }

    /// Adds a request from JSON text.
    pub fn add(&mut self, line: u32, text: &str) {
        if self.is_full {
            return;
        }
        if text.len() > MAX_ROW {
            return self.too_long(line, "");
        }
        match request::normalize(text, &|name| self.ignored.iter().any(|ignored| ignored == name)) {
            Ok(request) => self.push(line, request),
            Err(errors) => errors.into_iter().for_each(|(field, message)| self.error(line, &field, message)),
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
        if self.rows.len() == MAX_ROWS || self.bytes > MAX_BYTES {
            return self.refuse_more(line);
        }
        self.rows.push(RawRow { line, request: request.into() });
    }

    /// Counts a row, whether it is valid or not: one of a workbook takes a few bytes, and may be repeated.
    pub fn count_row(&mut self, line: u32) {
        self.counted += 1;
        if self.counted > MAX_ROWS && !self.is_full {
            self.refuse_more(line);
        }
    }

    fn refuse_more(&mut self, line: u32) {
        self.is_full = true;
        let (rows, size) = (MAX_ROWS / 1000, MAX_BYTES >> 20);
        let message =
            format!("is one row too many: the maximum is {rows},000 rows with {size} MiB in total; split the file");
        self.error(line, "", message);
    }
}

/// Reads all bytes of the input, up to the maximum.
fn read(input: impl Read) -> Result<Vec<u8>, Unreadable> {
    let mut bytes = Vec::new();
    let read = input.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes);
    let at_end = |message: String| Unreadable { line: 1 + count_lines(&bytes), message };
    read.map_err(|error| at_end(error.to_string()))?;
    if bytes.len() > MAX_BYTES {
        return Err(at_end(format!("exceeds {} MiB; split the file", MAX_BYTES >> 20)));
    }
    Ok(bytes)
}

/// Returns the text of the input, or refuses it with the line of the problem.
fn text(bytes: Vec<u8>) -> Result<String, Unreadable> {
    // The beginnings of .xlsx and .ods, and of .xls.
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        let message = "is a workbook of a spreadsheet, and no text; give it its ending, .xlsx or .ods, or its format";
        return Err(Unreadable { line: 1, message: message.to_owned() });
    }
    text::decode(bytes).map_err(|NotText { line, message }| Unreadable { line, message: message.to_owned() })
}
