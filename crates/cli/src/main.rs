//! `ocamba`, the command line of the Ocamba Hood API: its arguments, and the command that each of them runs.
//!
//! Three layers, whose imports run downward only: `commands`, what they share (`shared`), and plain `parts`.

mod commands;
mod parts;
mod shared;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

use crate::commands::{api, auth, completions, doctor, fleet, integrations, man, open, probe, providers, sandbox};
use crate::shared::failure::{self, Exit, Failure};
use crate::shared::options::Global;
use crate::shared::{help, log};

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
    /// Send any request to the API, and print the response
    #[command(arg_required_else_help = true)]
    Api(api::Options),
    /// Check settings, network and token, and say what to do
    Doctor(doctor::Options),
    /// Find out what is not known of the API, at a real account
    Probe(probe::Options),
    /// Run a local server that behaves like the API, until Ctrl-C
    Sandbox(sandbox::Options),
    /// Open the page of a running sandbox in the browser
    Open(open::Options),
    /// Print a completion script for a shell
    #[command(arg_required_else_help = true)]
    Completions(completions::Options),
    /// Write manual pages
    Man(man::Options),
}

fn main() -> ExitCode {
    let Arguments { global, command } = Arguments::try_parse().unwrap_or_else(|error| refuse(&error));
    failure::report_notes(global.is_json());
    log::start(&global, matches!(command, Command::Fleet(_)));
    let result = match command {
        Command::Integrations(command) => {
            // Not clap's `conflicts_with`: it does not see a global option before the command.
            let account = [("--base-url <URL>", &global.base_url), ("--profile <NAME>", &global.profile)];
            if let Some((option, _)) = account.iter().find(|(_, it)| it.is_some() && command.is_in_sandbox()) {
                let message = format!("the argument '--sandbox' cannot be used with '{option}'");
                refuse(&Arguments::command().error(ErrorKind::ArgumentConflict, message));
            }
            integrations::run(&command, &global)
        }
        Command::Fleet(command) => fleet::run(&command, &global),
        Command::Providers(options) => providers::run(&options, &global),
        Command::Auth(command) => auth::run(&command, &global),
        Command::Api(options) => api::run(&options, &global),
        Command::Doctor(options) => doctor::run(&options, &global),
        Command::Probe(options) => probe::run(&options, &global),
        Command::Open(options) => open::run(&options, &global),
        Command::Sandbox(options) => sandbox::run(options, &global),
        Command::Completions(options) => completions::run(&options, Arguments::command()),
        Command::Man(options) => man::run(&options, Arguments::command()),
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

/// Ends the process with wrong arguments: as JSON for a program, whose arguments say so even though they are wrong.
fn refuse(error: &clap::Error) -> ! {
    // There, the code of wrong arguments means something else.
    let is_given = |word: &str| std::env::args_os().any(|argument| argument == word);
    let is_failed = error.use_stderr() && ["fleet", "plan", "--exit-code"].into_iter().all(is_given);
    let exit = if is_failed { Exit::Failed } else { Exit::BadInput };
    let mut arguments = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
    let is_json = |format: &str| matches!(format, "json" | "jsonl");
    let wants_json = loop {
        match arguments.next().as_deref() {
            Some("--output") => break arguments.next().is_some_and(|format| is_json(&format)),
            Some(argument) if argument.strip_prefix("--output=").is_some_and(is_json) => break true,
            Some(_) => {}
            None => break false,
        }
    };
    if !error.use_stderr() {
        error.exit();
    }
    if !wants_json {
        // Where stderr is closed, nobody can be informed.
        let _ = error.print();
        std::process::exit(exit as i32)
    }
    let text = error.render().to_string();
    let message = text.split("\n\nUsage:").next().unwrap_or_default().trim_start_matches("error: ");
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let failure = Failure::bad_input(message)
        .hint("'ocamba --help' and 'ocamba COMMAND --help' show the arguments; nothing was sent");
    failure.exits(exit).report(true);
    std::process::exit(exit as i32)
}
