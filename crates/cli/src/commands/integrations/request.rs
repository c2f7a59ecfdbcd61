//! The request that `create`, `ensure`, `validate` and `test` read.

use clap::Args;
use ocamba_hood::{Error, Operation, RequestBody};
use serde::Deserialize;

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
        #[derive(Deserialize)]
        struct Named {
            name: String,
        }
        let name = serde_json::from_str(&text).map(|Named { name }| name).unwrap_or_default();
        Ok(Request { operation, source: file.name(), name, argument: file.argument() })
    }
}

impl Request {
    /// Returns a command that finds the integration.
    pub fn find_command(&self, ocamba: &str) -> String {
        format!("{ocamba} integrations list --search {}", shell::quoted(&self.name))
    }

    /// Returns a command that ensures the integration with the same request.
    pub fn ensure_command(&self, ocamba: &str) -> String {
        format!("{ocamba} integrations ensure {}", shell::quoted(&self.argument))
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
