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
use ocamba_hood::{CheckedBody, Integration, Response};
use serde_json::Value;

use crate::Global;
use crate::exit::Exit;
use crate::report::Failure;

/// What can be done with integrations.
#[derive(Subcommand)]
pub enum Command {
    /// List integrations: all, or those that filters choose
    List(list::Options),
    /// Show an integration
    Get(get::Options),
    /// Create an integration; it is checked before, and never sent twice
    Create(create::Options),
    /// Create an integration, or adopt or update the one there is
    Ensure(ensure::Options),
    /// Change some of an integration, and leave the rest as it is
    Update(update::Options),
    /// Have the provider check a request's credentials; creates nothing
    Validate(validate::Options),
    /// Send a test message through an integration
    Test(test::Options),
}

impl Command {
    /// Whether it stays within this process.
    pub fn is_in_sandbox(&self) -> bool {
        matches!(self, Self::Create(options) if options.sandbox)
    }
}

/// Runs one of them.
pub fn run(command: &Command, global: &Global) -> Result<(), Failure> {
    match command {
        Command::List(options) => list::run(options, global),
        Command::Get(options) => get::run(options, global),
        Command::Create(options) => create::run(options, global),
        Command::Ensure(options) => ensure::run(options, global),
        Command::Update(options) => update::run(options, global),
        Command::Validate(options) => validate::run(options, global),
        Command::Test(options) => test::run(options, global),
    }
}

/// The integration that an answer is.
fn integration(answer: &Response<CheckedBody>) -> Result<Integration, Failure> {
    serde_json::from_str(answer.value.as_str()).map_err(|error| cannot_be_written(&error))
}

/// An integration as JSON, its secrets hidden unless they are asked for.
fn to_json(integration: &Integration, global: &Global) -> Result<Value, Failure> {
    let value = || serde_json::to_value(integration);
    if global.reveal { ocamba_hood::reveal(value) } else { value() }.map_err(|error| cannot_be_written(&error))
}

fn cannot_be_written(error: &serde_json::Error) -> Failure {
    Failure::new(Exit::Failed, format!("the result cannot be written as JSON: {error}"))
}

/// This command with the options that say which account is meant: for commands that are proposed.
fn ocamba(global: &Global) -> String {
    let options = [("--profile", &global.profile), ("--base-url", &global.base_url)];
    let given = options
        .into_iter()
        .filter_map(|(name, value)| Some(format!(" {name} {}", crate::shell::quoted(value.as_ref()?))));
    std::iter::once("ocamba".to_owned()).chain(given).collect()
}
