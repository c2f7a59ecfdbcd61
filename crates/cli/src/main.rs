//! `ocamba`, the command line of the Ocamba Hood API: its arguments, and which of them leads where.

mod advice;
mod completions;
mod exit;
mod integrations;
mod output;
mod providers;
mod report;
mod request_file;
mod sandbox;
mod signals;
mod table;

use std::process::ExitCode;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use clap::builder::Styles;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::exit::Exit;
use crate::output::Format;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Connect message providers to an Ocamba account.
#[derive(Parser)]
#[command(
    name = "ocamba",
    version,
    styles = STYLES,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = after_help(),
)]
struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options that every command takes.
#[derive(Args)]
#[command(next_help_heading = "Global options")]
struct Global {
    /// Where the API is [default: https://api.ocamba.com]
    // Not clap's `env`: a variable must not be in conflict with `--sandbox`.
    #[arg(long, global = true, value_name = "URL")]
    base_url: Option<String>,

    /// How long a request may take [default: 120]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<Duration>,

    /// json, yaml or table [default: table on a terminal, else json]
    #[arg(long, global = true, value_name = "FORM", value_enum, hide_possible_values = true)]
    output: Option<Format>,

    /// Show secrets, which are [REDACTED] otherwise
    #[arg(long, global = true)]
    reveal: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Create integrations: a provider, connected to the account
    #[command(subcommand, arg_required_else_help = true)]
    Integrations(integrations::Command),
    /// List the providers, and the settings that each one takes
    Providers,
    /// Run a local server that behaves as the API, until Ctrl-C
    Sandbox(sandbox::Options),
    /// Write a completion script for a shell
    #[command(arg_required_else_help = true)]
    Completions(completions::Options),
}

fn main() -> ExitCode {
    let Arguments { global, command } = Arguments::parse();
    let result = match command {
        Command::Integrations(integrations::Command::Create(options)) => {
            // Not clap's `conflicts_with`: it does not see a global option that stands before the command.
            if options.sandbox && global.base_url.is_some() {
                let message = "the argument '--sandbox' cannot be used with '--base-url <URL>'";
                Arguments::command().error(ErrorKind::ArgumentConflict, message).exit();
            }
            integrations::create(&options, &global)
        }
        Command::Providers => providers::list(global.output),
        Command::Sandbox(options) => sandbox::run(options),
        Command::Completions(options) => completions::write(&options),
    };
    match result {
        Ok(()) => Exit::Done.into(),
        Err(failure) => failure.report(),
    }
}

/// The timeout, which may be a part of a second.
fn seconds(text: &str) -> Result<Duration, String> {
    let duration = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| "expected seconds, more than zero, as 30 or 0.5".into())
}

/// What is to be known beside the options: the environment and the exit codes.
fn after_help() -> String {
    let (header, literal) = (STYLES.get_header(), STYLES.get_literal());
    let variables = [
        ("OCAMBA_TOKEN", "the account's token; no option, or all could see it in the process list"),
        ("OCAMBA_BASE_URL", "where the API is, unless --base-url says so"),
        ("OCAMBA_LANE", "who shares the rate limit: shared (this user), memory, off, or redis://..."),
        ("OCAMBA_TIER", "the account's rate limit in a second and a minute, if it is not 10/150"),
        ("NO_COLOR", "set: no colours"),
    ];
    let variables = variables.map(|(name, what)| line(literal, name, 15, what)).concat();
    let codes = Exit::ALL.map(|exit| line(literal, &(exit as u8).to_string(), 1, exit.meaning())).concat();
    format!("{header}Environment:{header:#}\n{variables}\n{header}Exit codes:{header:#}\n{codes}")
}

fn line(style: &Style, name: &str, width: usize, what: &str) -> String {
    format!("  {style}{name:<width$}{style:#}  {what}\n")
}
