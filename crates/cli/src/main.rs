//! `ocamba`, the command line of the Ocamba Hood API: its arguments, and the command that each of them runs.
//!
//! Three layers, whose imports run downward only: `commands`, what they share (`shared`), and plain `parts`.

mod commands;
mod parts;
mod shared;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

use crate::commands::{auth, completions, doctor, fleet, integrations, providers, sandbox};
use crate::shared::failure::{self, Exit};
use crate::shared::help;
use crate::shared::options::Global;

/// Connect message providers to an Ocamba account.
#[derive(Parser)]
#[command(
    name = "ocamba",
    version,
    styles = help::STYLES,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = help::environment_and_exit_codes(),
)]
struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List, create and change integrations of providers
    #[command(subcommand, arg_required_else_help = true)]
    Integrations(integrations::Command),
    /// Set up many integrations at once, one per row of a file
    #[command(subcommand, arg_required_else_help = true)]
    Fleet(fleet::Command),
    /// List the providers and their settings
    Providers(providers::Options),
    /// Log in and out, and manage the profiles of accounts
    #[command(subcommand, arg_required_else_help = true)]
    Auth(auth::Command),
    /// Check settings, network and token, and say what to do
    Doctor(doctor::Options),
    /// Run a local server that behaves like the API, until Ctrl-C
    Sandbox(sandbox::Options),
    /// Print a completion script for a shell
    #[command(arg_required_else_help = true)]
    Completions(completions::Options),
}

fn main() -> ExitCode {
    let Arguments { global, command } = Arguments::parse();
    let result = match command {
        Command::Integrations(command) => {
            // Not clap's `conflicts_with`: it does not see a global option before the command.
            let account = [("--base-url <URL>", &global.base_url), ("--profile <NAME>", &global.profile)];
            if let Some((option, _)) = account.iter().find(|(_, it)| it.is_some() && command.is_in_sandbox()) {
                let message = format!("the argument '--sandbox' cannot be used with '{option}'");
                Arguments::command().error(ErrorKind::ArgumentConflict, message).exit();
            }
            integrations::run(&command, &global)
        }
        Command::Fleet(command) => fleet::run(&command, &global),
        Command::Providers(options) => providers::run(&options, &global),
        Command::Auth(command) => auth::run(&command, &global),
        Command::Doctor(options) => doctor::run(&options, &global),
        Command::Sandbox(options) => sandbox::run(options, &global),
        Command::Completions(options) => completions::run(&options, Arguments::command()),
    };
    let as_json = global.is_json();
    while let Some(warning) = ocamba_hood::take_warning() {
        failure::warn(&warning, as_json);
    }
    match result {
        Ok(()) => Exit::Done.into(),
        Err(failure) => failure.report(as_json),
    }
}
