//! `ocamba integrations ensure`.

use clap::Args;
use ocamba_fleet::{Format, RowReader};
use ocamba_hood::{Action, Ensured};
use serde_json::json;

use super::request::{Request, RequestInput};
use super::show::{self, decode, to_json};
use crate::shared::account::Account;
use crate::shared::error_hints::{CommandContext, Effect};
use crate::shared::failure::Failure;
use crate::shared::options::Global;
use crate::shared::{calls, help, output};

#[derive(Args)]
#[command(after_help = help::examples(EXAMPLES))]
pub struct Options {
    #[command(flatten)]
    input: RequestInput,

    /// Show what would be done; change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Ensures that an integration with this name and provider exists and matches the request, and prints what that took.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let request = options.input.read("ensure", global)?;
    if options.dry_run {
        return plan(&request, global);
    }
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

/// Prints what would be done: the plan of a fleet with one row.
fn plan(request: &Request, global: &Global) -> Result<(), Failure> {
    let rows = RowReader::from_reader(request.text.as_bytes(), Format::Json, &request.source);
    let fleet = rows.check_allowing_unknown_providers()?;
    let client = Account::of(global)?.client(global)?;
    let plan = calls::block_on(fleet.plan(&client, None))?;
    output::print(global.output, &output::json(&plan.steps.first())?, || format!("{plan}nothing was changed\n"))
}

const EXAMPLES: &[(&str, &str)] = &[
    ("create it, or adopt or update the one with this name and provider", "ocamba integrations ensure request.json"),
    ("show what would be done", "ocamba integrations ensure request.yaml --dry-run"),
    ("print the action only", "ocamba integrations ensure request.json --output json | jq -r .action"),
];
