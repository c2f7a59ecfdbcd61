//! `ocamba integrations`.

mod by_name;
mod create;
mod ensure;
mod field_options;
mod get;
mod list;
mod prompts;
mod request;
mod saved_request;
mod settings;
mod show;
mod test;
mod update;

use clap::Subcommand;
use serde_json::json;

use self::request::RequestInput;
use crate::parts::table::DONE;
use crate::shared::error_hints::CommandContext;
use crate::shared::failure::Failure;
use crate::shared::options::Global;
use crate::shared::{calls, help, output};

#[derive(Subcommand)]
pub enum Command {
    /// List all integrations, or those that match filters
    List(list::Options),
    /// Show an integration
    Get(get::Options),
    /// Create an integration (validated first, never retried blindly)
    Create(create::Options),
    /// Create an integration, or adopt or update the existing one
    Ensure(ensure::Options),
    /// Change some fields of an integration, and keep the others
    Update(update::Options),
    /// Ask the provider to check credentials, without creating anything
    #[command(after_help = help::examples(&[
        ("check the credentials in a request", "ocamba integrations validate request.json"),
    ]))]
    Validate(RequestInput),
    /// Send a test message through an integration
    Test(test::Options),
}

impl Command {
    /// Returns true for a command that never leaves this process.
    pub fn is_in_sandbox(&self) -> bool {
        matches!(self, Self::Create(options) if options.sandbox)
    }
}

pub fn run(command: &Command, global: &Global) -> Result<(), Failure> {
    match command {
        Command::List(options) => list::run(options, global),
        Command::Get(options) => get::run(options, global),
        Command::Create(options) => create::run(options, global),
        Command::Ensure(options) => ensure::run(options, global),
        Command::Update(options) => update::run(options, global),
        Command::Validate(input) => validate(input, global),
        Command::Test(options) => test::run(options, global),
    }
}

/// Asks the provider to check the credentials of a request.
fn validate(input: &RequestInput, global: &Global) -> Result<(), Failure> {
    let request = input.read("validate", global)?;
    let context = CommandContext::reading(&request.source, "validate integrations");
    calls::send_one(global, request.operation, &context)?;
    let value = json!({ "action": "validated", "name": request.name });
    output::print(global.output, &value, || {
        let name = ocamba_hood::printable(&request.name);
        format!("{DONE}Valid{DONE:#}: the provider accepts the credentials of {name}; nothing was created\n")
    })
}
