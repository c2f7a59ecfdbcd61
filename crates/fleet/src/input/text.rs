//! Text of unknown origin: read in full as UTF-8 within a limit, or refused with the line of the problem.

use std::io::Read;

/// Maximum size of the input, in bytes.
pub const MAX_BYTES: usize = 32 << 20;

/// Why the rest of the input cannot be read, and the line of the problem.
#[derive(Debug)]
pub struct Unreadable {
    pub line: u32,
    pub message: String,
}

/// Reads all text of the input, without a byte order mark.
pub fn read(input: impl Read) -> Result<String, Unreadable> {
    let mut bytes = Vec::new();
    let read = input.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes);
    let unreadable =
        |at: usize, message: &str| Err(Unreadable { line: 1 + count_lines(&bytes[..at]), message: message.to_owned() });
    if let Err(error) = read {
        return unreadable(bytes.len(), &error.to_string());
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return unreadable(0, "is UTF-16; save the file as UTF-8");
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

/// Counts the line ends.
pub fn count_lines(bytes: &[u8]) -> u32 {
    line(bytes.iter().filter(|byte| **byte == b'\n').count())
}

/// Converts a count to a line number.
pub fn line(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
