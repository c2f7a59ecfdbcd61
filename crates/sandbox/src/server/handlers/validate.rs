//! `validateIntegration`.

use axum::response::Response;
use serde_json::Value;

use crate::contract::error_response::ErrorResponse;
use crate::server::handlers::call::{Call, not_accepted, nothing_to_say};
use crate::server::state::Server;

pub async fn validate(call: Call<'_>) -> Result<Response, ErrorResponse> {
    let call = call.carried().await?;
    credentials(call.server, &call.body)?;
    Ok(nothing_to_say())
}

/// Asks the provider of an integration that a create would take.
pub fn credentials(server: &Server, new: &Value) -> Result<(), ErrorResponse> {
    let provider = new["provider_id"].as_str().and_then(|id| server.providers.get(id));
    let accepted = provider.ok_or_else(ErrorResponse::server_error)?.accepts(&new["settings"]);
    if accepted { Ok(()) } else { Err(not_accepted()) }
}
