//! The requests of commands: an ID, or the FILE that `create`, `ensure`, `validate` and `test` read.

use clap::Args;
use ocamba_hood::{Error, Operation, RequestBody};
use serde_json::Value;

use crate::parts::shell;
use crate::shared::error_hints;
use crate::shared::failure::Failure;
use crate::shared::request_file::RequestFile;

#[derive(Args)]
pub struct RequestInput {
    /// Request as JSON; - reads standard input
    file: RequestFile,

    #[command(flatten)]
    checks: RequestChecks,
}

#[derive(Args)]
pub struct RequestChecks {
    /// Accept a provider_id unknown to this version
    #[arg(long)]
    allow_unknown_provider: bool,
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
        self.checks.read(operation, &self.file)
    }
}

impl RequestChecks {
    /// Reads the request of an operation from a file, and validates it.
    pub fn read(&self, operation: &str, file: &RequestFile) -> Result<Request, Failure> {
        let text = file.read()?;
        let checked = Operation::from_json(operation, None, &text, self.allow_unknown_provider);
        let operation = checked.map_err(|error| refused(&error, &text, file))?;
        let json: Value = serde_json::from_str(&text).unwrap_or_default();
        let name = json["name"].as_str().unwrap_or_default().to_owned();
        Ok(Request { operation, source: file.name(), name, argument: file.argument() })
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

fn refused(error: &Error, text: &str, file: &RequestFile) -> Failure {
    let names_provider = |error: &Error| error.field_errors().iter().any(|error| error.field == "provider_id");
    // Validated again with the flag, to see whether it would help.
    let flag = match RequestBody::new_integration(text, true) {
        _ if !names_provider(error) => "",
        Err(error) if names_provider(&error) => "",
        _ => ", or give --allow-unknown-provider if the provider is new,",
    };
    let fix = format!("fix {}{flag} and run the command again; nothing was sent", file.name());
    error_hints::on_invalid_input(error, &file.name()).hint(fix)
}

/// Returns an operation on the integration with an ID, if the ID is valid.
pub fn operation_by_id(name: &str, id: &str) -> Result<Operation, Failure> {
    Operation::from_json(name, Some(id), "", false).map_err(|error| {
        error_hints::on_invalid_input(&error, "ID").hint("'ocamba integrations list' shows the IDs; nothing was sent")
    })
}
