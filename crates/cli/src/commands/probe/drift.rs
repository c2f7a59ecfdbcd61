//! What the responses have that the document does not, and the reverse.

use std::collections::BTreeSet;

use ocamba_hood::{ProviderInfo, text_of_id};
use serde_json::{Value, json};

use super::ask::fields;

/// A difference between a response and the document, as an entry of the report.
pub type Difference = Value;

/// Headers that the document describes, or HTTP itself.
const HEADERS: [&str; 12] = [
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "retry-after",
    "content-type",
    "content-length",
    "transfer-encoding",
    "connection",
    "date",
    "allow",
    "www-authenticate",
    "keep-alive",
];

/// Compares integrations with the document's schema.
pub fn of_integrations(integrations: &[Value], document: &Value) -> Vec<Difference> {
    let mut all = of_fields("Integration", integrations.iter(), document);
    all.extend(of_values("Status", integrations.iter().map(|it| &it["status"]), document));
    all.extend(of_values("IntegrationType", integrations.iter().map(|it| &it["type"]), document));
    all
}

/// Finds the values that an open enum lacks.
fn of_values<'v>(schema: &str, values: impl Iterator<Item = &'v Value>, document: &Value) -> Vec<Difference> {
    let known = &document["components"]["schemas"][schema]["x-extensible-enum"];
    let known: Vec<_> = known.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let seen: BTreeSet<_> = values.filter_map(Value::as_str).map(word).collect();
    let new = seen.into_iter().filter(|value| !known.contains(&value.as_str()));
    new.map(|value| json!({ "kind": "value", "of": schema, "value": value })).collect()
}

/// Compares the providers, as the server describes them, with those that this version knows.
pub fn of_providers(described: &[Value], document: &Value) -> Vec<Difference> {
    let mut all = of_fields("ProviderDescription", described.iter(), document);
    let settings = described.iter().flat_map(|it| it["settings"].as_array()).flatten();
    all.extend(of_fields("SettingDescription", settings, document));
    all.extend(of_values("IntegrationType", described.iter().map(|it| &it["type"]), document));
    for provider in described {
        let id = text_of_id(&provider["id"]).unwrap_or_default();
        match ProviderInfo::of(&id) {
            Some(known) => all.extend(of_settings(provider, known)),
            None => {
                let settings: Vec<_> = described_settings(provider).collect();
                all.push(json!({
                    "kind": "provider", "provider_id": word(&id), "type": word(text(provider, "type")),
                    "title": title(text(provider, "name")), "settings": settings,
                }));
            }
        }
    }
    all
}

/// Compares the names of headers.
pub fn of_headers<'h>(seen: impl Iterator<Item = &'h String>) -> Vec<Difference> {
    let new = seen.filter(|name| !HEADERS.contains(&name.as_str()));
    new.map(|name| json!({ "kind": "header", "name": word(name) })).collect()
}

fn of_settings(described: &Value, known: &ProviderInfo) -> Vec<Difference> {
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    for setting in described_settings(described) {
        let name = text(&setting, "name").to_owned();
        let difference = |what: Value| {
            let mut entry = json!({ "kind": "setting", "provider_id": known.id, "name": name });
            fields(&what).for_each(|(field, value)| entry[field] = value.clone());
            entry
        };
        match known.setting(&name) {
            None => all.push(difference(json!({ "type": setting["type"], "required": setting["required"] }))),
            Some(it) => {
                if setting["required"].as_bool().is_some_and(|required| required != it.required) {
                    all.push(difference(json!({ "required": setting["required"] })));
                }
                if setting["type"].as_str().is_some_and(|found| found != it.kind.as_str()) {
                    all.push(difference(json!({ "type": setting["type"] })));
                }
            }
        }
        seen.insert(name.clone());
    }
    if described["settings"].is_array() {
        let missing = known.settings.iter().filter(|setting| !seen.contains(setting.name));
        all.extend(missing.map(|it| json!({ "kind": "setting_missing", "provider_id": known.id, "name": it.name })));
    }
    all
}

fn described_settings(provider: &Value) -> impl Iterator<Item = Value> {
    let known = |text: String| Some(text).filter(|text| !text.is_empty());
    provider["settings"].as_array().into_iter().flatten().map(move |it| {
        json!({
            "name": word(text(it, "name")), "type": known(word(text(it, "type"))),
            "required": it["required"].as_bool(), "title": known(title(text(it, "title"))),
        })
    })
}

/// Finds the fields that a schema lacks, and those of another type.
fn of_fields<'v>(schema: &str, objects: impl Iterator<Item = &'v Value>, document: &Value) -> Vec<Difference> {
    let known = &document["components"]["schemas"][schema]["properties"];
    let mut all = BTreeSet::new();
    for (name, value) in objects.flat_map(fields).filter(|(_, value)| !value.is_null()) {
        let (name, found) = (word(name), type_of(value));
        let expected = known.get(&name).map(|schema| schema["type"].as_str().map(str::to_owned));
        match expected {
            None => _ = all.insert((name, None, found)),
            Some(Some(expected)) if expected != found => _ = all.insert((name, Some(expected), found)),
            Some(_) => {}
        }
    }
    let entry = |(name, expected, found): (String, Option<String>, &str)| match expected {
        None => json!({ "kind": "field", "of": schema, "name": name, "type": found }),
        Some(expected) => json!({ "kind": "type", "of": schema, "name": name, "expected": expected, "found": found }),
    };
    // The type of ids has an unknown of its own.
    let is_id = |name: &str| ["id", "company_id", "provider_id"].contains(&name);
    let is_time = |name: &str| name == "create_time";
    all.into_iter()
        .filter(|(name, expected, _)| expected.is_none() || !is_id(name) && !is_time(name))
        .map(entry)
        .collect()
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

/// Returns a name as programs have them, and of other texts nothing.
fn word(text: &str) -> String {
    let is_word =
        (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
    if is_word { text.to_owned() } else { String::new() }
}

/// Returns a title as people have them, and of other texts nothing.
fn title(text: &str) -> String {
    let is_title =
        (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b" ()&+-./_".contains(&b));
    if is_title { text.to_owned() } else { String::new() }
}
