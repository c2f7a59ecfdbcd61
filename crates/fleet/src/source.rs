//! Reads what may be anything: text in UTF-8, of a bounded size, or an error that names the line.

use std::io::{self, BufRead, BufReader, Read};

/// The greatest size of a file.
pub const MAX_BYTES: usize = 32 << 20;
/// The greatest size of a row: a line, or a record of CSV with line breaks within.
pub const MAX_ROW: usize = 1 << 20;
/// The greatest number of rows.
pub const MAX_ROWS: usize = 100_000;

/// Bytes that were looked at on their way: no NUL, not UTF-16, no byte order mark, not too many.
pub struct Source<R> {
    inner: BufReader<R>,
    /// The line that is read.
    line: u32,
    read: usize,
    started: bool,
}

/// Why there is nothing more to be read, and in which line.
#[derive(Debug)]
pub struct Unreadable {
    pub line: u32,
    pub message: String,
}

impl<R: Read> Source<R> {
    pub fn new(inner: R) -> Self {
        Self { inner: BufReader::new(inner), line: 1, read: 0, started: false }
    }

    /// All of it.
    pub fn text(mut self) -> Result<String, Unreadable> {
        let mut bytes = Vec::new();
        match self.read_to_end(&mut bytes) {
            Ok(_) => String::from_utf8(bytes).map_err(|error| {
                let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                Unreadable::encoding(1 + count_lines(before))
            }),
            Err(error) => Err(self.why(error)),
        }
    }

    /// Appends the next line with its end, and tells its number; none where there is no more.
    pub fn line(&mut self, buffer: &mut Vec<u8>) -> Result<Option<u32>, Unreadable> {
        let (line, start) = (self.line, buffer.len());
        loop {
            let available = match self.fill_buf() {
                Ok(available) => available,
                Err(error) => return Err(self.why(error)),
            };
            let end = available.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(available.len(), |end| end + 1);
            buffer.extend_from_slice(&available[..used]);
            self.inner.consume(used);
            self.account(used, u32::from(end.is_some())).map_err(|error| self.why(error))?;
            if buffer.len() > MAX_ROW {
                let message = format!("is too long: a row may have {} KiB; is a quotation mark open?", MAX_ROW >> 10);
                return Err(Unreadable { line, message });
            }
            if end.is_some() || used == 0 {
                break;
            }
        }
        match std::str::from_utf8(&buffer[start..]) {
            Ok(text) => Ok((!text.is_empty()).then_some(line)),
            Err(_) => Err(Unreadable::encoding(line)),
        }
    }

    fn why(&self, error: io::Error) -> Unreadable {
        Unreadable { line: self.line, message: error.to_string() }
    }

    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if !self.started {
            self.started = true;
            let start = self.inner.fill_buf()?;
            if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") {
                return Err(refuse("is UTF-16; save the file as UTF-8".to_owned()));
            }
            if start.starts_with(b"\xef\xbb\xbf") {
                self.inner.consume(3);
            }
        }
        let available = self.inner.fill_buf()?;
        if let Some(nul) = available.iter().position(|byte| *byte == 0) {
            self.line += count_lines(&available[..nul]);
            return Err(refuse("has a NUL byte: the file is not text, or not UTF-8".to_owned()));
        }
        Ok(available)
    }

    fn account(&mut self, bytes: usize, lines: u32) -> io::Result<()> {
        self.read += bytes;
        self.line += lines;
        if self.read > MAX_BYTES {
            return Err(refuse(format!("is beyond {} MiB: split the file", MAX_BYTES >> 20)));
        }
        Ok(())
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        buffer[..count].copy_from_slice(&available[..count]);
        let lines = count_lines(&buffer[..count]);
        self.inner.consume(count);
        self.account(count, lines)?;
        Ok(count)
    }
}

impl Unreadable {
    pub fn encoding(line: u32) -> Self {
        let message = "is not UTF-8: it may be Latin-1 or Windows-1252; save the file as UTF-8".to_owned();
        Self { line, message }
    }
}

/// How many lines end in it.
pub fn count_lines(bytes: &[u8]) -> u32 {
    let ends = bytes.iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(ends).unwrap_or(u32::MAX)
}

fn refuse(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}
