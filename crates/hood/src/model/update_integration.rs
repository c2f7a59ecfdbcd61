//! The request of an update.

use serde::Serialize;

use super::generated::exports::{SettingsUpdate, Status};
use super::request_body::RequestBody;
use crate::error::Error;
use crate::secret::reveal;

/// Changes to an integration. Fields that are not set keep their values.
///
/// ```
/// # async fn example(client: ocamba_hood::Client) -> Result<(), ocamba_hood::Error> {
/// use ocamba_hood::{TwilioUpdate, UpdateIntegration};
///
/// let settings = TwilioUpdate { auth_token: "464XXX".into(), ..Default::default() };
/// let update = UpdateIntegration::new().name("Another name").settings(settings);
/// client.integrations().update("1165", update).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct UpdateIntegration {
    /// New name, 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// New status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Settings to change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<SettingsUpdate>,
}

impl UpdateIntegration {
    /// Creates an update without changes. At least one must be set before it is sent.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a new name, 1 to 100 characters.
    pub fn name(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// Sets a new status.
    pub fn status(self, status: impl Into<Status>) -> Self {
        Self { status: Some(status.into()), ..self }
    }

    /// Sets new settings. They must be those of the integration's provider: the server drops others.
    pub fn settings(self, settings: impl Into<SettingsUpdate>) -> Self {
        Self { settings: Some(settings.into()), ..self }
    }
}

impl TryFrom<&UpdateIntegration> for RequestBody {
    type Error = Error;

    /// Writes and checks a typed update, in which an unknown provider is allowed.
    fn try_from(update: &UpdateIntegration) -> Result<Self, Error> {
        /// An update with the ID by which its settings are checked; the ID is not sent.
        #[derive(Serialize)]
        struct WithProvider<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            provider_id: Option<&'static str>,
            #[serde(flatten)]
            update: &'a UpdateIntegration,
        }
        let provider_id = update.settings.as_ref().and_then(SettingsUpdate::provider_id);
        let text = reveal(|| serde_json::to_string(&WithProvider { provider_id, update }));
        Self::update_integration(&text.map_err(|_| Error::validation("update", "cannot be written as JSON"))?, true)
    }
}
