//! Providers as this version knows them, without asking the server.

use anstyle::Style;
use ocamba_hood::{ProviderInfo, SettingInfo, SettingKind, providers};
use serde_json::{Value, json};

use super::{rows, yes_no};
use crate::output::{self, Format};
use crate::report::Failure;
use crate::style::{ATTENTION, BOLD, HEADER, NAME};
use crate::table::{Cell, align};

/// Prints every provider that this version knows, with its settings.
pub fn list(format: Option<Format>) -> Result<(), Failure> {
    let value = providers().iter().map(provider).collect();
    output::print(format, &value, table).map_err(|error| output::failure(&error))
}

fn provider(provider: &ProviderInfo) -> Value {
    json!({
        "id": provider.id,
        "name": provider.title,
        "type": provider.channel,
        "settings": provider.settings.iter().map(setting).collect::<Value>(),
    })
}

fn setting(setting: &SettingInfo) -> Value {
    json!({
        "name": setting.name,
        "type": type_name(setting.kind),
        "required": setting.required,
        "secret": setting.secret,
        "description": setting.description,
    })
}

fn type_name(kind: SettingKind) -> &'static str {
    match kind {
        SettingKind::String => "string",
        SettingKind::Integer => "integer",
        SettingKind::Number => "number",
        SettingKind::Boolean => "boolean",
        _ => "other",
    }
}

fn table() -> String {
    let header = ["ID", "NAME", "TYPE", "SETTING", "REQUIRED", "SECRET"].map(|title| Cell::styled(title, HEADER));
    let mut all = vec![header.to_vec()];
    all.extend(providers().iter().flat_map(provider_rows));
    align(&all, 0)
}

fn provider_rows(provider: &ProviderInfo) -> Vec<Vec<Cell>> {
    let first = [Cell::styled(provider.id, BOLD), Cell::styled(provider.title, BOLD), Cell::new(provider.channel)];
    rows(
        first,
        provider.settings.iter().map(|setting| {
            [
                Cell::styled(setting.name, NAME),
                yes_no(setting.required, Style::new()),
                yes_no(setting.secret, ATTENTION),
            ]
        }),
    )
}
