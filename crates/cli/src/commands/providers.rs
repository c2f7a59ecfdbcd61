//! `ocamba providers`.

use anstyle::Style;
use clap::Args;
use ocamba_hood::{ProviderInfo, SettingInfo};
use serde_json::{Value, json};

use crate::parts::table::{ATTENTION, BOLD, Cell, DIM, NAME, with_header};
use crate::shared::account::Account;
use crate::shared::error_hints::{self, CommandContext};
use crate::shared::failure::Failure;
use crate::shared::options::Global;
use crate::shared::{calls, help, output};

#[derive(Args)]
#[command(after_help = help::examples(&[
    ("providers that this version knows", "ocamba providers"),
    ("providers that the server offers, as it describes them", "ocamba providers --live"),
]))]
pub struct Options {
    /// Ask the server (the default sends nothing and needs no token)
    #[arg(long)]
    live: bool,
}

/// Prints the providers and their settings: those that this version knows, or those that the server describes.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let (providers, last_column) = match options.live {
        true => (described_by_the_server(global)?, "deprecated"),
        false => (ocamba_hood::providers().iter().map(known).collect(), "secret"),
    };
    output::print(global.output, &providers, || table(&providers, last_column))
}

fn described_by_the_server(global: &Global) -> Result<Value, Failure> {
    let context = CommandContext::reading("the command line", "list providers");
    let client = Account::of(global)?.client(global)?;
    output::json(&calls::block_on(async {
        let all = client.providers().list().all().await;
        all.map_err(|error| error_hints::on_call(&error, &context, client.base_url()))
    })?)
}

fn known(provider: &ProviderInfo) -> Value {
    let ProviderInfo { id, title, channel, settings, .. } = provider;
    let settings: Value = settings.iter().map(known_setting).collect();
    json!({ "id": id, "name": title, "type": channel, "settings": settings })
}

fn known_setting(setting: &SettingInfo) -> Value {
    let SettingInfo { name, kind, required, secret, description, .. } = setting;
    json!({ "name": name, "type": kind.as_str(), "required": required, "secret": secret, "description": description })
}

/// Returns a table with a row for each setting. Only the first row of a provider names the provider.
fn table(providers: &Value, last_column: &str) -> String {
    let text = |value: &Value, style| Cell::styled(value.as_str().unwrap_or_default(), style);
    let yes_no = |value: &Value, style| match value.as_bool() {
        Some(true) => Cell::styled("yes", style),
        Some(false) => Cell::styled("no", DIM),
        None => Cell::new(""),
    };
    let rows = providers.as_array().into_iter().flatten().flat_map(|provider| {
        let settings = provider["settings"].as_array().map_or(&[][..], Vec::as_slice);
        let mut rows = vec![vec![Cell::new(""); 3]; settings.len().max(1)];
        rows[0] = vec![
            text(&provider["id"], BOLD),
            text(&provider["name"], BOLD).cut(24),
            text(&provider["type"], Style::new()),
        ];
        for (row, setting) in rows.iter_mut().zip(settings) {
            row.push(text(&setting["name"], NAME));
            row.extend([yes_no(&setting["required"], BOLD), yes_no(&setting[last_column], ATTENTION)]);
        }
        rows
    });
    with_header(["id", "name", "type", "setting", "required", last_column], rows)
}
