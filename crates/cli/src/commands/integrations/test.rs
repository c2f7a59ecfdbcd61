//! `ocamba integrations test`.

use clap::Args;
use serde_json::{Value, json};

use super::by_name::{id_of, is_id};
use super::request::{self, operation_by_id};
use crate::parts::table::{ATTENTION, DONE};
use crate::shared::account::Account;
use crate::shared::error_hints::{CommandContext, Effect};
use crate::shared::failure::Failure;
use crate::shared::options::Global;
use crate::shared::request_file::RequestFile;
use crate::shared::{calls, help, output, references};

#[derive(Args)]
#[command(after_help = help::examples(&[
    ("through an integration of the account", "ocamba integrations test 1165"),
    ("before it is created", "ocamba integrations test --file request.json"),
    ("whether that can be sent at all", "ocamba integrations test 1165 --dry-run"),
]))]
pub struct Options {
    /// ID or name of the integration
    #[arg(value_name = "ID|NAME", required_unless_present = "file")]
    id: Option<String>,

    /// Request instead of an ID; - reads standard input
    #[arg(long, conflicts_with = "id")]
    file: Option<RequestFile>,

    /// Accept a provider_id unknown to this version
    #[arg(long)]
    allow_unknown_provider: bool,

    /// Check what would be sent through; send nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    references: references::Options,
}

/// Sends a test message.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let request = match (&options.file, options.id.as_deref().unwrap_or_default()) {
        (Some(file), _) => {
            let references = options.references.permitted(global.keyring())?;
            Some(request::from_file(file, "send_test", options.allow_unknown_provider, &references)?)
        }
        (None, id) => {
            if is_id(id) {
                operation_by_id("send_test", id)?;
            }
            None
        }
    };
    if let (true, Some(request)) = (options.dry_run, &request) {
        return would_send(&json!(null), &format!("the settings in {}", request.source), global);
    }
    let client = Account::of(global)?.client(global)?;
    let (operation, source, what, id) = match request {
        Some(request) => {
            let what = format!("the settings in {}", request.source);
            (request.operation, request.source, what, None)
        }
        None => {
            let id = calls::block_on(id_of(&client, options.id.as_deref().unwrap_or_default()))?;
            if options.dry_run {
                let context = CommandContext::reading("ID", "read integrations");
                calls::block_on(calls::send(global, &client, operation_by_id("get", &id)?, &context))?;
                return would_send(&json!(id), &format!("integration {id}"), global);
            }
            let what = format!("integration {id}");
            (operation_by_id("send_test", &id)?, "the integration".to_owned(), what, Some(id))
        }
    };
    let effect = Some(Effect {
        none: "no message was sent",
        possible: "a test message may have been sent",
        applied: "a test message was sent",
        after_unknown: "check whether it arrived before you run the command again, or there may be two".to_owned(),
        after_applied: "do not run it again, which would send a second one".to_owned(),
    });
    let context = CommandContext { source: &source, permission: "send test messages", effect };
    calls::block_on(calls::send(global, &client, operation, &context))?;
    let value = json!({ "action": "test_sent", "id": id });
    output::print(global.output, &value, || format!("{DONE}Sent{DONE:#} a test message through {what}\n"))
        .map_err(|failure| failure.note("outcome", "a test message was sent".to_owned()))
}

/// Prints what would be done.
fn would_send(id: &Value, what: &str, global: &Global) -> Result<(), Failure> {
    let value = json!({ "action": "would_send_test", "id": id });
    output::print(global.output, &value, || {
        format!("{ATTENTION}Would send{ATTENTION:#} a test message through {what}; nothing was sent\n")
    })
}
