//! Collects rows and their errors while the input, text of unknown origin, is read.

use std::io::Read;
use std::sync::Arc;

use crate::error::{RowError, RowErrors};
use crate::input::format::WORKBOOK;
use crate::input::request;

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
    bytes: usize,
    /// Whether a row was refused because there are too many; further rows are ignored.
    pub is_full: bool,
}

/// The request of a row: JSON text with secrets, or references to them, as in the input.
pub struct RawRow {
    pub line: u32,
    pub request: Box<str>,
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
        Self { name: name.into(), rows: Vec::new(), errors, warnings, ignored: Vec::new(), bytes: 0, is_full: false }
    }

    /// Collects the rows of an input with the reader of its format.
    pub fn collect(mut self, input: impl Read, rows_of: fn(&str, &mut Self) -> Result<(), Unreadable>) -> Self {
        let result = read(input).and_then(|text| rows_of(&text, &mut self));
        if let Err(Unreadable { line, message }) = result {
            self.error(line, "", message);
        }
        self
    }

    pub fn error(&mut self, line: u32, field: &str, message: impl Into<String>) {
        let (file, field, message) = (self.name.to_string(), field.to_owned(), message.into());
        self.errors.push(RowError { file, line, field, message });
    }

    pub fn warn(&mut self, line: u32, field: &str, message: impl Into<String>) {
        let (file, field, message) = (self.name.to_string(), field.to_owned(), message.into());
        self.warnings.push(RowError { file, line, field, message });
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

/// Reads all text of the input as UTF-8, without a byte order mark, or refuses it with the line of the problem.
fn read(input: impl Read) -> Result<String, Unreadable> {
    let mut bytes = Vec::new();
    let read = input.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes);
    let unreadable =
        |at: usize, message: &str| Err(Unreadable { line: 1 + count_lines(&bytes[..at]), message: message.to_owned() });
    if let Err(error) = read {
        return unreadable(bytes.len(), &error.to_string());
    }
    // The beginnings of .xlsx and .ods, and of .xls.
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return unreadable(0, WORKBOOK);
    }
    if let [0xff, 0xfe, text @ ..] | [0xfe, 0xff, text @ ..] = bytes.as_slice() {
        return utf_16(text, if bytes[0] == 0xff { u16::from_le_bytes } else { u16::from_be_bytes });
    }
    if let Some(nul) = bytes.iter().position(|byte| *byte == 0) {
        return unreadable(nul, "has a NUL byte: the file is not text, or not UTF-8");
    }
    if bytes.len() > MAX_BYTES {
        return unreadable(MAX_BYTES, &format!("exceeds {} MiB; split the file", MAX_BYTES >> 20));
    }
    if let Err(error) = std::str::from_utf8(&bytes) {
        let message = "is not UTF-8 but perhaps Latin-1 or Windows-1252; save the file as UTF-8";
        return unreadable(error.valid_up_to(), message);
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    Ok(String::from_utf8(bytes).unwrap_or_default())
}

/// Reads UTF-16, as PowerShell and Excel write it.
fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Unreadable> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(pairs.len());
    let invalid = |text: &str| Unreadable {
        line: 1 + count_lines(text.as_bytes()),
        message: "is not valid UTF-16; save the file as UTF-8".to_owned(),
    };
    for character in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        match character {
            Ok(character) if character != '\0' => text.push(character),
            _ => return Err(invalid(&text)),
        }
    }
    if rest.is_empty() { Ok(text) } else { Err(invalid(&text)) }
}

/// Counts the line ends.
pub fn count_lines(bytes: &[u8]) -> u32 {
    line(bytes.iter().filter(|byte| **byte == b'\n').count())
}

/// Converts a count to a line number.
pub fn line(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
