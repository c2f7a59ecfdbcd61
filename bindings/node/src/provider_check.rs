//! Settings checked against the server's own description of their provider.

use napi::bindgen_prelude::*;
use napi_derive::napi;
use ocamba_hood::{ProviderDescription, RawSettings};

use crate::client::Client;
use crate::failure::Failure;

#[napi]
impl Client {
    /// Throws what is wrong with the settings: both are JSON texts, and so is the failure's reason.
    #[napi(catch_unwind)]
    pub fn check_settings(description: String, settings: String) -> Result<()> {
        const DESCRIPTION: &str = "must be one of those that `providers.list` gives";
        let described: ProviderDescription =
            serde_json::from_str(&description).map_err(|_| Failure::validation("description", DESCRIPTION).reason())?;
        let settings = serde_json::from_str(&settings)
            .map_err(|_| Failure::validation("settings", "cannot be read as JSON").reason())?;
        let checked = described.provider(RawSettings::new(settings));
        checked.map(|_| ()).map_err(|error| Failure::from(&error).reason())
    }
}
