//! Plain JSON, for settings and fields that this version does not know.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::secret::{REDACTED, is_revealing};

/// Settings or fields that this version does not know, as JSON.
///
/// Any of them may be a secret, so all are redacted, as a [`Secret`](crate::Secret) is, but for `null`.
///
/// ```
/// use ocamba_hood::{NewIntegration, Provider, RawValues};
///
/// let settings = RawValues::from_iter([("bot_token", "123:abc".into())]);
/// assert_eq!(format!("{settings:?}"), r#"{"bot_token": "[REDACTED]"}"#);
///
/// let request = NewIntegration::new("Bot", Provider::Unknown { provider_id: "2000".into(), settings });
/// assert_eq!(request.provider.id(), "2000");
/// ```
#[derive(Clone, PartialEq, Default)]
pub struct RawValues(Value);

impl RawValues {
    /// Wraps JSON: an object, or `null`.
    pub fn new(values: Value) -> Self {
        Self(values)
    }

    /// Returns one value, in clear.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Returns all values, in clear.
    pub fn expose(&self) -> &Value {
        &self.0
    }

    /// Returns true if there are none.
    pub fn is_empty(&self) -> bool {
        self.0.as_object().is_none_or(Map::is_empty)
    }
}

impl FromIterator<(&'static str, Value)> for RawValues {
    fn from_iter<I: IntoIterator<Item = (&'static str, Value)>>(values: I) -> Self {
        Self(Value::Object(values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()))
    }
}

impl From<Map<String, Value>> for RawValues {
    fn from(values: Map<String, Value>) -> Self {
        Self(Value::Object(values))
    }
}

impl RawValues {
    /// Returns the JSON without secrets.
    fn redacted(&self) -> Value {
        let hide = |value: &Value| if value.is_null() { Value::Null } else { REDACTED.into() };
        match &self.0 {
            Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), hide(value))).collect(),
            value => hide(value),
        }
    }
}

impl fmt::Debug for RawValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.redacted() {
            Value::Object(map) => {
                let mut shown = f.debug_map();
                for (name, value) in &map {
                    shown.entry(name, &format_args!("{value}"));
                }
                shown.finish()
            }
            value => write!(f, "{value}"),
        }
    }
}

impl Serialize for RawValues {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if is_revealing() { self.0.serialize(serializer) } else { self.redacted().serialize(serializer) }
    }
}

impl<'de> Deserialize<'de> for RawValues {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self)
    }
}
