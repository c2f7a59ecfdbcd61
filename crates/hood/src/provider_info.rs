//! What the API's document says of each provider, as data.

use serde_json::Value;

use crate::json::Json;

/// The providers that this version knows, in the document's order.
///
/// ```
/// let names: Vec<_> = ocamba_hood::providers().iter().map(|p| p.title).collect();
/// assert!(names.contains(&"Twilio"));
/// ```
pub fn providers() -> &'static [ProviderInfo] {
    crate::generated::PROVIDERS
}

/// A provider: its id, names, and settings.
#[derive(Debug)]
#[non_exhaustive]
pub struct ProviderInfo {
    /// `provider_id` on the wire.
    pub id: &'static str,
    /// The settings' type in every language.
    pub type_name: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// What it sends: `type` of an integration.
    pub channel: &'static str,
    /// What it is.
    pub description: &'static str,
    /// Its settings, in the document's order.
    pub settings: &'static [SettingInfo],
}

/// One setting of a provider.
#[derive(Debug)]
#[non_exhaustive]
pub struct SettingInfo {
    /// The name on the wire.
    pub name: &'static str,
    /// The JSON type of its value.
    pub kind: SettingKind,
    /// Whether it must be given.
    pub required: bool,
    /// Whether it must not be shown.
    pub secret: bool,
    /// The least number of characters of a string.
    pub min_length: usize,
    /// The greatest number of characters of a string.
    pub max_length: usize,
    /// The only values it may have; empty when any will do.
    pub one_of: &'static [&'static str],
    /// What it is.
    pub description: &'static str,
}

/// The JSON type of a setting.
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
    /// The provider with this id, if this version knows it.
    pub fn of(id: &str) -> Option<&'static Self> {
        providers().iter().find(|p| p.id == id)
    }

    /// The setting of this name.
    pub fn setting(&self, name: &str) -> Option<&'static SettingInfo> {
        self.settings.iter().find(|s| s.name == name)
    }
}

impl SettingKind {
    /// Whether a value that was read is of this type.
    pub(crate) fn fits(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
        }
    }

    /// Whether a value that is about to be sent is of this type.
    pub(crate) fn admits(self, value: &Json<'_>) -> bool {
        match self {
            Self::String => matches!(value, Json::String(_)),
            Self::Integer => matches!(value, Json::Number { whole: true }),
            Self::Number => matches!(value, Json::Number { .. }),
            Self::Boolean => matches!(value, Json::Boolean),
        }
    }

    /// What it is, in words.
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Boolean => "true or false",
        }
    }
}
