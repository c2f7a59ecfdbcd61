//! Tests of the schemas of the document: what a request must have, and how violations are reported.

use serde_json::{Value, json};

use crate::contract::document::Document;
use crate::contract::schema::Schema;

/// Returns each example request with the schema of its settings.
fn examples(document: &Document) -> Vec<(Value, Value)> {
    let body =
        &document.value()["paths"]["/v1/hood/integrations"]["post"]["requestBody"]["content"]["application/json"];
    let settings_of = |request: &Value| {
        let provider = document.providers().find(|provider| provider.id == request["provider_id"]);
        provider.unwrap().settings.clone()
    };
    let all = body["examples"].as_object().unwrap();
    assert!(!all.is_empty());
    all.values().map(|example| (example["value"].clone(), settings_of(&example["value"]))).collect()
}

fn schema(document: &Document) -> Schema {
    document.schema(document.operation("createIntegration").unwrap().body().unwrap()).unwrap()
}

/// Runs `check` for each provider, with its example, its settings' schema, and a function from an edit to the error.
fn for_each_provider(check: impl Fn(&Value, &Value, &dyn Fn(&dyn Fn(&mut Value)) -> String)) {
    let document = Document::bundled().unwrap();
    let schema = schema(&document);
    for (example, settings) in examples(&document) {
        assert_eq!(schema.check(&example), Ok(()));
        check(&example, &settings, &|change| {
            let mut changed = example.clone();
            change(&mut changed);
            schema.check(&changed).unwrap_err().to_string()
        });
    }
}

fn names(settings: &Value) -> Vec<&String> {
    settings["properties"].as_object().unwrap().keys().collect()
}

#[test]
fn field_is_named_when_missing() {
    for_each_provider(|_, settings, message| {
        for field in ["name", "provider_id", "settings"] {
            let without = message(&|body| drop(body.as_object_mut().unwrap().shift_remove(field)));
            assert_eq!(without, format!("{field} is required"));
        }
        for name in settings["required"].as_array().unwrap() {
            let name = name.as_str().unwrap();
            let without = message(&|body| drop(body["settings"].as_object_mut().unwrap().shift_remove(name)));
            assert_eq!(without, format!("settings.{name} is required"));
        }
    });
}

#[test]
fn field_is_named_when_of_another_type() {
    for_each_provider(|_, settings, message| {
        for field in ["name", "provider_id", "status"] {
            let expected = format!("{field} must be a string, not a number");
            assert_eq!(message(&|body| body[field] = json!(1004)), expected);
        }
        assert_eq!(message(&|body| body["settings"] = Value::Null), "settings must be an object, not null");
        assert_eq!(message(&|body| body["settings"] = json!([])), "settings must be an object, not an array");
        for name in names(settings) {
            let wrong = message(&|body| body["settings"][name] = json!([]));
            assert!(wrong.starts_with(&format!("settings.{name} must be a")), "{wrong}");
            assert!(wrong.ends_with(", not an array"), "{wrong}");
        }
    });
}

#[test]
fn setting_is_named_with_the_known_ones_when_misspelt() {
    for_each_provider(|_, settings, message| {
        let known: Vec<_> = names(settings).into_iter().cloned().collect();
        let expected = format!("settings.keyy is not a setting of this provider, expected one of {}", known.join(", "));
        assert_eq!(message(&|body| body["settings"]["keyy"] = json!("x")), expected);
    });
}

#[test]
fn length_error_has_the_length_but_not_the_value() {
    for_each_provider(|_, settings, message| {
        assert_eq!(message(&|body| body["name"] = json!("")), "name must have 1 to 100 characters, it has 0");
        // Characters are counted, not bytes.
        let long = "ü".repeat(101);
        let expected = "name must have 1 to 100 characters, it has 101";
        assert_eq!(message(&|body| body["name"] = json!(long)), expected);
        assert_eq!(message(&|body| body["status"] = json!("")), "status must have at least 1 character, it has 0");
        for name in names(settings).into_iter().filter(|name| settings["properties"][name]["minLength"] == 1) {
            let empty = message(&|body| body["settings"][name] = json!(""));
            assert!(empty.starts_with(&format!("settings.{name} must have ")), "{empty}");
            assert!(empty.ends_with(", it has 0"), "{empty}");
        }
    });
}

