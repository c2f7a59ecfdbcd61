//! `ocamba integrations update`.

use clap::Args;
use ocamba_hood::{Client, Integration, Operation, ProviderInfo, printable};
use serde_json::{Map, Value, json};

use super::by_name::{id_of, is_id};
use super::field_options::FieldOptions;
use super::request::{in_quotation_marks, normalized, operation_by_id, redacted};
use super::settings::{Settings, check_name};
use super::show::{self, decode};
use crate::parts::table::{ATTENTION, DONE};
use crate::shared::account::Account;
use crate::shared::error_hints::{self, CommandContext, Effect};
use crate::shared::failure::Failure;
use crate::shared::options::Global;
use crate::shared::references::{self, resolve};
use crate::shared::request_file::RequestFile;
use crate::shared::{calls, help, output};

#[derive(Args)]
#[command(after_help = after_help())]
pub struct Options {
    /// ID or name of the integration
    #[arg(value_name = "ID|NAME")]
    id: String,

    /// Changes as JSON or YAML: name, status, settings; - reads stdin
    file: Option<RequestFile>,

    #[command(flatten)]
    fields: FieldOptions,

    /// Set a setting to null
    #[arg(long, value_name = "KEY")]
    unset: Vec<String>,

    /// Accept a provider_id unknown to this version
    #[arg(long)]
    allow_unknown_provider: bool,

    /// Check and show the changes; change nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    references: references::Options,
}

/// Updates an integration.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    if is_id(&options.id) {
        operation_by_id("get", &options.id)?;
    }
    let file = options.file.as_ref();
    let source = file.map_or_else(|| "the options".to_owned(), RequestFile::name);
    let references = options.references.permitted(global.keyring())?;
    let settings =
        Settings::of(&options.fields.set, &options.unset, file.is_some_and(RequestFile::is_stdin), &references)?;
    let mut changes = file
        .map(|file| file.object(&resolve(&references, &normalized(&file.read()?), &source)?))
        .transpose()?
        .unwrap_or_default();
    options.fields.add_to(&mut changes);
    changes.get("name").and_then(Value::as_str).map_or(Ok(()), check_name).map_err(|why| {
        Failure::bad_fields(&source, &[("name", why)]).hint(format!("fix {source}; nothing was changed"))
    })?;
    settings.add_to(&mut changes);
    let lacks_provider = changes.contains_key("settings") && !changes.contains_key("provider_id");
    // An integration's name is no ID, until the integration is found.
    let id = if is_id(&options.id) { options.id.clone() } else { "0".to_owned() };
    let mut update = Update { id, source: &source, allow: options.allow_unknown_provider, changes };
    // Without the provider, its settings can be checked only after the integration was read.
    update.check(lacks_provider || update.allow)?;

    let client = Account::of(global)?.client(global)?;
    update.id = calls::block_on(id_of(&client, &options.id))?;
    let show =
        format!("'{} integrations get {}' shows it; it is safe to run the command again", global.program(), update.id);
    let effect = Some(Effect {
        none: "nothing was changed",
        possible: "the integration may have been changed",
        applied: "the integration was changed",
        after_unknown: show.clone(),
        after_applied: show,
    });
    let context = CommandContext { source: &source, permission: "update integrations", effect };
    let sent = calls::block_on(async {
        if lacks_provider {
            update.learn_provider(global, &client, &settings).await?;
        }
        let operation = update.check(update.allow)?;
        match options.dry_run {
            true => Ok(None),
            false => calls::send(global, &client, operation, &context).await.map(Some),
        }
    })?;
    if sent.is_none() {
        let changes = redacted(&update.changes, global);
        let value = json!({ "action": "would_update", "id": update.id, "changes": changes });
        return output::print(global.output, &value, || {
            format!(
                "{ATTENTION}Would update{ATTENTION:#} integration {}; nothing was changed\n\n{}",
                update.id,
                show::table(&changes)
            )
        });
    }
    let text = || format!("{DONE}Updated{DONE:#} integration {}\n", printable(&update.id));
    let value = json!({ "action": "updated", "id": update.id });
    output::print(global.output, &value, text)
        .map_err(|failure| failure.note("outcome", "the integration was changed".to_owned()))
}

/// Changes of an integration, as the API names its fields.
struct Update<'a> {
    id: String,
    source: &'a str,
    allow: bool,
    changes: Map<String, Value>,
}

impl Update<'_> {
    /// Returns the operation, if it is valid.
    fn check(&self, allow_unknown_provider: bool) -> Result<Operation, Failure> {
        let text = Value::from(self.changes.clone()).to_string();
        Operation::from_json("update", Some(&self.id), &text, allow_unknown_provider).map_err(|error| {
            let fix = match self.changes.is_empty() {
                true => "give --name, --status, --set KEY=VALUE, --unset KEY, or a FILE".to_owned(),
                false => format!("fix {}{}", self.source, in_quotation_marks(&error).trim_end_matches(',')),
            };
            error_hints::on_invalid_input(&error, self.source).hint(format!("{fix}; nothing was changed"))
        })
    }

    /// Reads the provider from the server, and types the settings by it. A provider that this version does not know is
    /// accepted.
    async fn learn_provider(&mut self, global: &Global, client: &Client, settings: &Settings) -> Result<(), Failure> {
        let context = CommandContext::reading("ID", "read integrations");
        let operation = operation_by_id("get", &self.id)?;
        let integration: Integration = decode(&calls::send(global, client, operation, &context).await?)?;
        match ProviderInfo::of(integration.provider.id()) {
            Some(provider) => {
                settings.type_by(provider, &mut self.changes);
                self.changes.insert("provider_id".to_owned(), provider.id.into());
                Ok(())
            }
            None => {
                self.allow = true;
                self.check_by_description(&integration)
            }
        }
    }

    /// Checks the settings by the server's description of an unknown provider: the server would drop all others.
    fn check_by_description(&self, integration: &Integration) -> Result<(), Failure> {
        let described = integration.provider_description.as_ref().and_then(|it| it.settings.as_ref());
        let (Some(described), Some(Value::Object(given))) = (described, self.changes.get("settings")) else {
            return Ok(());
        };
        let names: Vec<_> = described.iter().map(|setting| setting.name.as_str()).collect();
        let Some(foreign) = given.keys().find(|name| !names.contains(&name.as_str())) else { return Ok(()) };
        let what = format!("is not a setting of the integration; it has {}", names.join(", "));
        Err(Failure::bad_fields(self.source, &[(format!("settings.{foreign}"), what)])
            .hint(format!("fix {}; nothing was changed", self.source)))
    }
}

fn after_help() -> String {
    let settings = ocamba_hood::providers().iter().flat_map(|provider| provider.settings);
    let secret = settings.into_iter().find(|setting| setting.secret).map_or("secret", |setting| setting.name);
    let update = "ocamba integrations update 1165";
    help::examples(&[
        ("rename an integration", &format!("{update} --name 'Another name'")),
        ("replace a secret: type it at a hidden prompt, or pipe it in", &format!("{update} --set {secret}=-")),
        (
            "the same from a file, which keeps it out of the shell's history",
            &format!("{update} --set {secret}=@secret.txt"),
        ),
        ("several changes, as {\"status\": ..., \"settings\": {...}}", &format!("{update} changes.json")),
    ])
}
