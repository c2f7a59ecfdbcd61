//! `ocamba`, the command line of the Ocamba Hood API: its arguments, and which of them leads where.

mod account;
mod advice;
mod auth;
mod completions;
mod exit;
mod fleet;
mod integrations;
mod keyring;
mod listing;
mod output;
mod profiles;
mod providers;
mod report;
mod request_file;
mod run;
mod sandbox;
mod shell;
mod signals;
mod style;
mod table;
mod tokens;
mod typed;

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
    /// The account, by its name in 'ocamba auth list'
    // Not clap's `env`: an empty variable is none.
    #[arg(long, global = true, value_name = "NAME", value_parser = profiles::name)]
    profile: Option<String>,

    /// Where the API is [default: https://api.ocamba.com]
    // Not clap's `env`: a variable must not be in conflict with `--sandbox`.
    #[arg(long, global = true, value_name = "URL")]
    base_url: Option<String>,

    /// How long a request may take [default: 120]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<Duration>,

    /// json, jsonl, yaml, table [default: json when piped]
    #[arg(long, global = true, value_name = "FORM", value_enum, hide_possible_values = true)]
    output: Option<Format>,

    /// Show secrets, which are [REDACTED] otherwise
    #[arg(long, global = true)]
    reveal: bool,
}

#[derive(Subcommand)]
enum Command {
    /// List, create and change integrations of providers
    #[command(subcommand, arg_required_else_help = true)]
    Integrations(integrations::Command),
    /// Set up many integrations at once, from a sheet
    #[command(subcommand, arg_required_else_help = true)]
    Fleet(fleet::Command),
    /// List the providers, and the settings that each one takes
    Providers(providers::Options),
    /// Log in and out; keep the tokens of accounts
    #[command(subcommand, arg_required_else_help = true)]
    Auth(auth::Command),
    /// Run a local server that behaves as the API, until Ctrl-C
    Sandbox(sandbox::Options),
    /// Write a completion script for a shell
    #[command(arg_required_else_help = true)]
    Completions(completions::Options),
}

fn main() -> ExitCode {
    let Arguments { global, command } = Arguments::parse();
    let result = match command {
        Command::Integrations(command) => {
            // Not clap's `conflicts_with`: it does not see a global option that stands before the command.
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
        Command::Sandbox(options) => sandbox::run(options),
        Command::Completions(options) => completions::write(&options),
    };
    match result {
        Ok(()) => Exit::Done.into(),
        Err(failure) => failure.report(global.output),
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
        ("OCAMBA_TOKEN", "the account's token; an option could be seen by others"),
        ("OCAMBA_BASE_URL", "where the API is, unless --base-url says so"),
        ("OCAMBA_PROFILE", "the account; options go first, then variables, then it"),
        ("OCAMBA_RATE_LIMIT", "who shares the rate limit: shared, memory, off, redis://..."),
        ("OCAMBA_RATE_LIMIT_TIER", "the rate limit in a second and a minute, if not 10/150"),
        ("OCAMBA_CONFIG_DIR", "where profiles are, if not in ~/.config/ocamba"),
        ("OCAMBA_KEYRING", "off: keep tokens in files, though there is a keyring"),
        ("NO_COLOR", "set: no colours"),
    ];
    let variables = variables.map(|(name, what)| line(literal, name, 17, what)).concat();
    let codes = Exit::ALL.map(|exit| line(literal, &(exit as u8).to_string(), 1, exit.meaning())).concat();
    format!("{header}Environment:{header:#}\n{variables}\n{header}Exit codes:{header:#}\n{codes}")
}

/// Commands to start from, and what every command's help says.
fn examples(examples: &[(&str, &str)]) -> String {
    let (header, literal) = (STYLES.get_header(), STYLES.get_literal());
    let lines = examples.iter().map(|(what, command)| format!("  # {what}\n  {literal}{command}{literal:#}\n"));
    format!("{header}Examples:{header:#}\n{}\n{}", lines.collect::<String>(), after_help())
}

fn line(style: &Style, name: &str, width: usize, what: &str) -> String {
    format!("  {style}{name:<width$}{style:#}  {what}\n")
}
