//! `ocamba integrations create`.

use clap::Args;
use ocamba_hood::{Client, Integration, RateLimit, SettingInfo};
use ocamba_sandbox::Sandbox;
use serde_json::{Map, json};

use super::request::{Request, RequestInput};
use super::show::{self, decode, to_json};
use crate::parts::table::ATTENTION;
use crate::shared::account::{self, Account};
use crate::shared::error_hints::{self, CommandContext, Effect};
use crate::shared::failure::{Exit, Failure};
use crate::shared::options::Global;
use crate::shared::{calls, help, output};

#[derive(Args)]
#[command(after_help = after_help())]
pub struct Options {
    #[command(flatten)]
    input: RequestInput,

    /// Create it in a built-in sandbox; needs no token
    #[arg(long)]
    pub sandbox: bool,

    /// Check and show the request; send nothing
    #[arg(long, conflicts_with = "sandbox")]
    dry_run: bool,
}

/// Creates an integration and prints it.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let request = options.input.read("create", global)?;
    if options.dry_run {
        let value = request.redacted(global);
        let printed = json!({ "action": "would_create", "request": value });
        return output::print(global.output, &printed, || {
            format!(
                "{ATTENTION}Would create{ATTENTION:#} this integration; nothing was sent\n\n{}",
                show::table(&value)
            )
        });
    }
    let effect = Some(effect(&request, &global.program()));
    let context = CommandContext { source: &request.source, permission: "create integrations", effect };
    let created = calls::block_on(async {
        let sandbox = match options.sandbox {
            true => Some(Sandbox::start().await.map_err(|e| Failure::new(Exit::NotSent, format!("the sandbox {e}")))?),
            false => None,
        };
        let client = match &sandbox {
            Some(sandbox) => in_sandbox(sandbox, global)?,
            None => Account::of(global)?.client(global)?,
        };
        calls::send(global, &client, request.operation.clone(), &context).await
    });
    let integration: Integration = decode(&created?)?;
    let value = to_json(&integration, global)?;
    let place = if options.sandbox { " in the sandbox; nothing left this machine" } else { "" };
    output::print(global.output, &value, || show::done("Created", &value, place)).map_err(|failure| {
        // The integration exists, and its ID must not be lost.
        failure.note("outcome", format!("the integration was created; its ID is {}", integration.id))
    })
}

fn in_sandbox(sandbox: &Sandbox, global: &Global) -> Result<Client, Failure> {
    let builder = account::builder(global).base_url(sandbox.base_url()).token("any-token-will-do");
    builder.rate_limit(RateLimit::memory()).build().map_err(|error| error_hints::on_configuration(&error))
}

fn effect(request: &Request, program: &str) -> Effect {
    let (find, ensure) = (request.find_command(program), request.ensure_command(program));
    Effect {
        none: "nothing was created",
        possible: "the integration may have been created",
        applied: "the integration was created; its ID is not known",
        after_unknown: format!(
            "check whether the account has it before you run the command again, or there may be two: {find}; or run \
             {ensure}, which checks before it creates"
        ),
        after_applied: format!("do not run it again, which would create a second one; find the first one: {find}"),
    }
}

fn after_help() -> String {
    let header = help::STYLES.get_header();
    let example = ocamba_hood::providers().first().map(|provider| {
        let settings: Map<_, _> = provider.settings.iter().map(|s| (s.name.to_owned(), json!("..."))).collect();
        let request = json!({ "name": "...", "provider_id": provider.id, "settings": settings, "status": "active" });
        format!("{header}Example of FILE, for {}:{header:#}\n{request:#}\n\n", provider.title)
    });
    let examples = help::examples(&[
        ("try a request without a token", "ocamba integrations create request.json --sandbox"),
        ("create it", "ocamba integrations create request.json"),
        ("without a file: a terminal asks for what is missing", "ocamba integrations create"),
        ("without questions; the secret comes from a file", &by_options()),
    ]);
    example.unwrap_or_default() + &examples
}

fn by_options() -> String {
    let Some(provider) = ocamba_hood::providers().first() else { return String::new() };
    let value = |secret| if secret { "@secret.txt" } else { "..." };
    let set = |setting: &SettingInfo| format!(" \\\n    --set {}={}", setting.name, value(setting.secret));
    let settings: String = provider.settings.iter().map(set).collect();
    format!("ocamba integrations create --provider {} --name Example{settings}", provider.type_name.to_lowercase())
}
