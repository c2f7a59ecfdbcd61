//! `ocamba integrations`.

mod create;
mod ensure;
mod fields;
mod get;
mod list;
mod request;
mod settings;
mod show;
mod test;
mod update;
mod validate;

use clap::Subcommand;
use ocamba_hood::{CheckedBody, Integration, Operation, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;

use self::request::RequestInput;
use crate::parts::shell;
use crate::shared::error_hints;
use crate::shared::failure::Failure;
use crate::shared::options::Global;
use crate::shared::output;

#[derive(Subcommand)]
pub enum Command {
    /// List all integrations, or those that match filters
    List(list::Options),
    /// Show an integration
    Get(get::Options),
    /// Create an integration (validated first, never retried blindly)
    Create(create::Options),
    /// Create an integration, or adopt or update the existing one
    #[command(after_help = ensure::after_help())]
    Ensure(RequestInput),
    /// Change some fields of an integration, and keep the others
    Update(update::Options),
    /// Ask the provider to check credentials, without creating anything
    #[command(after_help = validate::after_help())]
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
        Command::Ensure(input) => ensure::run(input, global),
        Command::Update(options) => update::run(options, global),
        Command::Validate(input) => validate::run(input, global),
        Command::Test(options) => test::run(options, global),
    }
}

/// Returns an operation on the integration with an ID, if the ID is valid.
fn operation_by_id(name: &str, id: &str) -> Result<Operation, Failure> {
    Operation::from_json(name, Some(id), "", false).map_err(|error| {
        error_hints::on_invalid_input(&error, "ID").hint("'ocamba integrations list' shows the IDs; nothing was sent")
    })
}

/// Decodes a response.
fn decode<T: DeserializeOwned>(response: &Response<CheckedBody>) -> Result<T, Failure> {
    serde_json::from_str(response.value.as_str())
        .map_err(|error| Failure::other(format!("the response cannot be read: {error}")))
}

/// Converts an integration to JSON. Its secrets are hidden without --reveal.
fn to_json(integration: &Integration, global: &Global) -> Result<Value, Failure> {
    let json = || output::json(integration);
    if global.reveal { ocamba_hood::reveal(json) } else { json() }
}

/// Returns this program with the options that choose the account, for commands that hints propose.
fn ocamba(global: &Global) -> String {
    let options = [("--profile", &global.profile), ("--base-url", &global.base_url)];
    let given =
        options.into_iter().filter_map(|(name, value)| Some(format!(" {name} {}", shell::quoted(value.as_ref()?))));
    std::iter::once("ocamba".to_owned()).chain(given).collect()
}
