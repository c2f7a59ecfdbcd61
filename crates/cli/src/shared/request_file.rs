//! The FILE of a command: a path, or `-` for standard input.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::PathBuf;

use serde_json::{Map, Value};

use super::failure::Failure;

/// Maximum size of a request, in bytes.
const MAX_BYTES: u64 = 10 * 1024 * 1024;

/// File from which a request is read.
#[derive(Clone, Debug)]
pub struct RequestFile(PathBuf);

/// For clap.
impl From<OsString> for RequestFile {
    fn from(path: OsString) -> Self {
        Self(path.into())
    }
}

impl RequestFile {
    /// Returns the name in messages.
    pub fn name(&self) -> String {
        if self.is_stdin() { "standard input".into() } else { self.argument() }
    }

    /// Returns the argument on the command line.
    pub fn argument(&self) -> String {
        self.0.display().to_string()
    }

    /// Returns true for standard input.
    pub fn is_stdin(&self) -> bool {
        self.0.as_os_str() == "-"
    }

    /// Reads the text.
    pub fn read(&self) -> Result<String, Failure> {
        let bytes = self.bytes().map_err(|e| self.failure(&format!("cannot be read: {e}")))?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(self.failure(&format!("is too large: more than {} MiB", MAX_BYTES >> 20)));
        }
        let mut text = String::from_utf8(bytes).map_err(|e| {
            self.failure(&format!("is not UTF-8 text: byte {} is wrong", e.utf8_error().valid_up_to() + 1))
        })?;
        // Some editors write a byte order mark, which is not part of the JSON.
        if text.starts_with('\u{feff}') {
            text.remove(0);
        }
        if text.trim().is_empty() { Err(self.failure("is empty")) } else { Ok(text) }
    }

    /// Reads the JSON object.
    pub fn read_object(&self) -> Result<Map<String, Value>, Failure> {
        // The parser's error has the position, and does not quote the text.
        let value = serde_json::from_str(&self.read()?);
        match value.map_err(|error| self.failure(&format!("is not valid JSON: {error}")))? {
            Value::Object(fields) => Ok(fields),
            _ => Err(self.failure("must have one JSON object")),
        }
    }

    fn bytes(&self) -> io::Result<Vec<u8>> {
        let file: Box<dyn Read> = if !self.is_stdin() {
            // Not every system refuses to open a folder, or says why.
            if self.0.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            Box::new(File::open(&self.0)?)
        } else {
            if io::stdin().is_terminal() {
                let _ = writeln!(anstream::stderr(), "Type or paste the request as JSON, then press Ctrl-D:");
            }
            Box::new(io::stdin())
        };
        let mut bytes = Vec::new();
        // One more byte than the maximum shows that the file is too large.
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn failure(&self, what: &str) -> Failure {
        Failure::bad_input(format!("{} {what}", self.name()))
            .hint("give the path of a file with one request as JSON, or - for standard input; nothing was sent")
    }
}
