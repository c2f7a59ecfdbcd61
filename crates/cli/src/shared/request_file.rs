//! A FILE with a request: a path, or `-` for standard input, with JSON or YAML.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::PathBuf;

use ocamba_fleet::{NotText, decode_text, expand_home};
use serde_json::{Map, Value};
use serde_saphyr::Options;

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

    /// Reads the request as JSON text. JSON is returned unchanged, and YAML is converted.
    pub fn read(&self) -> Result<String, Failure> {
        let bytes = self.bytes().map_err(|e| self.failure(&format!("cannot be read: {e}")))?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(self.failure(&format!("is too large: more than {} MiB", MAX_BYTES >> 20)));
        }
        let text = decode_text(bytes)
            .map_err(|NotText { line, message }| self.failure(&format!("at line {line} {message}")))?;
        if text.trim().is_empty() {
            return Err(self.failure("is empty"));
        }
        if self.is_yaml(&text) { self.yaml(&text) } else { Ok(text) }
    }

    /// Converts text to the fields of a JSON object.
    pub fn object(&self, text: &str) -> Result<Map<String, Value>, Failure> {
        // The parser's error has the position, and does not quote the text.
        match serde_json::from_str(text).map_err(|error| self.failure(&format!("is not valid JSON: {error}")))? {
            Value::Object(fields) => Ok(fields),
            _ => Err(self.failure("must have one object with the fields of the request")),
        }
    }

    /// Returns true for YAML: by the ending of the name, and without one by the first character.
    fn is_yaml(&self, text: &str) -> bool {
        match self.0.extension().and_then(|ending| ending.to_str()) {
            Some(ending) if ["yaml", "yml"].iter().any(|yaml| ending.eq_ignore_ascii_case(yaml)) => true,
            Some(ending) if ending.eq_ignore_ascii_case("json") => false,
            // A scalar is a mistake in both; JSON has the better message.
            _ => !text.trim_start().starts_with(['{', '[', '"']) && text.contains(": "),
        }
    }

    fn yaml(&self, text: &str) -> Result<String, Failure> {
        // A snippet would quote values.
        let mut options = Options::default();
        options.with_snippet = false;
        let value: Value = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
            let line = error.location().map_or(1, |location| location.line());
            let what = format!(
                "is not valid YAML at line {line}: check the punctuation, the indentation, and repeated fields"
            );
            self.failure(&what)
        })?;
        Ok(value.to_string())
    }

    fn bytes(&self) -> io::Result<Vec<u8>> {
        let path = expand_home(&self.0);
        let file: Box<dyn Read> = if !self.is_stdin() {
            // Not every system refuses to open a folder, or says why.
            if path.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            Box::new(File::open(&path)?)
        } else {
            if io::stdin().is_terminal() {
                let _ = writeln!(anstream::stderr(), "Type or paste the request as JSON or YAML, then press Ctrl-D:");
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
            .hint("give the path of a file with one request as JSON or YAML, or - for standard input; nothing was sent")
    }
}
