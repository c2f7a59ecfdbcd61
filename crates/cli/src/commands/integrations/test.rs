//! `ocamba integrations test`.

use clap::Args;
use serde_json::json;

use super::request::{RequestFile, operation_by_id};
use crate::parts::table::DONE;
use crate::shared::error_hints::{CommandContext, Effect};
use crate::shared::failure::Failure;
use crate::shared::options::Global;
use crate::shared::{calls, help, output, references};

#[derive(Args)]
#[command(after_help = help::examples(&[
    ("through an integration of the account", "ocamba integrations test 1165"),
    ("before it is created", "ocamba integrations test --file request.json"),
]))]
pub struct Options {
    /// ID of the integration
    #[arg(required_unless_present = "file")]
    id: Option<String>,

    /// Request instead of an ID; - reads standard input
    #[arg(long, conflicts_with = "id")]
    file: Option<RequestFile>,

    /// Accept a provider_id unknown to this version
    #[arg(long)]
    allow_unknown_provider: bool,

    #[command(flatten)]
    references: references::Options,
}

/// Sends a test message.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let (operation, source, what) = match &options.file {
        Some(file) => {
            let request = file.request(
                "send_test",
                options.allow_unknown_provider,
                &options.references.permitted(global.keyring())?,
            )?;
            let what = format!("the settings in {}", request.source);
            (request.operation, request.source, what)
        }
        None => {
            let id = options.id.as_deref().unwrap_or_default();
            (operation_by_id("send_test", id)?, "the integration".to_owned(), format!("integration {id}"))
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
    calls::send_one(global, operation, &context)?;
    let value = json!({ "action": "test_sent", "id": options.id });
    output::print(global.output, &value, || format!("{DONE}Sent{DONE:#} a test message through {what}\n"))
}
