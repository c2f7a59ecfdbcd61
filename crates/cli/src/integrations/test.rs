//! `ocamba integrations test`.

use std::path::PathBuf;

use clap::Args;
use ocamba_hood::Operation;
use serde_json::json;

use super::request::Reading;
use crate::account::Account;
use crate::advice::{Change, Deed};
use crate::report::Failure;
use crate::request_file::RequestFile;
use crate::style::DONE;
use crate::{Global, advice, output, run};

/// The options of `ocamba integrations test`.
#[derive(Args)]
#[command(after_help = after_help())]
pub struct Options {
    /// The id of the integration
    #[arg(required_unless_present = "file")]
    id: Option<String>,

    /// A request in place of the id; - reads stdin
    #[arg(long, conflicts_with = "id")]
    file: Option<PathBuf>,

    #[command(flatten)]
    reading: Reading,
}

/// Sends a test message.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let (operation, source, what) = match (&options.file, &options.id) {
        (Some(file), _) => {
            let request = options.reading.read("send_test", &RequestFile::from(file.clone()))?;
            let what = format!("the settings of {}", request.source);
            (request.operation, request.source, what)
        }
        (None, id) => {
            let id = id.as_deref().unwrap_or_default();
            let operation = Operation::from_json("send_test", Some(id), "", false);
            let operation = operation.map_err(|error| advice::on_request(&error, "ID").hint(super::get::MEND_ID))?;
            (operation, "the integration".to_owned(), format!("integration {id}"))
        }
    };
    let change = Change {
        none: "nothing was sent by it",
        perhaps: "a test message may have been sent",
        made: "a test message was sent",
        look: "see whether it has come before you run the command again, or there may be two".to_owned(),
        know: "do not run it again, that would send a second one".to_owned(),
    };
    let deed = Deed { source: &source, right: "send test messages", change: Some(change) };
    let client = Account::of(global)?.client(global)?;
    run::to_end(run::send(&client, operation, &deed))?;
    let text = || format!("{DONE}Sent{DONE:#} a test message with {what}\n");
    let value = json!({ "action": "test_sent", "id": options.id });
    output::print(global.output, &value, text).map_err(|error| output::failure(&error))
}

fn after_help() -> String {
    crate::examples(&[
        ("through an integration of the account", "ocamba integrations test 1165"),
        ("before it is created", "ocamba integrations test --file request.json"),
    ])
}
