//! The rows of a command: a file, or the output of another program on standard input.

use std::io::{IsTerminal, stdin};
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use ocamba_fleet::{Fleet, Format, ReadOptions, RowReader, SavedPlan};

use crate::parts::shell::quoted;
use crate::shared::failure::{self, Failure, MAX_SHOWN};
use crate::shared::options::Global;
use crate::shared::{paths, references};

#[derive(Args, Clone)]
pub struct Input {
    /// Rows: a .csv, .xlsx, .ods, .jsonl, .json or .yaml file, or - for stdin
    #[arg(value_parser = paths::parser())]
    pub file: PathBuf,
    /// csv, xlsx, ods, jsonl, json or yaml [default: by the ending of FILE;
    /// jsonl for -]
    #[arg(long, value_name = "FORMAT", value_parser = format_parser(&READ), hide_possible_values = true, verbatim_doc_comment)]
    format: Option<Format>,
    /// Sheet of a workbook [default: the first one that is not hidden]
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Name of standard input in messages [default: rows]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Leave out a column, or a field of each row; can be repeated
    #[arg(long, value_name = "NAME")]
    ignore_column: Vec<String>,
    /// Only the row with this name; can be repeated
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    pub only: Vec<String>,
    /// Accept providers that this version does not know
    #[arg(long)]
    allow_unknown_provider: bool,
    #[command(flatten)]
    references: references::Options,
}

/// Names of the formats that are read.
const READ: [&str; 6] = ["csv", "xlsx", "ods", "jsonl", "json", "yaml"];
/// Names of the formats that are written.
pub const WRITTEN: [&str; 4] = ["csv", "jsonl", "json", "yaml"];

/// Returns a parser of formats with these names.
pub fn format_parser(names: &'static [&'static str]) -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(names).try_map(|name| Format::named(&name).ok_or("there is no such format"))
}

impl Input {
    /// Returns true for standard input.
    pub fn is_stdin(&self) -> bool {
        self.file.as_os_str() == "-"
    }

    /// Returns the file; none for standard input.
    pub fn path(&self) -> Option<&Path> {
        Some(self.file.as_path()).filter(|_| !self.is_stdin())
    }

    /// Returns the options for another command on the same rows.
    pub fn arguments(&self) -> String {
        let is_format = |name: &&str| Format::named(name) == self.format;
        let format = self.format.and_then(|_| READ.into_iter().find(is_format)).map(str::to_owned);
        let options = [
            ("format", format.as_slice()),
            ("sheet", self.sheet.as_slice()),
            ("name", self.name.as_slice()),
            ("ignore-column", &self.ignore_column),
            ("only", &self.only),
        ];
        let given = options.into_iter().flat_map(|(option, values)| values.iter().map(move |value| (option, value)));
        let given: String = given.map(|(option, value)| format!(" --{option} {}", quoted(value))).collect();
        let flag = if self.allow_unknown_provider { " --allow-unknown-provider" } else { "" };
        format!("{given}{flag}{}", self.references.arguments(None))
    }

    /// Reads and checks the rows.
    pub fn read(&self, global: &Global) -> Result<Fleet, Failure> {
        let reader = self.reader()?.references(self.references.permitted(global.keyring())?);
        let fleet = match self.allow_unknown_provider {
            true => reader.check_allowing_unknown_providers()?,
            false => reader.check()?,
        };
        let fleet = if self.only.is_empty() { fleet } else { fleet.only(&self.only)? };
        let warnings = fleet.warnings().grouped();
        for warning in warnings.iter().take(MAX_SHOWN) {
            failure::warn(&warning.to_string(), global.is_json());
        }
        if warnings.len() > MAX_SHOWN {
            failure::warn(&format!("and {} more", warnings.len() - MAX_SHOWN), global.is_json());
        }
        match fleet.unread_references() {
            0 => {}
            1 => references::note_missing("one row has a secret that begins"),
            count => references::note_missing(&format!("each of {count} rows has a secret that begins")),
        }
        Ok(fleet)
    }

    fn reader(&self) -> Result<RowReader, Failure> {
        let options = self.ignore_column.iter().fold(ReadOptions::new(), |all, name| all.ignore_column(name));
        let options = self.sheet.iter().fold(options, |options, name| options.sheet(name));
        if self.is_stdin() {
            if stdin().is_terminal() {
                failure::note("type or paste the rows, then press Ctrl-D");
            }
            let name = self.name.as_deref().unwrap_or("rows");
            return Ok(options.reader(stdin().lock(), self.format.unwrap_or(Format::JsonLines), name));
        }
        if self.name.is_some() {
            let message = "--name is for rows from standard input: a file has its own name";
            return Err(Failure::bad_input(message).hint("leave it out; nothing was sent"));
        }
        if SavedPlan::is_at(&self.file) {
            let path = self.file.display().to_string();
            return Err(Failure::bad_input(format!("{path} is a saved plan, and has no rows"))
                .hint(format!("to apply it: ocamba fleet apply {}; nothing was sent", quoted(&path))));
        }
        Ok(match self.format {
            Some(format) => options.path_as(&self.file, format)?,
            None => options.path(&self.file)?,
        })
    }
}
