//! The responses of commands.

use ocamba_hood::{CheckedBody, Integration, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::shared::failure::Failure;
use crate::shared::options::Global;
use crate::shared::output;

/// Decodes a response.
pub fn decode<T: DeserializeOwned>(response: &Response<CheckedBody>) -> Result<T, Failure> {
    serde_json::from_str(response.value.as_str())
        .map_err(|error| Failure::other(format!("the response cannot be read: {error}")))
}

/// Converts an integration to JSON. Its secrets are hidden without --reveal.
pub fn to_json(integration: &Integration, global: &Global) -> Result<Value, Failure> {
    let json = || output::json(integration);
    if global.reveal { ocamba_hood::reveal(json) } else { json() }
}
