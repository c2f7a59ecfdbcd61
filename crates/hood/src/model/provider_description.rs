//! A check of settings by the server's description of their provider.

use serde_json::Value;

use super::generated::exports::Provider;
use super::raw_values::RawValues;
use super::results::{ProviderDescription, SettingDescription};
use crate::error::{Error, FieldError};

impl ProviderDescription {
    /// Returns the provider with these settings, after checking them: required settings must be present, and others than the
    /// described ones must not.
    ///
    /// So the settings of a provider that this version does not know are checked before they are sent:
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
