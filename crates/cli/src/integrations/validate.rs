//! `ocamba integrations validate`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::request::Reading;
use crate::account::Account;
use crate::advice::Deed;
use crate::report::Failure;
use crate::request_file::RequestFile;
use crate::style::DONE;
use crate::table::printable;
use crate::{Global, output, run};

/// The options of `ocamba integrations validate`.
#[derive(Args)]
#[command(after_help = after_help())]
pub struct Options {
    /// The request as JSON, as a create takes it; - reads standard input
    file: PathBuf,

    #[command(flatten)]
    reading: Reading,
}

/// Has the credentials of a request checked.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let request = options.reading.read("validate", &RequestFile::from(options.file.clone()))?;
    let deed = Deed { source: &request.source, right: "validate integrations", change: None };
    let client = Account::of(global)?.client(global)?;
    run::to_end(run::send(&client, request.operation, &deed))?;
    let text =
        || format!("{DONE}Valid{DONE:#}: the provider takes {}; nothing was created\n", printable(&request.name));
    let value = json!({ "action": "validated", "name": request.name });
    output::print(global.output, &value, text).map_err(|error| output::failure(&error))
}

fn after_help() -> String {
    crate::examples(&[("check the credentials in a request", "ocamba integrations validate request.json")])
}
