//! `ocamba integrations ensure`.

use ocamba_hood::{Action, Ensured};
use serde_json::json;

use super::request::RequestInput;
use super::show::{self, decode, to_json};
use crate::shared::error_hints::{CommandContext, Effect};
use crate::shared::failure::Failure;
use crate::shared::options::Global;
use crate::shared::{calls, output};

/// Ensures that an integration with this name and provider exists and matches the request, and prints what that took.
pub fn run(input: &RequestInput, global: &Global) -> Result<(), Failure> {
    let request = input.read("ensure", global)?;
    let find = request.find_command(&global.program());
    let effect = Some(Effect {
        none: "nothing was changed",
        possible: "the integration may have been created or changed",
        applied: "the integration matches the request; the response cannot be read",
        after_unknown: "run the command again: it checks before it creates".to_owned(),
        after_applied: format!("find it in the account: {find}"),
    });
    let permission = "list, create and update integrations";
    let context = CommandContext { source: &request.source, permission, effect };
    let Ensured { action, integration, .. } = decode(&calls::send_one(global, request.operation, &context)?)?;
    let value = to_json(&integration, global)?;
    let table = || {
        let (word, more) = match action {
            Action::Created => ("Created", ""),
            Action::Adopted => ("Adopted", ", which matched the request"),
            Action::Updated => ("Updated", ", which differed from the request"),
        };
        show::done(word, &value, more)
    };
    let printed = json!({ "action": action.as_str(), "integration": value });
    output::print(global.output, &printed, table).map_err(|failure| {
        failure.note("outcome", format!("the integration was {action}; its ID is {}", integration.id))
    })
}

pub const EXAMPLES: &[(&str, &str)] = &[
    ("create it, or adopt or update the one with this name and provider", "ocamba integrations ensure request.json"),
    ("print the action only", "ocamba integrations ensure request.json --output json | jq -r .action"),
];
