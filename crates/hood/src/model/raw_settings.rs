//! Settings as plain JSON, for providers and settings that this version does not know.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::secret::{REDACTED, is_revealing};

/// Settings of a provider as JSON, kept and serialized unchanged.
///
/// Any of them may be a secret, so all are redacted, as a [`Secret`](crate::Secret) is.
///
/// ```
/// use ocamba_hood::{NewIntegration, Provider, RawSettings};
///
/// let settings = RawSettings::from_iter([("bot_token", "123:abc".into())]);
/// assert_eq!(format!("{settings:?}"), r#"{"bot_token": "[REDACTED]"}"#);
///
/// let request = NewIntegration::new("Bot", Provider::Unknown { provider_id: "2000".into(), settings });
/// assert_eq!(request.provider.id(), "2000");
/// ```
#[derive(Clone, PartialEq, Default)]
pub struct RawSettings(Value);

impl RawSettings {
    /// Wraps JSON: an object, or `null`.
    pub fn new(settings: Value) -> Self {
        Self(settings)
    }

    /// Returns one setting, in clear.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Returns all settings, in clear.
    pub fn expose(&self) -> &Value {
        &self.0
    }

    /// Returns true if there are no settings.
    pub fn is_empty(&self) -> bool {
        self.0.as_object().is_none_or(Map::is_empty)
    }
}

impl FromIterator<(&'static str, Value)> for RawSettings {
    fn from_iter<I: IntoIterator<Item = (&'static str, Value)>>(settings: I) -> Self {
        Self(Value::Object(settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()))
    }
}

impl From<Map<String, Value>> for RawSettings {
    fn from(settings: Map<String, Value>) -> Self {
        Self(Value::Object(settings))
    }
}

impl fmt::Debug for RawSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_redacted(&self.0, f)
    }
}

fn write_redacted(value: &Value, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match value {
        Value::Null => f.write_str("null"),
        Value::Object(map) => f.debug_map().entries(map.keys().map(|name| (name, REDACTED))).finish(),
        _ => write!(f, "{REDACTED:?}"),
    }
}

impl Serialize for RawSettings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Value::Object(map) if !is_revealing() => serializer.collect_map(map.keys().map(|name| (name, REDACTED))),
            value if is_revealing() || value.is_null() => value.serialize(serializer),
            _ => serializer.serialize_str(REDACTED),
        }
    }
}

impl<'de> Deserialize<'de> for RawSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self)
    }
}
