//! What an update sends.

use serde::Serialize;

use crate::{SettingsUpdate, Status};

/// Changes to an integration: what is not set stays as it is.
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
    /// Another name, 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Another status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The settings that change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<SettingsUpdate>,
}

impl UpdateIntegration {
    /// An update that changes nothing yet. One that is sent must change something.
    pub fn new() -> Self {
        Self::default()
    }

    /// With another name, 1 to 100 characters.
    pub fn name(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// With another status.
    pub fn status(self, status: impl Into<Status>) -> Self {
        Self { status: Some(status.into()), ..self }
    }

    /// With other settings. They must be those of the integration's provider: the server drops what is not.
    pub fn settings(self, settings: impl Into<SettingsUpdate>) -> Self {
        Self { settings: Some(settings.into()), ..self }
    }
}
