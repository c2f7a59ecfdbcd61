//! `ocamba fleet export`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use ocamba_fleet::{Export, Format, private_file};
use serde_json::json;

use super::input::{WRITTEN, format_parser};
use super::result_files;
use crate::shared::account::Account;
use crate::shared::failure::{self, Failure, MAX_SHOWN};
use crate::shared::options::Global;
use crate::shared::{calls, output, paths};

#[derive(Args)]
pub struct Options {
    /// csv, jsonl, json or yaml [default: by the ending of FILE; or else csv]
    #[arg(long, value_name = "FORMAT", value_parser = format_parser(&WRITTEN), hide_possible_values = true)]
    format: Option<Format>,
    /// Write the sheet to a file that only you can read, in place of what
    /// it has [default: standard output, as for -]
    #[arg(long, short, value_name = "FILE", value_parser = paths::parser(), verbatim_doc_comment)]
    out: Option<PathBuf>,
    /// Path of the ledger, which records the integration of each row [default: that of the file, FILE.ledger]
    #[arg(long, value_name = "PATH", value_parser = paths::parser())]
    ledger: Option<PathBuf>,
    /// Write the secrets that the API returns, in place of references
    #[arg(long)]
    reveal: bool,
}

/// Writes the account as a sheet.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let Options { format, out, ledger, reveal } = options;
    let out = out.as_deref().filter(|out| out.as_os_str() != "-");
    if let Some(out) = out {
        result_files::check_writable_format(out)?;
        result_files::check_distinct(&[("the sheet", Some(out)), ("its ledger", ledger.as_deref())])?;
        result_files::check(out)?;
    }
    let format = format.or_else(|| Format::of(out?)).unwrap_or(Format::Csv);
    let client = Account::of(global)?.client(global)?;
    let ledger = ledger.clone().or_else(|| out.and_then(result_files::ledger_beside));
    let mut ledger = ledger.map(|path| result_files::open_ledger(&path)).transpose()?;
    let export = calls::block_on(async {
        let read = if *reveal { Export::read_with_secrets(&client).await } else { Export::read(&client).await };
        let export = read?;
        // Before the sheet, so that one of another account is not replaced.
        if let Some(ledger) = &mut ledger {
            export.record(&client, ledger).await?;
        }
        Ok::<_, Failure>(export)
    })?;
    match out {
        Some(path) => {
            let replaces = if path.is_file() { ", and replaced those of before" } else { "" };
            let written = private_file::write(path, |file| export.write(format, file));
            written.map_err(|error| Failure::other(format!("{} cannot be written: {error}", path.display())))?;
            failure::note(&format!("{} integrations are in {}{replaces}", export.len(), path.display()));
            if global.output.is_some() {
                let (variables, left_out) = (export.variables(), export.left_out());
                let written = json!({ "rows": export.len(), "variables": variables, "left_out": left_out });
                return output::print(global.output, &written, || left_out.join("\n"));
            }
        }
        None => {
            let mut text = Vec::new();
            // Writing to memory succeeds.
            let _ = export.write(format, &mut text);
            output::write(&String::from_utf8_lossy(&text))?;
        }
    }
    for left_out in export.left_out().iter().take(MAX_SHOWN) {
        failure::warn(left_out, global.is_json());
    }
    if export.left_out().len() > MAX_SHOWN {
        failure::warn(&format!("and {} more", export.left_out().len() - MAX_SHOWN), global.is_json());
    }
    if !export.variables().is_empty() {
        let prefixes = export.variables().iter().filter_map(|variable| variable.split_inclusive('_').next());
        let references: BTreeSet<_> = prefixes.map(|prefix| format!("--references env:{prefix}")).collect();
        let references = references.into_iter().collect::<Vec<_>>().join(" ");
        let (count, first) = (export.variables().len(), &export.variables()[0]);
        let what = if count == 1 { first.clone() } else { format!("{count} variables, such as {first}") };
        failure::note(&format!(
            "its secrets are references to {what}: set or replace them, and apply with {references}"
        ));
    }
    Ok(())
}
