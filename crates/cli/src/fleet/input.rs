//! The rows of a command: a file, or what a program writes to standard input.

use std::io::{IsTerminal, stdin};
use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use ocamba_fleet::{Fleet, Format, RowReader, Secrets};

use super::failure;
use crate::exit::Exit;
use crate::keyring;
use crate::report::{self, Failure};

/// Where rows come from.
#[derive(Args, Clone)]
pub struct Input {
    /// The rows: a file that ends in .csv, .jsonl, .json or .yaml, or - for standard input
    pub file: PathBuf,
    /// How they are written [default: as the file's name ends; jsonl for -]
    #[arg(long, value_name = "FORMAT", value_parser = format_parser())]
    format: Option<Format>,
    /// What messages call standard input [default: rows]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Take providers that this version does not know as they are
    #[arg(long)]
    allow_unknown_provider: bool,
}

/// Reads the name of a format.
pub fn format_parser() -> impl TypedValueParser<Value = Format> {
    let names = PossibleValuesParser::new(["csv", "jsonl", "json", "yaml"]);
    names.try_map(|name| Format::named(&name).ok_or("there is no such format"))
}

impl Input {
    /// Whether it is standard input.
    pub fn is_stdin(&self) -> bool {
        self.file.as_os_str() == "-"
    }

    /// Reads and checks the rows.
    pub fn read(&self) -> Result<Fleet, Failure> {
        let secrets = Secrets::new().keyring(|name| match keyring::named(name) {
            Ok(Some(secret)) => Ok(secret),
            Ok(None) => Err("the keyring of this system has no such entry of the service ocamba".to_owned()),
            Err(keyring::Unavailable(why)) => Err(format!("the keyring of this system cannot be used: {why}")),
        });
        let fleet = self.rows()?.and_then(|rows| match self.allow_unknown_provider {
            true => rows.check_allowing_unknown_providers(secrets),
            false => rows.check(secrets),
        });
        fleet.map_err(|error| failure::of(&error))
    }

    fn rows(&self) -> Result<Result<RowReader, ocamba_fleet::Error>, Failure> {
        if !self.is_stdin() {
            if self.name.is_some() {
                let message = "--name is for rows from standard input: a file is called by its own name";
                return Err(Failure::new(Exit::BadInput, message).hint("leave it out; nothing was sent"));
            }
            return Ok(self.format.map_or_else(
                || RowReader::from_path(&self.file),
                |format| RowReader::from_path_as(&self.file, format),
            ));
        }
        if stdin().is_terminal() {
            report::note("type or paste the rows, and end them with Ctrl-D");
        }
        let name = self.name.as_deref().unwrap_or("rows");
        Ok(Ok(RowReader::from_reader(stdin().lock(), self.format.unwrap_or(Format::JsonLines), name)))
    }
}
