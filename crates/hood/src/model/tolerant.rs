//! Reads objects tolerantly, and writes them: what has an unexpected type is kept unchanged, beside what is unknown.

use std::fmt;

use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::ser::{Error as _, SerializeMap};
use serde::{Deserializer, Serialize};
use serde_json::{Map, Value};

use super::json::Text;
use super::raw_values::RawValues;

/// Reads an object in one pass. `keep` takes each field that it knows, and gives the others back. Returns those.
pub fn read_fields<'de, D: Deserializer<'de>>(
    deserializer: D,
    keep: impl FnMut(&str, Value) -> Option<Value>,
) -> Result<RawValues, D::Error> {
    deserializer.deserialize_map(Fields(keep)).map(RawValues::from)
}

/// Keeps a field that has this type, and gives back any other.
pub fn keep<T: DeserializeOwned>(place: &mut Option<T>, value: Value) -> Option<Value> {
    *place = T::deserialize(&value).ok();
    place.is_none().then_some(value)
}

/// Keeps an `id`, a string or a number.
pub fn keep_id(place: &mut Option<String>, value: Value) -> Option<Value> {
    *place = match value {
        Value::String(id) => Some(id),
        Value::Number(id) => Some(id.to_string()),
        other => return Some(other),
    };
    None
}

/// Returns an id as text, also where it is a number.
pub fn text_of_id(id: &Value) -> Option<String> {
    id.as_str().map(str::to_owned).or_else(|| id.as_u64().map(|id| id.to_string()))
}

/// Writes a field that is present.
pub fn write_field<M: SerializeMap>(map: &mut M, name: &str, value: &Option<impl Serialize>) -> Result<(), M::Error> {
    value.as_ref().map_or(Ok(()), |value| map.serialize_entry(name, value))
}

/// Writes what was kept unchanged.
pub fn write_extra<M: SerializeMap>(map: &mut M, extra: &RawValues) -> Result<(), M::Error> {
    let extra = serde_json::to_value(extra).map_err(M::Error::custom)?;
    extra.as_object().into_iter().flatten().try_for_each(|(name, value)| map.serialize_entry(name, value))
}

struct Fields<K>(K);

impl<'de, K: FnMut(&str, Value) -> Option<Value>> Visitor<'de> for Fields<K> {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    /// The last of several fields with one name counts.
    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut others = Map::new();
        while let Some((Text(name), value)) = fields.next_entry::<Text<'de>, Value>()? {
            match (self.0)(&name, value) {
                Some(value) => others.insert(name.into_owned(), value),
                None => others.remove(&*name),
            };
        }
        Ok(others)
    }
}
