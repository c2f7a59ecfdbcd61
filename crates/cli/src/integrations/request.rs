//! The FILE of a command that takes what a create takes.

use clap::Args;
use ocamba_hood::{Error, Operation, RequestBody};
use serde::Deserialize;

use crate::report::Failure;
use crate::request_file::RequestFile;
use crate::{advice, shell};

/// How a request is read.
#[derive(Args)]
pub struct Reading {
    /// Allow a provider_id that is not known here
    #[arg(long)]
    allow_unknown_provider: bool,
}

/// A request that was read and checked.
pub struct Request {
    pub operation: Operation,
    /// How messages call where it was read from.
    pub source: String,
    /// What the integration is called.
    pub name: String,
}

impl Reading {
    /// Reads the request of an operation, and checks it.
    pub fn read(&self, operation: &str, file: &RequestFile) -> Result<Request, Failure> {
        let text = file.read()?;
        let checked = Operation::from_json(operation, None, &text, self.allow_unknown_provider);
        let operation = checked.map_err(|error| self.refused(&error, &text, file))?;
        #[derive(Deserialize)]
        struct Named {
            name: String,
        }
        let name = serde_json::from_str(&text).map(|Named { name }| name).unwrap_or_default();
        Ok(Request { operation, source: file.name(), name })
    }

    fn refused(&self, error: &Error, text: &str, file: &RequestFile) -> Failure {
        let names_provider = |error: &Error| error.field_errors().iter().any(|p| p.field == "provider_id");
        // Whether the flag would help is seen by trying.
        let flag = match RequestBody::new_integration(text, true) {
            _ if !names_provider(error) => "",
            Err(error) if names_provider(&error) => "",
            _ => ", or give --allow-unknown-provider if that is a new one,",
        };
        let mend = format!("mend {}{flag} and run the command again; nothing was sent", file.name());
        advice::on_request(error, &file.name()).hint(mend)
    }
}

impl Request {
    /// A command of the same binary that finds the integration.
    pub fn look(&self, ocamba: &str) -> String {
        format!("{ocamba} integrations list --search {}", shell::quoted(&self.name))
    }

    /// A command of the same binary that takes the same request.
    pub fn ensure(&self, ocamba: &str, file: &RequestFile) -> String {
        format!("{ocamba} integrations ensure {}", shell::quoted(&file.argument()))
    }
}
