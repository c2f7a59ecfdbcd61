//! The requests of commands: an ID, or a FILE, which is a path, or `-` for standard input.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::PathBuf;

use clap::Args;
use ocamba_fleet::References;
use ocamba_hood::{Error, Operation, RequestBody};
use serde_json::{Map, Value};

use crate::parts::shell;
use crate::shared::error_hints;
use crate::shared::failure::Failure;
use crate::shared::references;

/// Maximum size of a request, in bytes.
const MAX_BYTES: u64 = 10 * 1024 * 1024;

#[derive(Args)]
pub struct RequestInput {
    /// Request as JSON; - reads standard input
    file: RequestFile,

    /// Accept a provider_id unknown to this version
    #[arg(long)]
    allow_unknown_provider: bool,

    #[command(flatten)]
    references: references::Options,
}

/// File from which a request is read.
#[derive(Clone, Debug)]
pub struct RequestFile(PathBuf);

/// For clap.
impl From<OsString> for RequestFile {
    fn from(path: OsString) -> Self {
        Self(path.into())
    }
}

/// A request that was read and validated.
pub struct Request {
    pub operation: Operation,
    /// Name of its source in messages.
    pub source: String,
    /// Name of the integration.
    pub name: String,
    /// FILE on the command line.
    argument: String,
}

impl RequestInput {
    /// Reads the request of an operation, and validates it.
    pub fn read(&self, operation: &str) -> Result<Request, Failure> {
        self.file.request(operation, self.allow_unknown_provider, &self.references.permitted()?)
    }
}

impl RequestFile {
    /// Returns the name in messages.
    pub fn name(&self) -> String {
        if self.is_stdin() { "standard input".into() } else { self.argument() }
    }

    /// Returns the argument on the command line.
    fn argument(&self) -> String {
        self.0.display().to_string()
    }

    /// Returns true for standard input.
    pub fn is_stdin(&self) -> bool {
        self.0.as_os_str() == "-"
    }

    /// Reads the request of an operation, and validates it, without and with the secrets that it refers to.
    pub fn request(&self, operation: &str, allow_unknown: bool, references: &References) -> Result<Request, Failure> {
        let text = self.read()?;
        let checked = |text: &str| {
            let checked = Operation::from_json(operation, None, text, allow_unknown);
            checked.map_err(|error| refused(&error, text, &self.name()))
        };
        checked(&text)?;
        let operation = checked(&resolve(references, &text, &self.name())?)?;
        let json: Value = serde_json::from_str(&text).unwrap_or_default();
        let name = json["name"].as_str().unwrap_or_default().to_owned();
        Ok(Request { operation, source: self.name(), name, argument: self.argument() })
    }

    /// Reads the text.
    fn read(&self) -> Result<String, Failure> {
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

    /// Reads the JSON object, with the secrets that it refers to.
    pub fn read_object(&self, references: &References) -> Result<Map<String, Value>, Failure> {
        let text = self.read()?;
        // The parser's error has the position, and does not quote the text.
        let value = serde_json::from_str(&resolve(references, &text, &self.name())?);
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

impl Request {
    /// Returns a command that finds the integration.
    pub fn find_command(&self, program: &str) -> String {
        format!("{program} integrations list --search {}", shell::quoted(&self.name))
    }

    /// Returns a command that ensures the integration with the same request.
    pub fn ensure_command(&self, program: &str) -> String {
        format!("{program} integrations ensure {}", shell::quoted(&self.argument))
    }
}

/// Returns a request with the secrets that it refers to.
pub fn resolve(references: &References, request: &str, source: &str) -> Result<String, Failure> {
    if references.are_missing_for(request) {
        references::note_missing(&format!("a secret in {source} begins"));
    }
    references.resolve(request).map(Cow::into_owned).map_err(|errors| {
        let failure = Failure::bad_input(format!("{} errors in {source}", errors.len()));
        let add = |failure: Failure, (field, message): &(String, String)| failure.field_error(field, message);
        errors.iter().fold(failure, add).hint(format!("fix {source} or --references; nothing was sent"))
    })
}

fn refused(error: &Error, text: &str, source: &str) -> Failure {
    let names_provider = |error: &Error| error.field_errors().iter().any(|error| error.field == "provider_id");
    // Validated again with the flag, to see whether it would help.
    let flag = match RequestBody::new_integration(text, true) {
        _ if !names_provider(error) => "",
        Err(error) if names_provider(&error) => "",
        _ => ", or give --allow-unknown-provider if the provider is new,",
    };
    let fix = format!("fix {source}{flag} and run the command again; nothing was sent");
    error_hints::on_invalid_input(error, source).hint(fix)
}

/// Returns an operation on the integration with an ID, if the ID is valid.
pub fn operation_by_id(name: &str, id: &str) -> Result<Operation, Failure> {
    Operation::from_json(name, Some(id), "", false).map_err(|error| {
        error_hints::on_invalid_input(&error, "ID").hint("'ocamba integrations list' shows the IDs; nothing was sent")
    })
}
