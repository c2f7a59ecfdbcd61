//! `ocamba fleet`: many integrations at once.

mod apply;
mod failure;
mod files;
mod input;
mod plan;
mod progress;
mod progress_lines;

use clap::{Args, Subcommand};
use ocamba_fleet::Format;
use serde_json::json;

use self::input::{Input, format_parser};
use crate::exit::Exit;
use crate::report::{self, Failure};
use crate::{Global, output};

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
    #[arg(long, value_name = "FORMAT", default_value = "csv", value_parser = format_parser())]
    format: Format,
}

/// The options of `ocamba fleet check`.
#[derive(Args)]
pub struct Check {
    #[command(flatten)]
    input: Input,
}

/// Runs one of them.
pub fn run(command: &Command, global: &Global) -> Result<(), Failure> {
    match command {
        Command::Template(options) => template(options),
        Command::Check(Check { input }) => {
            let rows = input.read()?.len();
            report::note(&format!("{rows} rows, no mistakes; nothing was sent"));
            match global.output {
                Some(_) => output::print(global.output, &json!({ "rows": rows }), || format!("{rows} rows\n"))
                    .map_err(|error| output::failure(&error)),
                None => Ok(()),
            }
        }
        Command::Plan(options) => plan::run(options, global),
        Command::Apply(options) => apply::run(options, global),
    }
}

fn template(options: &Template) -> Result<(), Failure> {
    let text = ocamba_fleet::template(&options.provider, options.format).ok_or_else(|| {
        Failure::new(Exit::BadInput, format!("there is no provider {:?}", options.provider))
            .hint("'ocamba providers' lists them")
    })?;
    output::write(text.as_bytes()).map_err(|error| output::failure(&error))
}
