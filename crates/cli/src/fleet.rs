//! `ocamba fleet`: many integrations at once.

mod apply;
mod failure;
mod files;
mod plan;
mod progress;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use ocamba_fleet::{Fleet, Secrets, Sheet};

use crate::exit::Exit;
use crate::report::{self, Failure};
use crate::{Global, keyring, output};

/// What can be done with many.
#[derive(Subcommand)]
pub enum Command {
    /// Write a file to begin with
    Template(Template),
    /// Find all mistakes of a file; nothing is sent
    Check(Check),
    /// Show what applying a file would do
    Plan(plan::Options),
    /// Create, update and adopt what a file says; go on where a run ended
    Apply(apply::Options),
}

/// The options of `ocamba fleet template`.
#[derive(Args)]
pub struct Template {
    /// The provider, by its id or name
    provider: String,
    /// csv, jsonl, json or yaml
    #[arg(long, value_name = "FORMAT", default_value = "csv", value_parser = ["csv", "jsonl", "json", "yaml"])]
    format: String,
}

/// The options of `ocamba fleet check`.
#[derive(Args)]
pub struct Check {
    #[command(flatten)]
    input: Input,
}

/// The rows.
#[derive(Args)]
pub struct Input {
    /// The rows: a file that ends in .csv, .jsonl, .json or .yaml
    file: PathBuf,
    /// Take providers that this version does not know as they are
    #[arg(long)]
    allow_unknown_provider: bool,
}

/// Runs one of them.
pub fn run(command: &Command, global: &Global) -> Result<(), Failure> {
    match command {
        Command::Template(options) => template(options),
        Command::Check(Check { input }) => {
            let fleet = read(&input.file, input.allow_unknown_provider)?;
            report::note(&format!("{} rows, no mistakes; nothing was sent", fleet.len()));
            Ok(())
        }
        Command::Plan(options) => plan::run(options, global),
        Command::Apply(options) => apply::run(options, global),
    }
}

fn template(options: &Template) -> Result<(), Failure> {
    let format = ocamba_fleet::Format::of(&PathBuf::from(format!("x.{}", options.format)));
    let text = format.and_then(|format| ocamba_fleet::template(&options.provider, format)).ok_or_else(|| {
        Failure::new(Exit::BadInput, format!("there is no provider {:?}", options.provider))
            .hint("'ocamba providers' lists them")
    })?;
    output::write(text.as_bytes()).map_err(|error| output::failure(&error))
}

/// Reads and checks the rows.
fn read(file: &std::path::Path, allow_unknown_provider: bool) -> Result<Fleet, Failure> {
    let secrets = Secrets::new().keyring(|name| match keyring::named(name) {
        Ok(Some(secret)) => Ok(secret),
        Ok(None) => Err("the keyring of this system has no such entry of the service ocamba".to_owned()),
        Err(keyring::Unavailable(why)) => Err(format!("the keyring of this system cannot be used: {why}")),
    });
    let sheet = Sheet::read(file);
    let fleet = sheet.and_then(|sheet| match allow_unknown_provider {
        true => sheet.check_allowing_unknown_providers(secrets),
        false => sheet.check(secrets),
    });
    fleet.map_err(|error| failure::of(&error))
}
