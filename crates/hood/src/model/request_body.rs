//! A checked request body, the only kind that the generated client writes.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use super::provider_info::ProviderInfo;
use super::validation;
use crate::error::Error;

/// Checked request, as the JSON text that will be sent. `Debug` does not show its settings.
#[derive(Clone)]
pub struct RequestBody(Box<RawValue>);

impl RequestBody {
    /// Reads and checks the JSON of a create.
    ///
    /// A provider that this version does not know is refused, unless `allow_unknown_provider` is set.
    ///
    /// ```
    /// let text = r#"{"name": "Bot", "provider_id": "2000", "settings": {"bot_token": "123:abc"}}"#;
    /// assert!(ocamba_hood::RequestBody::new_integration(text, false).is_err());
    /// assert!(ocamba_hood::RequestBody::new_integration(text, true).is_ok());
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation), with the position of malformed JSON, or each invalid field.
    pub fn new_integration(text: &str, allow_unknown_provider: bool) -> Result<Self, Error> {
        Self::checked(serde_json::from_str(text).map_err(malformed_request)?, allow_unknown_provider)
    }

    /// Checks the JSON of a create.
    pub(crate) fn checked(json: Box<RawValue>, allow_unknown_provider: bool) -> Result<Self, Error> {
        let request = serde_json::from_str(json.get()).map_err(malformed_request)?;
        let errors = validation::new_integration(&request, allow_unknown_provider);
        if errors.is_empty() { Ok(Self(json)) } else { Err(Error::invalid(errors)) }
    }

    /// Reads and checks the JSON of an update: `name`, `status` and `settings`, and `provider_id` to check the settings by,
    /// which is not sent.
    pub(crate) fn update_integration(text: &str, allow_unknown_provider: bool) -> Result<Self, Error> {
        /// Fields that are sent.
        #[derive(Deserialize, Serialize)]
        struct Update<'a> {
            #[serde(borrow, skip_serializing_if = "Option::is_none")]
            name: Option<&'a RawValue>,
            #[serde(borrow, skip_serializing_if = "Option::is_none")]
            status: Option<&'a RawValue>,
            #[serde(borrow, skip_serializing_if = "Option::is_none")]
            settings: Option<&'a RawValue>,
        }
        let malformed = |e| Error::validation("update", format!("is not valid JSON: {e}"));
        let errors = validation::update(&serde_json::from_str(text).map_err(malformed)?, allow_unknown_provider);
        if !errors.is_empty() {
            return Err(Error::invalid(errors));
        }
        let update: Update<'_> = serde_json::from_str(text).map_err(malformed)?;
        to_raw_value(&update).map(Self).map_err(malformed)
    }

    /// Composes the test of an existing integration.
    pub(crate) fn test_of(id: &str) -> Result<Self, Error> {
        Self::unchecked(&serde_json::json!({ "integration": { "id": id } }).to_string())
    }

    /// Composes the test of an integration that is not created yet.
    pub(crate) fn test_with(request: &Self) -> Result<Self, Error> {
        Self::unchecked(&format!("{{\"integration\":{}}}", request.expose()))
    }

    /// Takes JSON that was composed of checked JSON.
    pub(crate) fn unchecked(text: &str) -> Result<Self, Error> {
        serde_json::from_str(text).map(Self).map_err(|_| Error::validation("request", "cannot be written as JSON"))
    }

    /// Returns the name and provider, by which a create is found again.
    pub(crate) fn name_and_provider(&self) -> (String, String) {
        #[derive(Deserialize)]
        struct Named {
            name: String,
            provider_id: String,
        }
        let named = serde_json::from_str(self.0.get());
        named.map_or_else(|_| Default::default(), |Named { name, provider_id }| (name, provider_id))
    }

    /// Returns the JSON for the generated client, secrets in clear.
    pub(crate) fn raw(&self) -> &RawValue {
        &self.0
    }

    /// Returns the JSON, secrets in clear.
    pub fn expose(&self) -> &str {
        self.0.get()
    }
}

/// Returns the parser's error, which has the position and quotes nothing.
fn malformed_request(error: serde_json::Error) -> Error {
    Error::validation("request", format!("is not valid JSON: {error}"))
}

/// Returns all texts of a request that must not be shown: of an unknown provider, every setting.
pub fn secrets_of(request: &[u8]) -> Vec<String> {
    let Ok(mut request) = serde_json::from_slice::<Value>(request) else { return Vec::new() };
    // A test contains the request of an integration.
    if request["integration"].is_object() {
        request = request["integration"].take();
    }
    let provider = request["provider_id"].as_str().and_then(ProviderInfo::of);
    let hidden = |name: &str| provider.and_then(|p| p.setting(name)).is_none_or(|s| s.secret);
    let mut secrets = Vec::new();
    for (name, value) in request["settings"].as_object().into_iter().flatten() {
        if hidden(name) {
            collect_texts(value, &mut secrets);
        }
    }
    secrets
}

fn collect_texts(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Number(number) => texts.push(number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, texts)),
        Value::Object(members) => members.values().for_each(|member| collect_texts(member, texts)),
        Value::Null | Value::Bool(_) => {}
    }
}

impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBody").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_settings_of_an_unknown_provider_are_secret() {
        let settings = r#"{"a": "one", "b": {"c": ["two", {"d": 3333}], "e": null}}"#;
        let request = format!(r#"{{"name": "Example", "provider_id": "unknown", "settings": {settings}}}"#);
        assert_eq!(secrets_of(request.as_bytes()), ["one", "two", "3333"]);
    }
}
