//! The document in the form that progenitor renders well.

use serde_json::{Value, json};

use super::super::spec::{SOURCE_OF_FACT, Spec, UNION, widen_parameters};

/// Schemas of request bodies, which are JSON that has passed its checks.
pub const BODIES: [&str; 3] = [UNION, "UpdateIntegration", "TestNotification"];

/// The document without constraints: progenitor would make types of them that check on reading, and would no longer
/// recognize a password.
pub fn lower(spec: &Spec) -> Value {
    let mut document = spec.document.clone();
    widen_parameters(&mut document);
    strip(&mut document["components"]["schemas"]);
    strip(&mut document["components"]["parameters"]);
    without_responses(&mut document, spec);
    let schemas = &mut document["components"]["schemas"];
    for provider in &spec.providers {
        let settings = &mut schemas[&provider.schema];
        settings.as_object_mut().map(|settings| settings.shift_remove("title"));
        for property in settings["properties"].as_object_mut().into_iter().flat_map(|all| all.values_mut()) {
            if let Some(property) = property.as_object_mut() {
                let password = property.get("format") == Some(&json!("password"));
                property.retain(|key, _| matches!(key.as_str(), "type" | "description") || key == "format" && password);
            }
        }
    }
    // Its content is replaced.
    schemas[UNION] = json!({ "type": "object" });
    schemas["Provider"] = union(spec);
    document
}

/// The providers in the one form from which progenitor makes an enum with a tag: inline objects without a discriminator.
fn union(spec: &Spec) -> Value {
    let branches = spec.providers.iter().map(|provider| {
        json!({
            "title": provider.title,
            "type": "object",
            "required": ["provider_id", "settings"],
            "properties": {
                "provider_id": { "type": "string", "enum": [provider.id] },
                "settings": { "$ref": format!("#/components/schemas/{}", provider.schema) },
            },
        })
    });
    json!({
        "description": "A provider and its settings, which differ from provider to provider.",
        "oneOf": branches.collect::<Vec<_>>(),
    })
}

/// Removes the responses and their schemas: the crate reads raw responses with types of its own.
fn without_responses(document: &mut Value, spec: &Spec) {
    let paths = document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    let operations = paths.filter_map(Value::as_object_mut).flat_map(|path| path.values_mut());
    for operation in operations.filter(|operation| operation.get("responses").is_some()) {
        operation["responses"] = json!({ "204": { "description": "The request was written." } });
    }
    let open = spec.open_enums();
    let is_request = |name: &str| {
        BODIES.contains(&name)
            || spec.providers.iter().any(|provider| provider.schema == name)
            || open.iter().any(|open| open.name == name)
    };
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.retain(|name, _| is_request(name));
    }
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(map) => {
            // Progenitor would not recognize a password with an extension.
            map.remove(SOURCE_OF_FACT);
            if map.get("type") == Some(&json!("string")) {
                map.retain(|key, v| match key.as_str() {
                    "type" | "enum" | "description" | "title" | "nullable" => true,
                    "format" => v == "password",
                    _ => false,
                });
            }
            map.values_mut().for_each(strip);
        }
        Value::Array(all) => all.iter_mut().for_each(strip),
        _ => {}
    }
}
