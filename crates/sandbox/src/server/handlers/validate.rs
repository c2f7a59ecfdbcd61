//! `validateIntegration`.

use axum::response::Response;
use serde_json::Value;

use crate::contract::error_response::ErrorResponse;
use crate::server::handlers::call::{Call, no_content, not_accepted};
use crate::server::state::Server;

pub async fn validate(call: Call<'_>) -> Result<Response, ErrorResponse> {
    let call = call.checked().await?;
    credentials(call.server, &call.body)?;
    Ok(no_content())
}

/// Checks the credentials of a valid new integration with its provider.
pub fn credentials(server: &Server, new: &Value) -> Result<(), ErrorResponse> {
    let provider = new["provider_id"].as_str().and_then(|id| server.providers.get(id));
    let accepted = provider.ok_or_else(ErrorResponse::server_error)?.accepts(&new["settings"]);
    if accepted { Ok(()) } else { Err(not_accepted()) }
}
