//! Checks settings against the server's description of their provider.

use napi::bindgen_prelude::*;
use napi_derive::napi;
use ocamba_hood::{ProviderDescription, RawSettings};

use crate::client::Client;
use crate::failure::Failure;

#[napi]
impl Client {
    /// Throws if the settings are invalid. Both arguments are JSON, and so is the reason of the failure.
    #[napi(catch_unwind)]
    pub fn check_settings(description: String, settings: String) -> Result<()> {
        let invalid = |field, message| move |_| Failure::thrown(Failure::validation(field, message));
        let description: ProviderDescription = serde_json::from_str(&description)
            .map_err(invalid("description", "must be a description from `providers.list`"))?;
        let settings = serde_json::from_str(&settings).map_err(invalid("settings", "could not be read as JSON"))?;
        let checked = description.provider(RawSettings::new(settings));
        checked.map(drop).map_err(Failure::thrown)
    }
}
