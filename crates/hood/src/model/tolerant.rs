//! Reads objects tolerantly: what has an unexpected type stays in the object.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Takes out a field that has this type.
pub fn take<T: DeserializeOwned>(fields: &mut Map<String, Value>, name: &str) -> Option<T> {
    let value = T::deserialize(fields.get(name)?).ok()?;
    fields.remove(name);
    Some(value)
}

/// Takes out the `id`, a string or a number.
pub fn take_id(fields: &mut Map<String, Value>) -> Option<String> {
    match fields.remove("id")? {
        Value::String(id) => Some(id),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}
