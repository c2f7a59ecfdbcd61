//! Responses, and integrations as people and programs read them.

use ocamba_hood::{CheckedBody, Integration, ProviderInfo, REDACTED, Response, printable};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::parts::table::{BOLD, Cell, DIM, DONE, NAME, align};
use crate::shared::failure::Failure;
use crate::shared::options::Global;
use crate::shared::output;

/// Decodes a response.
pub fn decode<T: DeserializeOwned>(response: &Response<CheckedBody>) -> Result<T, Failure> {
    serde_json::from_str(response.value.as_str())
        .map_err(|error| Failure::other(format!("the response cannot be read: {error}")))
}

/// Converts an integration to JSON. Its secrets are hidden without --reveal.
pub fn to_json(integration: &Integration, global: &Global) -> Result<Value, Failure> {
    let json = || output::json(integration);
    if global.reveal { ocamba_hood::reveal(json) } else { json() }
}

/// Parses the name of a field.
pub fn field_name(text: &str) -> Result<String, String> {
    match !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
        true => Ok(text.to_owned()),
        false => Err("expected names of fields, separated by commas, as id,name".to_owned()),
    }
}

/// Returns an integration with these fields only, in this order; with all fields where none are named.
pub fn only(integration: Value, fields: &[String]) -> Result<Value, Failure> {
    let Value::Object(mut all) = integration else { return Ok(integration) };
    if fields.is_empty() {
        return Ok(Value::Object(all));
    }
    if let Some(unknown) = fields.iter().find(|field| !all.contains_key(*field)) {
        let names: Vec<_> = all.keys().map(String::as_str).collect();
        return Err(Failure::bad_input(format!("--fields: the integration has no {unknown}"))
            .hint(format!("it has {}; nothing was changed", names.join(", "))));
    }
    Ok(Value::Object(fields.iter().filter_map(|field| all.remove_entry(field)).collect()))
}

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
