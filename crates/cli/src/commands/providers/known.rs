//! Providers that this version knows.

use anstyle::Style;
use ocamba_hood::{ProviderInfo, SettingInfo, SettingKind, providers};
use serde_json::{Value, json};

use super::{Provider, setting, table};
use crate::parts::style::ATTENTION;
use crate::parts::table::Cell;
use crate::shared::failure::Failure;
use crate::shared::output::{self, Format};

/// Prints every known provider with its settings.
pub fn list(format: Option<Format>) -> Result<(), Failure> {
    let value = providers().iter().map(provider).collect();
    output::print(format, &value, || {
        let shown = providers().iter().map(|provider| Provider {
            id: provider.id,
            name: provider.title,
            channel: provider.channel,
            settings: provider.settings.iter().map(cells).collect(),
        });
        table(["setting", "required", "secret"], shown)
    })
}

fn cells(it: &SettingInfo) -> [Cell; 3] {
    setting(it.name, [(Some(it.required), Style::new()), (Some(it.secret), ATTENTION)])
}

fn provider(provider: &ProviderInfo) -> Value {
    let setting = |setting: &SettingInfo| {
        json!({
            "name": setting.name,
            "type": type_name(setting.kind),
            "required": setting.required,
            "secret": setting.secret,
            "description": setting.description,
        })
    };
    let settings: Value = provider.settings.iter().map(setting).collect();
    json!({ "id": provider.id, "name": provider.title, "type": provider.channel, "settings": settings })
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
