//! A provider, as the server describes it.

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use super::generated::exports::{IntegrationType, Provider};
use super::raw_values::RawValues;
use super::tolerant::{keep, keep_id, read_fields};
use crate::error::{Error, FieldError};

/// Provider, as the server describes it. From [`Providers::list`](crate::Providers::list).
///
/// It checks the settings of a provider that this version does not know, before they are sent:
///
/// ```
/// use ocamba_hood::{NewIntegration, ProviderDescription, RawValues};
///
/// let text = r#"{"id": "2000", "name": "Bot", "settings": [{"name": "bot_token", "required": true}]}"#;
/// let described: ProviderDescription = serde_json::from_str(text)?;
///
/// let provider = described.provider(RawValues::from_iter([("bot_token", "123:abc".into())]))?;
/// let request = NewIntegration::new("My bot", provider);
///
/// let error = described.provider(RawValues::from_iter([("token", "123:abc".into())])).unwrap_err();
/// assert_eq!(error.field_errors()[0].field, "settings.bot_token");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ProviderDescription {
    /// Value of `provider_id` of its integrations.
    pub id: String,
    /// What its integrations send: `type` in the JSON.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<IntegrationType>,
    /// Name to show to people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Logo. Its form is not documented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// Settings; `None` where the server did not send them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<Vec<SettingDescription>>,
    /// Fields that this version does not know, or whose values have an unexpected type.
    #[serde(flatten)]
    pub extra: RawValues,
}

/// Setting of a provider, as the server describes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SettingDescription {
    /// Name to show to people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Name in `settings`.
    pub name: String,
    /// Type of its value: `type` in the JSON. The possible words are not documented.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whether a create must have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    /// Whether new integrations should leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<bool>,
    /// Fields that this version does not know, or whose values have an unexpected type.
    #[serde(flatten)]
    pub extra: RawValues,
}

impl ProviderDescription {
    /// Returns the provider with these settings, after checking them: required settings must be present, and others than the
    /// described ones must not.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation), which names each invalid setting.
    pub fn provider(&self, settings: RawValues) -> Result<Provider, Error> {
        let errors = self.errors(settings.expose());
        match errors.is_empty() {
            true => Ok(Provider::Unknown { provider_id: self.id.clone(), settings }),
            false => Err(Error::invalid(errors)),
        }
    }

    fn errors(&self, settings: &Value) -> Vec<FieldError> {
        let Some(described) = &self.settings else { return Vec::new() };
        let who = self.name.as_deref().unwrap_or(&self.id);
        let Value::Object(given) = settings else { return vec![FieldError::new("settings", "must be an object")] };
        let wrong = |setting: &SettingDescription| {
            let message = match given.get(&setting.name) {
                None if setting.required == Some(true) => format!("is required by {who}"),
                Some(value) if !setting.admits(value) => {
                    format!("must be of the type {}", setting.kind.as_deref().unwrap_or_default())
                }
                _ => return None,
            };
            Some(FieldError::new(format!("settings.{}", setting.name), message))
        };
        let is_described = |name: &String| described.iter().any(|setting| setting.name == *name);
        let known: Vec<_> = described.iter().map(|setting| setting.name.as_str()).collect();
        let foreign = given.keys().filter(|name| !is_described(name)).map(|name| {
            FieldError::new(
                format!("settings.{name}"),
                format!("is not a setting of {who}; it has {}", known.join(", ")),
            )
        });
        described.iter().filter_map(wrong).chain(foreign).collect()
    }
}

impl SettingDescription {
    /// Returns true when a value has this type, or the type is none of JSON's.
    fn admits(&self, value: &Value) -> bool {
        match self.kind.as_deref() {
            Some("string") => value.is_string(),
            Some("integer") => value.is_i64() || value.is_u64(),
            Some("number") => value.is_number(),
            Some("boolean") => value.is_boolean(),
            _ => true,
        }
    }
}

impl<'de> Deserialize<'de> for ProviderDescription {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (mut id, mut kind, mut name, mut logo, mut settings) = Default::default();
        let extra = read_fields(deserializer, |field, value| match field {
            "id" => keep_id(&mut id, value),
            "type" => keep(&mut kind, value),
            "name" => keep(&mut name, value),
            "logo" => keep(&mut logo, value),
            "settings" => keep(&mut settings, value),
            _ => Some(value),
        })?;
        let id = id.ok_or_else(|| de::Error::custom("a provider needs an `id`"))?;
        Ok(Self { id, kind, name, logo, settings, extra })
    }
}

impl<'de> Deserialize<'de> for SettingDescription {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (mut title, mut name, mut kind, mut required, mut deprecated) = Default::default();
        let extra = read_fields(deserializer, |field, value| match field {
            "title" => keep(&mut title, value),
            "name" => keep(&mut name, value),
            "type" => keep(&mut kind, value),
            "required" => keep(&mut required, value),
            "deprecated" => keep(&mut deprecated, value),
            _ => Some(value),
        })?;
        let name = name.ok_or_else(|| de::Error::custom("a setting needs a `name`"))?;
        Ok(Self { title, name, kind, required, deprecated, extra })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_are_checked_against_the_description() {
        let text = json!({"id": "1", "settings": [
            {"name": "key", "type": "string", "required": true}, {"name": "port", "type": "integer"}, {"name": "x", "type": "odd"},
        ]});
        let described: ProviderDescription = serde_json::from_value(text).expect("a provider");
        let wrong = |settings: Value| -> Vec<String> {
            let checked = described.provider(RawValues::new(settings));
            checked.err().map(|e| e.field_errors().iter().map(|p| p.field.clone()).collect()).unwrap_or_default()
        };
        assert!(wrong(json!({"key": "canary", "x": [1]})).is_empty());
        assert_eq!(wrong(json!({"port": "587", "foreign": 1})), ["settings.key", "settings.port", "settings.foreign"]);
        assert_eq!(wrong(json!(null)), ["settings"]);
    }
}
