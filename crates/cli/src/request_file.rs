//! The FILE of a command: a path, or `-` for standard input.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::exit::Exit;
use crate::report::Failure;

/// More than any request has, and little enough to hold in memory.
const MAX_BYTES: u64 = 10 * 1024 * 1024;

/// Where a request is read from.
#[derive(Clone, Debug)]
pub struct RequestFile(PathBuf);

impl From<PathBuf> for RequestFile {
    fn from(path: PathBuf) -> Self {
        Self(path)
    }
}

impl RequestFile {
    /// How messages call it.
    pub fn name(&self) -> String {
        if self.is_stdin() { "standard input".into() } else { self.0.display().to_string() }
    }

    /// What it is on the command line.
    pub fn argument(&self) -> String {
        self.0.display().to_string()
    }

    /// All of its text.
    pub fn read(&self) -> Result<String, Failure> {
        let bytes = self.bytes().map_err(|e| self.failure(&format!("cannot be read: {e}")))?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(self.failure(&format!("is too large: more than {} MiB", MAX_BYTES >> 20)));
        }
        let text = String::from_utf8(bytes).map_err(|e| {
            self.failure(&format!("is not UTF-8 text: byte {} is wrong", e.utf8_error().valid_up_to() + 1))
        })?;
        // Some editors put a byte order mark before the text, which is no part of the JSON.
        let text = text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned);
        if text.trim().is_empty() { Err(self.failure("is empty")) } else { Ok(text) }
    }

    /// The object that it has.
    pub fn read_object(&self) -> Result<Map<String, Value>, Failure> {
        // The parser's error tells the place, and nothing of what stands there.
        let value = serde_json::from_str(&self.read()?);
        match value.map_err(|error| self.failure(&format!("is not valid JSON: {error}")))? {
            Value::Object(fields) => Ok(fields),
            _ => Err(self.failure("must have one object of JSON")),
        }
    }

    fn bytes(&self) -> io::Result<Vec<u8>> {
        if !self.is_stdin() {
            return read(open(&self.0)?);
        }
        if io::stdin().is_terminal() {
            let _ = writeln!(anstream::stderr(), "Type or paste the request as JSON, and end it with Ctrl-D:");
        }
        read(io::stdin().lock())
    }

    /// Whether it is standard input.
    pub fn is_stdin(&self) -> bool {
        self.0.as_os_str() == "-"
    }

    fn failure(&self, what: &str) -> Failure {
        Failure::new(Exit::BadInput, format!("{} {what}", self.name()))
            .hint("give the path of a file with one request as JSON, or - for standard input; nothing was sent")
    }
}

fn open(path: &Path) -> io::Result<File> {
    // Not every system refuses to open a directory, or says why.
    if path.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { File::open(path) }
}

/// One byte more than allowed tells that there are too many.
fn read(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
