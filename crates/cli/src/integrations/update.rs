//! `ocamba integrations update`.

use std::path::PathBuf;

use clap::Args;
use ocamba_hood::{Client, Integration, Operation, ProviderInfo};
use serde_json::{Map, Value, json};

use super::settings::{Assignment, Settings};
use super::{get, integration, ocamba};
use crate::account::Account;
use crate::advice::{self, Change, Deed};
use crate::report::Failure;
use crate::request_file::RequestFile;
use crate::style::DONE;
use crate::table::printable;
use crate::{Global, output, run};

/// The options of `ocamba integrations update`.
#[derive(Args)]
#[command(after_help = after_help())]
pub struct Options {
    /// The id of the integration
    id: String,

    /// The changes as JSON: name, status, settings; - reads standard input
    file: Option<PathBuf>,

    /// Another name
    #[arg(long)]
    name: Option<String>,

    /// Another status, as active
    #[arg(long)]
    status: Option<String>,

    /// A setting's value; @FILE reads a file, - stdin
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<Assignment>,

    /// Set a setting to null
    #[arg(long, value_name = "KEY")]
    unset: Vec<String>,

    /// Allow a provider_id that is not known here
    #[arg(long)]
    allow_unknown_provider: bool,
}

/// Changes an integration.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    Operation::from_json("get", Some(&options.id), "", false)
        .map_err(|error| advice::on_request(&error, "ID").hint(get::MEND_ID))?;
    let file = options.file.clone().map(RequestFile::from);
    let source = file.as_ref().map_or_else(|| "the options".to_owned(), RequestFile::name);
    let settings = Settings::of(&options.set, &options.unset, file.as_ref().is_some_and(RequestFile::is_stdin))?;
    let mut update =
        Update { id: &options.id, source: &source, allow: options.allow_unknown_provider, changes: Map::new() };
    if let Some(file) = &file {
        update.changes = file.read_object()?;
    }
    update.add("name", options.name.as_ref());
    update.add("status", options.status.as_ref());
    settings.add_to(&mut update.changes);
    let lacks_provider = update.changes.contains_key("settings") && !update.changes.contains_key("provider_id");
    // By what is known already: the rest is not known before the integration is.
    update.check(lacks_provider || update.allow)?;

    let ocamba = ocamba(global);
    let look = format!("'{ocamba} integrations get {}' shows it; to run the command again does no harm", options.id);
    let change = Change {
        none: "nothing was changed",
        perhaps: "the integration may have been changed",
        made: "the integration was changed",
        look: look.clone(),
        know: look,
    };
    let deed = Deed { source: &source, right: "update integrations", change: Some(change) };
    let client = Account::of(global)?.client(global)?;
    run::to_end(async {
        if lacks_provider {
            update.learn_provider(&client, &settings).await?;
        }
        let operation = update.check(update.allow)?;
        run::send(&client, operation, &deed).await
    })?;
    let text = || format!("{DONE}Updated{DONE:#} integration {}\n", printable(&options.id));
    let value = json!({ "action": "updated", "id": options.id });
    output::print(global.output, &value, text)
        .map_err(|error| output::failure(&error).note("outcome", "the integration was changed".to_owned()))
}

/// Changes, by the names of the wire.
struct Update<'a> {
    id: &'a str,
    source: &'a str,
    allow: bool,
    changes: Map<String, Value>,
}

impl Update<'_> {
    fn add(&mut self, name: &str, value: Option<&String>) {
        if let Some(value) = value {
            self.changes.insert(name.to_owned(), value.as_str().into());
        }
    }

    /// The operation, if there is nothing wrong with it.
    fn check(&self, allow_unknown_provider: bool) -> Result<Operation, Failure> {
        let text = Value::from(self.changes.clone()).to_string();
        Operation::from_json("update", Some(self.id), &text, allow_unknown_provider).map_err(|error| {
            let what = if self.changes.is_empty() {
                "give --name, --status, --set KEY=VALUE, --unset KEY, or a FILE".to_owned()
            } else {
                format!("mend {}", self.source)
            };
            advice::on_request(&error, self.source).hint(format!("{what}; nothing was changed"))
        })
    }

    /// Asks the server for the provider, by which the settings are checked. One that is not known here is meant.
    async fn learn_provider(&mut self, client: &Client, settings: &Settings) -> Result<(), Failure> {
        let deed = Deed { source: "ID", right: "read integrations", change: None };
        let operation = Operation::from_json("get", Some(self.id), "", false);
        let operation = operation.map_err(|error| advice::on_request(&error, "ID").hint(get::MEND_ID))?;
        let integration = integration(&run::send(client, operation, &deed).await?)?;
        let provider = ProviderInfo::of(integration.provider.id());
        match provider {
            Some(provider) => {
                settings.type_by(provider, &mut self.changes);
                self.changes.insert("provider_id".to_owned(), provider.id.into());
            }
            None => {
                self.allow = true;
                self.check_by_description(&integration)?;
            }
        }
        Ok(())
    }

    /// What the server says of a provider that is not known here: it drops settings that are not the provider's.
    fn check_by_description(&self, integration: &Integration) -> Result<(), Failure> {
        let described = integration.provider_description.as_ref().and_then(|it| it.settings.as_ref());
        let (Some(described), Some(Value::Object(given))) = (described, self.changes.get("settings")) else {
            return Ok(());
        };
        let names: Vec<_> = described.iter().map(|setting| setting.name.as_str()).collect();
        let Some(foreign) = given.keys().find(|name| !names.contains(&name.as_str())) else { return Ok(()) };
        let what = format!("is not a setting of the integration; it has {}", names.join(", "));
        Err(Failure::new(crate::exit::Exit::BadInput, String::new())
            .problem(&format!("settings.{foreign}"), &what)
            .hint(format!("mend {}; nothing was changed", self.source)))
    }
}

fn after_help() -> String {
    let settings = ocamba_hood::providers().iter().flat_map(|provider| provider.settings);
    let secret = settings.into_iter().find(|setting| setting.secret).map_or("secret", |setting| setting.name);
    let update = "ocamba integrations update 1165";
    crate::examples(&[
        ("rename one", &format!("{update} --name 'Another name'")),
        ("another secret, asked for and not shown, or piped in", &format!("{update} --set {secret}=-")),
        ("the same, from a file: not in the shell's history", &format!("{update} --set {secret}=@secret.txt")),
        ("several changes, as {\"status\": ..., \"settings\": {...}}", &format!("{update} changes.json")),
    ])
}
