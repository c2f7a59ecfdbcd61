//! Integrations as people read them.

use ocamba_hood::{ProviderInfo, REDACTED};
use serde_json::Value;

use crate::parts::table::{BOLD, Cell, DIM, DONE, NAME, align, printable};

/// Returns what was done to an integration, and all its fields.
pub fn done(word: &str, integration: &Value, more: &str) -> String {
    let mut rest = integration.clone();
    let id = rest.as_object_mut().and_then(|fields| fields.shift_remove("id"));
    let id = printable(id.as_ref().and_then(Value::as_str).unwrap_or_default());
    format!("{DONE}{word}{DONE:#} integration {BOLD}{id}{BOLD:#}{more}\n\n{}", table(&rest))
}

/// Returns all fields of an integration, the settings last.
pub fn table(integration: &Value) -> String {
    let fields = || integration.as_object().into_iter().flatten();
    // `ocamba providers --live` shows the server's description of the provider.
    let apart = ["settings", "provider"];
    let rows = fields().filter(|(name, _)| !apart.contains(&name.as_str())).map(|(name, value)| match name.as_str() {
        "provider_id" => row("provider", provider(value)),
        _ => row(name, cell(value)),
    });
    let mut text = align(&rows.collect::<Vec<_>>(), 2);
    if let Some(settings) = integration.get("settings") {
        let rows = match settings.as_object() {
            Some(all) => all.iter().map(|(name, value)| row(name, cell(value))).collect(),
            None => vec![vec![cell(settings)]],
        };
        text += &format!("  {NAME}settings{NAME:#}\n{}", align(&rows, 4));
    }
    text
}

/// Returns the cell of a JSON value.
pub fn cell(value: &Value) -> Cell {
    match value {
        Value::String(text) if text == REDACTED => Cell::styled(text, DIM),
        Value::String(text) => Cell::new(text),
        Value::Bool(yes) => Cell::new(if *yes { "yes" } else { "no" }),
        Value::Null => Cell::styled("none", DIM),
        other => Cell::new(other.to_string()),
    }
}

/// Returns the cell of a provider: its name, where this version knows it.
pub fn provider(id: &Value) -> Cell {
    let info = id.as_str().and_then(ProviderInfo::of);
    info.map_or_else(|| cell(id), |info| Cell::new(format!("{} ({})", info.title, info.id)))
}

fn row(name: &str, value: Cell) -> Vec<Cell> {
    vec![Cell::styled(name, NAME), value]
}
