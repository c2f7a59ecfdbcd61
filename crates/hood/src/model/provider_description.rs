//! A provider in the server's own words.

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Map, Value};

use super::generated::exports::{IntegrationType, Provider};
use super::raw_settings::RawSettings;
use crate::error::{Error, FieldError};

/// A provider, as the server describes it. From [`Providers::list`](crate::Providers::list).
///
/// With it, settings of a provider that this version does not know can be checked before they are sent:
///
/// ```
/// use ocamba_hood::{NewIntegration, ProviderDescription, RawSettings};
///
/// let text = r#"{"id": "2000", "name": "Bot", "settings": [{"name": "bot_token", "required": true}]}"#;
/// let described: ProviderDescription = serde_json::from_str(text)?;
///
/// let provider = described.provider(RawSettings::from_iter([("bot_token", "123:abc".into())]))?;
/// let request = NewIntegration::new("My bot", provider);
///
/// let error = described.provider(RawSettings::from_iter([("token", "123:abc".into())])).unwrap_err();
/// assert_eq!(error.field_errors()[0].field, "settings.bot_token");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ProviderDescription {
    /// `provider_id` of its integrations.
    pub id: String,
    /// What it sends: `type` on the wire.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<IntegrationType>,
    /// The name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its logo; of what form is not documented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// Its settings; none where the server did not tell them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<Vec<SettingDescription>>,
    /// Fields that this version does not know, or whose values it did not expect.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A provider's setting, as the server describes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SettingDescription {
    /// The name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The name in `settings`.
    pub name: String,
    /// What its value is: `type` on the wire. Which words there are is not documented.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whether a create must have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    /// Whether it should be used no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<bool>,
    /// Fields that this version does not know, or whose values it did not expect.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl ProviderDescription {
    /// The provider with these settings, checked against the description: what is required is there, and nothing else
    /// than what is described.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation), which names each setting that is wrong.
    pub fn provider(&self, settings: RawSettings) -> Result<Provider, Error> {
        let problems = self.problems(settings.expose());
        match problems.is_empty() {
            true => Ok(Provider::Unknown { provider_id: self.id.clone(), settings }),
            false => Err(Error::invalid(problems)),
        }
    }

    fn problems(&self, settings: &Value) -> Vec<FieldError> {
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
    /// Whether a value is of the type, where the type is one of JSON's.
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
        let mut fields = Map::deserialize(deserializer)?;
        let id = match fields.remove("id") {
            Some(Value::String(id)) => id,
            Some(Value::Number(id)) => id.to_string(),
            _ => return Err(de::Error::custom("a provider needs an `id`")),
        };
        Ok(Self {
            id,
            kind: take(&mut fields, "type"),
            name: take(&mut fields, "name"),
            logo: take(&mut fields, "logo"),
            settings: take(&mut fields, "settings"),
            extra: fields,
        })
    }
}

impl<'de> Deserialize<'de> for SettingDescription {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Map::deserialize(deserializer)?;
        let name = take(&mut fields, "name").ok_or_else(|| de::Error::custom("a setting needs a `name`"))?;
        Ok(Self {
            title: take(&mut fields, "title"),
            name,
            kind: take(&mut fields, "type"),
            required: take(&mut fields, "required"),
            deprecated: take(&mut fields, "deprecated"),
            extra: fields,
        })
    }
}

/// Takes out a field of the type that was promised. One of another type stays.
fn take<T: serde::de::DeserializeOwned>(fields: &mut Map<String, Value>, name: &str) -> Option<T> {
    let value = T::deserialize(fields.get(name)?).ok()?;
    fields.remove(name);
    Some(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whatever_comes_is_read_and_written_back_unchanged() {
        for value in [
            json!({"id": "1", "type": "owl", "name": "Owl", "logo": null, "settings": [{"name": "a", "type": null}]}),
            json!({"id": "1", "settings": null, "name": 7, "new": [1]}),
            json!({"id": "1", "settings": [{"title": "no name"}]}),
        ] {
            let read: ProviderDescription = serde_json::from_value(value.clone()).expect("a provider");
            assert_eq!(serde_json::to_value(&read).expect("JSON"), value);
        }
        assert!(serde_json::from_value::<ProviderDescription>(json!({"name": "x"})).is_err());
    }

    #[test]
    fn settings_are_checked_as_far_as_they_are_described() {
        let text = json!({"id": "1", "settings": [
            {"name": "key", "type": "string", "required": true}, {"name": "port", "type": "integer"}, {"name": "x", "type": "odd"},
        ]});
        let described: ProviderDescription = serde_json::from_value(text).expect("a provider");
        let wrong = |settings: Value| -> Vec<String> {
            let checked = described.provider(RawSettings::new(settings));
            checked.err().map(|e| e.field_errors().iter().map(|p| p.field.clone()).collect()).unwrap_or_default()
        };
        assert!(wrong(json!({"key": "canary", "x": [1]})).is_empty());
        assert_eq!(wrong(json!({"port": "587", "foreign": 1})), ["settings.key", "settings.port", "settings.foreign"]);
        assert_eq!(wrong(json!(null)), ["settings"]);
    }
}
