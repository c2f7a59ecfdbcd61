//! `ocamba fleet`: many integrations at once.

mod apply;
mod export;
mod input;
mod plan;
mod progress;
mod result_files;
mod status;

use clap::{Args, Subcommand};
use ocamba_fleet::Format;
use ocamba_hood::{did_you_mean, providers};
use serde_json::json;

use self::input::{Input, WRITTEN, format_parser};
use crate::shared::failure::{self, Failure};
use crate::shared::options::Global;
use crate::shared::{help, output};

#[derive(Subcommand)]
pub enum Command {
    /// Write a starter file
    #[command(after_help = help::examples(&[
        ("a sheet for one provider, to be filled in", "ocamba fleet template mailgun > fleet.csv"),
    ]))]
    Template(Template),
    /// Find all errors in a file; sends nothing
    #[command(next_line_help = true, after_help = help::examples(&[
        ("all errors of a sheet", "ocamba fleet check fleet.csv"),
        ("a sheet with a column for people", "ocamba fleet check fleet.csv --ignore-column NOTES"),
        ("the second sheet of a workbook", "ocamba fleet check fleet.xlsx --sheet Shops"),
    ]))]
    Check(Input),
    /// Show what applying a file would do
    #[command(next_line_help = true, after_help = help::examples(&[
        ("what applying would do", "ocamba fleet plan fleet.csv"),
        ("a plan to be reviewed, and applied later", "ocamba fleet plan fleet.csv --out plan.json"),
        ("whether the account still matches, for a nightly job", "ocamba fleet plan fleet.csv --exit-code"),
    ]))]
    Plan(plan::Options),
    /// Create, update and adopt integrations from a file; can be resumed
    #[command(next_line_help = true, after_help = help::examples(&[
        ("all rows, with secrets from variables such as MAILGUN_API_KEY", "ocamba fleet apply fleet.csv --references env:MAILGUN_"),
        ("exactly what was planned, or nothing", "ocamba fleet apply plan.json"),
        ("in a pipeline, with a report of its tests", "ocamba fleet apply fleet.csv --yes --report report.xml"),
        ("one row", "ocamba fleet apply fleet.csv --only 'Shop 12'"),
    ]))]
    Apply(apply::Options),
    /// Show what the ledger of a file knows
    #[command(next_line_help = true, after_help = help::examples(&[
        ("what earlier runs have done", "ocamba fleet status fleet.csv"),
    ]))]
    Status(status::Options),
    /// Write the account as a file, to be changed and applied
    #[command(next_line_help = true, after_help = help::examples(&[
        ("the account as a sheet", "ocamba fleet export -o account.csv"),
        ("with the secrets that the API returns", "ocamba fleet export -o account.yaml --reveal"),
    ]))]
    Export(export::Options),
}

#[derive(Args)]
pub struct Template {
    /// Provider, by ID or name
    provider: String,
    /// csv, jsonl, json or yaml
    #[arg(long, value_name = "FORMAT", default_value = "csv", value_parser = format_parser(&WRITTEN), hide_possible_values = true)]
    format: Format,
}

pub fn run(command: &Command, global: &Global) -> Result<(), Failure> {
    match command {
        Command::Template(Template { provider, format }) => {
            let text = ocamba_fleet::template(provider, *format).ok_or_else(|| {
                let meant = did_you_mean(provider, providers().iter().map(|it| it.type_name));
                Failure::bad_input(format!("there is no provider {provider:?}{meant}"))
                    .hint("'ocamba providers' lists them")
            })?;
            let prefix = text.split_once("env:").and_then(|(_, rest)| rest.split('_').next()).unwrap_or_default();
            failure::note(&format!(
                "its secrets are references to variables: set them, and give --references env:{prefix}_"
            ));
            output::write(&text)
        }
        Command::Check(input) => {
            let rows = input.read(global)?.len();
            failure::note(&format!("{rows} rows without errors; nothing was sent"));
            match global.output {
                Some(_) => output::print(global.output, &json!({ "rows": rows }), || format!("{rows} rows\n")),
                None => Ok(()),
            }
        }
        Command::Plan(options) => plan::run(options, None, global),
        Command::Apply(options) => apply::run(options, global),
        Command::Status(options) => status::run(options, global),
        Command::Export(options) => export::run(options, global),
    }
}
