//! A compiled schema of the OpenAPI document.

use jsonschema::{Draft, Validator};
use serde_json::{Value, json};

use crate::contract::violations::{self, Violations};

/// A schema, compiled once when the sandbox starts: a check does not read the document.
pub struct Schema {
    validator: Validator,
    /// The schema that was compiled, to look up the paths of errors.
    root: Value,
}

impl Schema {
    /// Compiles `schema`, which may refer to the components of `document`.
    pub fn new(schema: &Value, document: &Value) -> Result<Self, String> {
        let mut root = json!({ "allOf": [schema] });
        // Compiling components that nothing refers to would take most of the start.
        if refers(schema) {
            root["components"] = json!({ "schemas": document["components"]["schemas"] });
        }
        without_nullable(&mut root);
        // OpenAPI 3.0 extends an early draft of JSON Schema; draft 4 is the closest that is still supported.
        let validator = jsonschema::options()
            .with_draft(Draft::Draft4)
            .should_validate_formats(true)
            .build(&root)
            .map_err(|e| e.to_string())?;
        Ok(Self { validator, root })
    }

    /// Checks a value. The error names the invalid fields and what was expected, but no values, which may be secrets.
    pub fn check(&self, value: &Value) -> Result<(), Violations> {
        if self.validator.is_valid(value) {
            return Ok(());
        }
        Err(violations::describe(self.validator.iter_errors(value), &self.root))
    }
}

/// Returns whether a schema refers to others.
fn refers(schema: &Value) -> bool {
    match schema {
        Value::Object(members) => members.contains_key("$ref") || members.values().any(refers),
        Value::Array(items) => items.iter().any(refers),
        _ => false,
    }
}

/// Replaces `nullable: true` of OpenAPI 3.0 by the type `null` of JSON Schema.
fn without_nullable(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("nullable") == Some(&Value::Bool(true)) {
                if let Some(kind @ Value::String(_)) = members.get_mut("type") {
                    *kind = json!([kind, "null"]);
                }
                if let Some(Value::Array(values)) = members.get_mut("enum") {
                    values.push(Value::Null);
                }
            }
            members.values_mut().for_each(without_nullable);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nullable),
        _ => {}
    }
}
