//! The request of a create.

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::value::to_raw_value;
use serde_json::{Map, Value};

use super::generated::exports::{Provider, Status};
use super::provider_info::ProviderInfo;
use super::raw_values::RawValues;
use super::request_body::RequestBody;
use crate::error::Error;
use crate::secret::reveal;

/// Request of a create: a name, and a provider with its settings.
///
/// A provider with another provider's settings does not compile.
///
/// # From JSON
///
/// Deserialization checks the request. The error names each invalid field, and quotes no value:
///
/// ```
/// use ocamba_hood::NewIntegration;
///
/// let error = NewIntegration::from_json(r#"{"name": "", "provider_id": "1004", "settings": {"api_key": 5}}"#)
///     .unwrap_err();
/// let fields: Vec<_> = error.field_errors().iter().map(|p| p.field.as_str()).collect();
/// assert_eq!(fields, ["name", "settings.api_key", "settings.sender_name"]);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NewIntegration {
    /// Name, 1 to 100 characters.
    pub name: String,
    /// Provider with its settings.
    #[serde(flatten)]
    pub provider: Provider,
    /// Status; `None` leaves it to the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

impl NewIntegration {
    /// Creates a request for an active integration.
    ///
    /// ```
    /// use ocamba_hood::{Mitto, NewIntegration};
    ///
    /// let settings = Mitto { api_key: "AScs8XXX".into(), sender_name: "Example".into() };
    /// let request = NewIntegration::new("Example Mitto", settings);
    /// ```
    pub fn new(name: impl Into<String>, provider: impl Into<Provider>) -> Self {
        Self { name: name.into(), provider: provider.into(), status: Some(Status::Active) }
    }

    /// Sets another status.
    pub fn status(self, status: impl Into<Status>) -> Self {
        Self { status: Some(status.into()), ..self }
    }

    /// Reads and checks the JSON that will be sent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation), with the position of malformed JSON, or each invalid field.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        RequestBody::new_integration(text, false)?.try_into()
    }

    /// Reads as [`from_json`](Self::from_json) does, and accepts providers that this version does not know, unchecked.
    pub fn from_json_allowing_unknown_providers(text: &str) -> Result<Self, Error> {
        RequestBody::new_integration(text, true)?.try_into()
    }
}

impl<'de> Deserialize<'de> for NewIntegration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let request = Value::deserialize(deserializer)?;
        RequestBody::new_integration(&request.to_string(), false).and_then(Self::try_from).map_err(de::Error::custom)
    }
}

impl TryFrom<&NewIntegration> for RequestBody {
    type Error = Error;

    /// Writes and checks a typed request, in which an unknown provider is allowed.
    fn try_from(request: &NewIntegration) -> Result<Self, Error> {
        let json = reveal(|| to_raw_value(request));
        Self::checked(json.map_err(|_| Error::validation("request", "cannot be written as JSON"))?, true)
    }
}

impl TryFrom<RequestBody> for NewIntegration {
    type Error = Error;

    fn try_from(body: RequestBody) -> Result<Self, Error> {
        let mut fields: Map<String, Value> = serde_json::from_str(body.expose()).map_err(|_| unreadable())?;
        let mut text = |name: &str| match fields.get_mut(name).map(Value::take) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let (name, provider_id, status) = (text("name"), text("provider_id"), text("status"));
        let (name, provider_id) = (name.ok_or_else(unreadable)?, provider_id.ok_or_else(unreadable)?);
        let settings = fields.get_mut("settings").map(Value::take).unwrap_or_default();
        let provider = match ProviderInfo::of(&provider_id) {
            Some(_) => Provider::known(&provider_id, &settings).and_then(Result::ok).ok_or_else(unreadable)?,
            None => Provider::Unknown { provider_id, settings: RawValues::new(settings) },
        };
        Ok(Self { name, provider, status: status.map(Status::from) })
    }
}

/// Returns an error that checked bodies never have.
fn unreadable() -> Error {
    Error::validation("request", "could not be read")
}
