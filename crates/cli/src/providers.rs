//! `ocamba providers`.

use anstyle::{AnsiColor, Style};
use ocamba_hood::{ProviderInfo, SettingInfo, SettingKind, providers};
use serde_json::{Value, json};

use crate::output::{self, Format};
use crate::report::Failure;
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

const HEADER: Style = AnsiColor::Green.on_default().bold();
const BOLD: Style = Style::new().bold();
const CYAN: Style = AnsiColor::Cyan.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();

fn table() -> String {
    let header = ["ID", "NAME", "TYPE", "SETTING", "REQUIRED", "SECRET"].map(|title| Cell::styled(title, HEADER));
    let mut rows = vec![header.to_vec()];
    rows.extend(providers().iter().flat_map(provider_rows));
    align(&rows, 0)
}

/// A row for each setting; the provider itself stands only in the first, which is there without settings as well.
fn provider_rows(provider: &ProviderInfo) -> Vec<Vec<Cell>> {
    let first = [Cell::styled(provider.id, BOLD), Cell::styled(provider.title, BOLD), Cell::new(provider.channel)];
    let mut rows = vec![first.to_vec()];
    rows.resize(provider.settings.len().max(1), vec![Cell::new(""); 3]);
    for (row, setting) in rows.iter_mut().zip(provider.settings) {
        row.extend([
            Cell::styled(setting.name, CYAN),
            yes_no(setting.required, Style::new()),
            yes_no(setting.secret, YELLOW),
        ]);
    }
    rows
}

/// Yes in a style, and no as what needs no attention.
fn yes_no(yes: bool, style: Style) -> Cell {
    if yes { Cell::styled("yes", style) } else { Cell::styled("no", Style::new().dimmed()) }
}
