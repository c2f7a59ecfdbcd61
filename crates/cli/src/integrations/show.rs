//! Integrations for people.

use ocamba_hood::{ProviderInfo, REDACTED};
use serde_json::Value;

use crate::style::{BOLD, DIM, DONE, NAME};
use crate::table::{Cell, align, printable};

/// What was done to an integration, and all that there is of it.
pub fn done(word: &str, integration: &Value, more: &str) -> String {
    let mut rest = integration.clone();
    let id = rest.as_object_mut().and_then(|fields| fields.shift_remove("id"));
    let id = id.as_ref().and_then(Value::as_str).unwrap_or_default();
    format!("{DONE}{word}{DONE:#} integration {BOLD}{}{BOLD:#}{more}\n\n{}", printable(id), table(&rest))
}

/// All that there is of an integration, its settings last.
pub fn table(integration: &Value) -> String {
    let fields = || integration.as_object().into_iter().flatten();
    // The server's own description of the provider is in `ocamba providers --live`.
    let apart = ["settings", "provider"];
    let rows = fields().filter(|(name, _)| !apart.contains(&name.as_str())).map(|(name, value)| match name.as_str() {
        "provider_id" => row("provider", provider(value)),
        _ => row(name, cell(value)),
    });
    let mut text = align(&rows.collect::<Vec<_>>(), 2);
    for (name, settings) in fields().filter(|(name, _)| *name == "settings") {
        text += &format!("  {NAME}{name}{NAME:#}\n");
        match settings.as_object() {
            Some(all) => text += &align(&all.iter().map(|(name, value)| row(name, cell(value))).collect::<Vec<_>>(), 4),
            None => text += &align(&[vec![cell(settings)]], 4),
        }
    }
    text
}

/// A value of any kind.
pub fn cell(value: &Value) -> Cell {
    match value {
        Value::String(text) if text == REDACTED => Cell::styled(text, DIM),
        Value::String(text) => Cell::new(text),
        Value::Bool(yes) => Cell::new(if *yes { "yes" } else { "no" }),
        Value::Null => Cell::styled("none", DIM),
        other => Cell::new(other.to_string()),
    }
}

/// A provider by its name, if it is known here.
pub fn provider(id: &Value) -> Cell {
    let info = id.as_str().and_then(ProviderInfo::of);
    info.map_or_else(|| cell(id), |info| Cell::new(format!("{} ({})", info.title, info.id)))
}

fn row(name: &str, value: Cell) -> Vec<Cell> {
    vec![Cell::styled(name, NAME), value]
}
