//! Integrations are read tolerantly, and written back unchanged.

use serde_json::{Map, Value, json};

use super::generated::exports::Provider;
use super::known_providers::providers;
use super::results::Integration;
use crate::secret::reveal;

fn read(value: &Value) -> Integration {
    serde_json::from_value(value.clone()).expect("an integration")
}

fn written(integration: &Integration) -> Value {
    reveal(|| serde_json::to_value(integration)).expect("JSON")
}

/// A response with the first provider.
fn response() -> Value {
    let value = |secret| json!(if secret { "canary" } else { "plain" });
    let settings: Map<String, Value> =
        providers()[0].settings.iter().map(|s| (s.name.to_owned(), value(s.secret))).collect();
    json!({
        "id": "1165", "company_id": "6197120", "name": "Example", "type": "sms",
        "provider_id": providers()[0].id, "settings": settings, "status": "active", "is_default": false,
    })
}

#[test]
fn known_provider_stays_typed_when_it_has_new_settings() {
    let mut value = response();
    value["settings"]["region"] = json!("eu");
    let integration = read(&value);
    assert!(!matches!(integration.provider, Provider::Unknown { .. }));
    assert_eq!(integration.extra_settings.get("region"), Some(&json!("eu")));
    assert_eq!(written(&integration), value);
}

#[test]
fn unexpected_values_are_written_back_unchanged() {
    let name = providers()[0].settings[0].name;
    let changes: [fn(&mut Value, &str); 9] = [
        |v, _| v["company_id"] = Value::Null,
        |v, _| v["name"] = json!(7),
        |v, _| v["settings"] = Value::Null,
        |v, _| v["settings"] = json!("text"),
        |v, name| v["settings"][name] = json!(5),
        |v, _| v["provider_id"] = json!([1000]),
        |v, _| v["provider_id"] = json!("2000"),
        |v, _| v["is_default"] = json!("no"),
        |v, _| v["colour"] = json!({"deep": [1, 2]}),
    ];
    for change in changes {
        let mut value = response();
        change(&mut value, name);
        let integration = read(&value);
        assert_eq!(written(&integration), value);
        assert!(!format!("{integration:?}").contains("canary"), "{integration:?}");
        assert!(!serde_json::to_string(&integration).expect("JSON").contains("canary"));
    }
}

#[test]
fn ids_that_are_numbers_become_strings() {
    let (mut value, expected) = (response(), written(&read(&response())));
    for id in ["id", "company_id", "provider_id"] {
        value[id] = value[id].as_str().and_then(|id| id.parse::<u64>().ok()).into();
    }
    let integration = read(&value);
    assert_eq!(written(&integration), expected);
    assert_eq!(integration.provider.id(), expected["provider_id"]);
}

#[test]
fn last_of_repeated_fields_counts() {
    let read = |fields: &str| -> Integration {
        serde_json::from_str(&format!(r#"{{"id": "1", {fields}}}"#)).expect("an integration")
    };
    let (last, first) = (read(r#""name": "a", "name": 5"#), read(r#""name": 5, "name": "a""#));
    assert_eq!((last.name, last.extra.get("name")), (None, Some(&json!(5))));
    assert_eq!((first.name.as_deref(), first.extra.is_empty()), (Some("a"), true));
    assert_eq!(written(&read(r#""settings": {"a": 1}, "settings": null"#)), json!({"id": "1", "settings": null}));
}
