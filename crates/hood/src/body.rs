//! A request body that has passed its checks: the only thing that the generated client is given to send.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::{Error, NewIntegration, ProviderInfo, reveal, validation};

/// A request that has passed its checks, as the JSON that will be sent. It does not show its settings.
#[derive(Clone)]
pub struct Body(Value);

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
        let request =
            serde_json::from_str(text).map_err(|e| Error::validation("request", format!("is not valid JSON: {e}")))?;
        Self::checked(request, allow_unknown_provider)
    }

    /// Checks what was parsed already.
    pub(crate) fn checked(request: Value, allow_unknown_provider: bool) -> Result<Self, Error> {
        let problems = validation::new_integration(&request, allow_unknown_provider);
        if problems.is_empty() { Ok(Self(request)) } else { Err(Error::invalid(problems)) }
    }

    /// All the texts that must not be shown: any setting may be one where the provider is not known.
    pub(crate) fn secrets(&self) -> Vec<&str> {
        let provider = self.0["provider_id"].as_str().and_then(ProviderInfo::of);
        let hidden = |name: &str| provider.and_then(|p| p.setting(name)).is_none_or(|s| s.secret);
        let settings = self.0["settings"].as_object().into_iter().flatten();
        settings.filter(|(name, _)| hidden(name)).filter_map(|(_, value)| value.as_str()).collect()
    }

    pub(crate) fn into_value(self) -> Value {
        self.0
    }
}

impl TryFrom<&NewIntegration> for Body {
    type Error = Error;

    /// From a typed request: an unknown provider is meant there.
    fn try_from(request: &NewIntegration) -> Result<Self, Error> {
        let value = reveal(|| serde_json::to_value(request))
            .map_err(|_| Error::validation("request", "cannot be written as JSON"))?;
        Self::checked(value, true)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("name", &self.0["name"]).field("provider_id", &self.0["provider_id"]).finish()
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
