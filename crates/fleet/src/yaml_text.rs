//! A value of YAML as a text of JSON, written as it is read: what is too long is not held in memory first.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer};
use serde::{Deserialize, Serialize};

use crate::request::quoted;
use crate::source::MAX_ROW;

/// What the error of a value says that is too long.
pub const TOO_LONG: &str = "the row is too long";

/// A value as JSON.
pub struct JsonText(pub String);

impl<'de> Deserialize<'de> for JsonText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut text = String::new();
        Append(&mut text).deserialize(deserializer)?;
        Ok(Self(text))
    }
}

/// Appends a value to a text.
struct Append<'t>(&'t mut String);

impl Append<'_> {
    fn put<E: de::Error>(self, json: &str) -> Result<(), E> {
        self.0.push_str(json);
        if self.0.len() > MAX_ROW { Err(E::custom(TOO_LONG)) } else { Ok(()) }
    }

    fn put_value<E: de::Error>(self, value: impl Serialize) -> Result<(), E> {
        self.put(&serde_json::to_string(&value).map_err(E::custom)?)
    }
}

impl<'de> DeserializeSeed<'de> for Append<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> de::Visitor<'de> for Append<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.put("null")
    }

    fn visit_none<E: de::Error>(self) -> Result<(), E> {
        self.put("null")
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<(), E> {
        self.put_value(value)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<(), E> {
        self.put_value(value)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<(), E> {
        self.put_value(value)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<(), E> {
        self.put_value(value)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<(), E> {
        self.put_value(value)
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let start = self.0.len();
        loop {
            self.0.push(if self.0.len() == start { '[' } else { ',' });
            if items.next_element_seed(Append(self.0))?.is_none() {
                break;
            }
        }
        close(self.0, start, ']');
        Ok(())
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let start = self.0.len();
        loop {
            self.0.push(if self.0.len() == start { '{' } else { ',' });
            let Some(name) = members.next_key::<String>()? else { break };
            Append(self.0).put(&quoted(&name))?;
            self.0.push(':');
            members.next_value_seed(Append(self.0))?;
        }
        close(self.0, start, '}');
        Ok(())
    }
}

/// Ends a list or object: after its start, or in place of the comma after its last member.
fn close(text: &mut String, start: usize, end: char) {
    if text.len() > start + 1 {
        text.pop();
    }
    text.push(end);
}
