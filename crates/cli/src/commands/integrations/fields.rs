//! Choice of an integration's fields.

use serde_json::Value;

use crate::shared::failure::Failure;

/// Parses the name of a field.
pub fn name(text: &str) -> Result<String, String> {
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
