//! `ocamba integrations ensure`.

use std::path::PathBuf;

use clap::Args;
use ocamba_hood::{Action, Ensured};
use serde_json::json;

use super::request::Reading;
use super::{cannot_be_written, ocamba, show, to_json};
use crate::account::Account;
use crate::advice::{Change, Deed};
use crate::report::Failure;
use crate::request_file::RequestFile;
use crate::{Global, output, run};

/// The options of `ocamba integrations ensure`.
#[derive(Args)]
#[command(after_help = after_help())]
pub struct Options {
    /// The request as JSON, as a create takes it; - reads standard input
    file: PathBuf,

    #[command(flatten)]
    reading: Reading,
}

/// Has an integration be as it is asked for, and tells what that took.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let file = RequestFile::from(options.file.clone());
    let request = options.reading.read("ensure", &file)?;
    let look = request.look(&ocamba(global));
    let change = Change {
        none: "nothing was changed",
        perhaps: "the integration may have been created or changed",
        made: "the integration is as asked for; its answer cannot be read",
        look: "run the command again: it looks before it creates".to_owned(),
        know: format!("find it in the account: {look}"),
    };
    let deed = Deed { source: &request.source, right: "list, create and update integrations", change: Some(change) };
    let client = Account::of(global)?.client(global)?;
    let answer = run::to_end(run::send(&client, request.operation, &deed))?;
    let read = serde_json::from_str(answer.value.as_str());
    let Ensured { integration, action, .. } = read.map_err(|error| cannot_be_written(&error))?;
    let value = to_json(&integration, global)?;
    let table = || {
        let (word, more) = match action {
            Action::Created => ("Created", ""),
            Action::Adopted => ("Adopted", ", which was there as asked for"),
            Action::Updated => ("Updated", ", which was there and differed"),
        };
        show::done(word, &value, more)
    };
    let printed = json!({ "action": action.as_str(), "integration": value });
    output::print(global.output, &printed, table).map_err(|error| {
        output::failure(&error).note("outcome", format!("the integration was {action}; its id is {}", integration.id))
    })
}

fn after_help() -> String {
    crate::examples(&[
        ("create it, or adopt or update the one of this name and provider", "ocamba integrations ensure request.json"),
        ("only tell which it was", "ocamba integrations ensure request.json --output json | jq -r .action"),
    ])
}
