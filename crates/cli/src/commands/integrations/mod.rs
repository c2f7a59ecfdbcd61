//! `ocamba integrations`.

mod create;
mod ensure;
mod fields;
mod get;
mod list;
mod request;
mod response;
mod settings;
mod show;
mod test;
mod update;
mod validate;

use clap::Subcommand;

use self::request::RequestInput;
use crate::shared::failure::Failure;
use crate::shared::help;
use crate::shared::options::Global;

#[derive(Subcommand)]
pub enum Command {
    /// List all integrations, or those that match filters
    List(list::Options),
    /// Show an integration
    Get(get::Options),
    /// Create an integration (validated first, never retried blindly)
    Create(create::Options),
    /// Create an integration, or adopt or update the existing one
    #[command(after_help = help::examples(ensure::EXAMPLES))]
    Ensure(RequestInput),
    /// Change some fields of an integration, and keep the others
    Update(update::Options),
    /// Ask the provider to check credentials, without creating anything
    #[command(after_help = help::examples(validate::EXAMPLES))]
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
