//! A provider and its settings, as the API's document describes them.

use serde_json::Value;

use super::json::Json;

/// Provider, as this version knows it: its id, its names and its settings.
#[derive(Debug)]
#[non_exhaustive]
pub struct ProviderInfo {
    /// Value of `provider_id` in requests and responses.
    pub id: &'static str,
    /// Name of the settings' type in every language.
    pub type_name: &'static str,
    /// Name to show to people.
    pub title: &'static str,
    /// What its integrations send, as `sms`: their `type`.
    pub channel: &'static str,
    /// Description to show to people.
    pub description: &'static str,
    /// Its settings, in the order of the API's document.
    pub settings: &'static [SettingInfo],
}

/// Setting of a provider.
#[derive(Debug)]
#[non_exhaustive]
pub struct SettingInfo {
    /// Name in `settings`.
    pub name: &'static str,
    /// JSON type of its value.
    pub kind: SettingKind,
    /// Whether a create must have it.
    pub required: bool,
    /// Whether it is a secret, which is never shown.
    pub secret: bool,
    /// Minimum number of characters of a string.
    pub min_length: usize,
    /// Maximum number of characters of a string.
    pub max_length: usize,
    /// Values that it may have; empty where any value is accepted.
    pub one_of: &'static [&'static str],
    /// Description to show to people.
    pub description: &'static str,
}

/// JSON type of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingKind {
    /// A string.
    String,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
}

impl ProviderInfo {
    /// Returns the setting with this name.
    pub fn setting(&self, name: &str) -> Option<&'static SettingInfo> {
        self.settings.iter().find(|s| s.name == name)
    }
}

impl SettingKind {
    /// Returns the name of the type in JSON Schema: `string`, `integer`, `number` or `boolean`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
        }
    }

    /// Returns true when a value of a response has this type.
    pub(crate) fn fits(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
        }
    }

    /// Returns true when a value of a request has this type.
    pub(crate) fn admits(self, value: &Json<'_>) -> bool {
        match self {
            Self::String => matches!(value, Json::String(_)),
            Self::Integer => matches!(value, Json::Number { whole: true }),
            Self::Number => matches!(value, Json::Number { .. }),
            Self::Boolean => matches!(value, Json::Boolean),
        }
    }

    /// Returns the type in words.
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Boolean => "true or false",
        }
    }
}