#[test]
fn email_address_is_named_when_invalid() {
    let found = std::cell::Cell::new(false);
    for_each_provider(|_, settings, message| {
        for name in names(settings).into_iter().filter(|name| settings["properties"][name]["format"] == "email") {
            found.set(true);
            let expected = format!("settings.{name} must be an e-mail address");
            assert_eq!(message(&|body| body["settings"][name] = json!("nobody at home")), expected);
        }
    });
    assert!(found.get());
}

#[test]
fn provider_error_lists_the_known_ones_when_unknown() {
    let document = Document::bundled().unwrap();
    let known: Vec<_> = examples(&document).into_iter().map(|(example, _)| example["provider_id"].clone()).collect();
    for_each_provider(|_, _, message| {
        let unknown = message(&|body| body["provider_id"] = json!("no such"));
        assert!(unknown.starts_with("provider_id must be one of "), "{unknown}");
        assert!(known.iter().all(|id| unknown.contains(&id.to_string())), "{unknown}");
        assert!(!unknown.contains("settings") && !unknown.contains("no such"), "{unknown}");
    });
}

#[test]
fn body_is_refused_when_not_an_object() {
    let schema = schema(&Document::bundled().unwrap());
    for (body, found) in [
        (json!("x"), "a string"),
        (json!(1), "a number"),
        (json!(null), "null"),
        (json!(true), "a boolean"),
        (json!([]), "an array"),
    ] {
        let message = schema.check(&body).unwrap_err().to_string();
        assert_eq!(message, format!("the body must be an object, not {found}"));
    }
    let message = schema.check(&json!({})).unwrap_err().to_string();
    assert_eq!(message, "name is required; provider_id is required; settings is required");
}

#[test]
fn violations_and_names_have_a_maximum() {
    for_each_provider(|_, settings, message| {
        let several = message(&|body| {
            body["name"] = json!(1);
            names(settings).into_iter().for_each(|name| body["settings"][name] = json!([]));
        });
        assert_eq!(several.split("; ").count(), (1 + names(settings).len()).min(11), "{several}");

        let many = message(&|body| (0..1_000).for_each(|i| body["settings"][format!("x{i}")] = json!(1)));
        assert_eq!(many.split("; ").count(), 11, "{many}");
        assert!(many.ends_with("; and more"), "{many}");

        let long = message(&|body| body["settings"]["ü".repeat(10_000)] = json!(1));
        assert!(long.starts_with(&format!("settings.{}... is not", "ü".repeat(64))), "{long}");
    });
}

#[test]
fn error_has_no_values() {
    let secret = "hunter2";
    for_each_provider(|_, settings, message| {
        for wrong in [json!([secret]), json!({ "a": secret }), json!(secret.repeat(100))] {
            let message = message(&|body| {
                *body = json!({ "name": [secret], "provider_id": body["provider_id"], "status": { "a": secret }, "settings": {} });
                names(settings).into_iter().for_each(|name| body["settings"][name] = wrong.clone());
                body["settings"]["keyy"] = json!(secret);
            });
            assert!(!message.contains(secret), "{message}");
        }
    });
}

#[test]
fn new_provider_needs_no_code() {
    let schema = schema(&Document::with_one_more_provider());
    let check = |settings: Value| {
        schema
            .check(&json!({ "name": "x", "provider_id": "pigeon", "settings": settings }))
            .err()
            .map_or_else(String::new, |findings| findings.to_string())
    };
    assert_eq!(check(json!({ "loft": "north", "birds": 2, "ring": null })), "");
    assert_eq!(check(json!({})), "settings.loft is required");
    assert_eq!(check(json!({ "loft": "east" })), r#"settings.loft must be one of "north", "south""#);
    assert_eq!(check(json!({ "loft": 1 })), "settings.loft must be a string, not a number");
    assert_eq!(check(json!({ "loft": "north", "birds": 1.5 })), "settings.birds must be an integer, not a number");
    assert_eq!(check(json!({ "loft": "north", "ring": 1 })), "settings.ring must be null or a string, not a number");
    assert_eq!(
        check(json!({ "loft": "north", "ring": "ABCD" })),
        "settings.ring must have at most 3 characters, it has 4"
    );
    for (settings, field) in
        [(json!({ "loft": "north", "birds": 0 }), "birds"), (json!({ "loft": "north", "ring": "a" }), "ring")]
    {
        let message = check(settings);
        assert!(message.starts_with(&format!("settings.{field} is invalid: value ")), "{message}");
    }
    let unknown = schema.check(&json!({ "name": "x", "provider_id": "y", "settings": {} })).unwrap_err().to_string();
    assert!(unknown.ends_with(r#", "pigeon" (Carrier Pigeon)"#), "{unknown}");
}
