//! A request body that has passed its checks: the only thing that the generated client is given to send.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use crate::json::Json;
use crate::{Error, NewIntegration, ProviderInfo, reveal, validation};

/// A request that has passed its checks, as the JSON text that will be sent. It does not show its settings.
#[derive(Clone)]
pub struct Body(Box<RawValue>);

impl Body {
    /// Reads and checks the JSON of a create.
    ///
    /// A provider that this version does not know is refused, unless `allow_unknown_provider`.
    ///
    /// ```
    /// let text = r#"{"name": "Bot", "provider_id": "2000", "settings": {"bot_token": "123:abc"}}"#;
    /// assert!(ocamba_hood::Body::new_integration(text, false).is_err());
    /// assert!(ocamba_hood::Body::new_integration(text, true).is_ok());
    /// ```
    ///
    /// # Errors
    ///
    /// [`Kind::Validation`](crate::Kind::Validation), which names the place of malformed JSON, or each field that is wrong.
    pub fn new_integration(text: &str, allow_unknown_provider: bool) -> Result<Self, Error> {
        // The parser's error tells the place, and nothing of what stands there.
        let malformed = |e| Error::validation("request", format!("is not valid JSON: {e}"));
        check(&serde_json::from_str(text).map_err(malformed)?, allow_unknown_provider)?;
        serde_json::from_str(text).map(Self).map_err(malformed)
    }

    /// The JSON, secrets in clear.
    pub fn expose(&self) -> &str {
        self.0.get()
    }
}

/// All the texts in a request that must not be shown: any setting may be one where the provider is not known.
pub(crate) fn secrets(request: &[u8]) -> Vec<String> {
    let Ok(request) = serde_json::from_slice::<Value>(request) else { return Vec::new() };
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

impl TryFrom<&NewIntegration> for Body {
    type Error = Error;

    /// From a typed request: an unknown provider is meant there.
    fn try_from(request: &NewIntegration) -> Result<Self, Error> {
        let members = [
            ("name", Some(request.name.as_str().into())),
            ("provider_id", Some(request.provider.id().into())),
            ("settings", Some(request.provider.settings())),
            ("status", request.status.as_ref().map(|status| status.as_str().into())),
        ];
        check(&members.into_iter().collect(), true)?;
        reveal(|| to_raw_value(request))
            .map(Self)
            .map_err(|_| Error::validation("request", "cannot be written as JSON"))
    }
}

fn check(request: &Json<'_>, allow_unknown_provider: bool) -> Result<(), Error> {
    let problems = validation::new_integration(request, allow_unknown_provider);
    if problems.is_empty() { Ok(()) } else { Err(Error::invalid(problems)) }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").finish_non_exhaustive()
    }
}

/// What the generated client is given: a body that serializes in clear, for the wire and nothing else.
#[doc(hidden)]
#[derive(Debug)]
pub struct Wire(pub(crate) Body);

impl Serialize for Wire {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.0.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_an_unknown_provider_is_sent_may_be_a_secret() {
        let settings = r#"{"a": "one", "b": {"c": ["two", {"d": 3333}], "e": null}}"#;
        let request = format!(r#"{{"name": "Example", "provider_id": "unheard of", "settings": {settings}}}"#);
        assert_eq!(secrets(request.as_bytes()), ["one", "two", "3333"]);
    }
}
