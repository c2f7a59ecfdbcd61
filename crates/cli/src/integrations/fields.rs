//! The fields of an integration that are asked for.

use serde_json::{Map, Value};

use crate::exit::Exit;
use crate::report::Failure;

/// The name of a field: clap's parser of it.
pub fn name(text: &str) -> Result<String, String> {
    match !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
        true => Ok(text.to_owned()),
        false => Err("names of fields are expected, with commas between, as id,name".to_owned()),
    }
}

/// An integration with these fields only, in this order; with all of them where none are named.
pub fn only(integration: Value, fields: &[String]) -> Result<Value, Failure> {
    let Value::Object(mut all) = integration else { return Ok(integration) };
    if fields.is_empty() {
        return Ok(Value::Object(all));
    }
    if let Some(unknown) = fields.iter().find(|field| !all.contains_key(*field)) {
        let names: Vec<_> = all.keys().map(String::as_str).collect();
        return Err(Failure::new(Exit::BadInput, format!("--fields: the integration has no {unknown}"))
            .hint(format!("it has {}; nothing was changed", names.join(", "))));
    }
    let taken = fields.iter().filter_map(|field| Some((field.clone(), all.remove(field)?)));
    Ok(Value::Object(taken.collect::<Map<_, _>>()))
}
