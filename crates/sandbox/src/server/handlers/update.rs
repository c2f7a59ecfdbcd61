//! `updateIntegration`.

use axum::response::Response;
use serde_json::from_value;

use crate::account::integration::Change;
use crate::contract::error_response::ErrorResponse;
use crate::server::handlers::call::{Call, id, invalid, not_found, nothing_to_say};

pub async fn update(call: Call<'_>) -> Result<Response, ErrorResponse> {
    let mut call = call.carried().await?;
    let mut change: Change = from_value(call.body.take()).map_err(|_| ErrorResponse::server_error())?;
    let store = &call.server.store;
    let id = id(&call.path);
    // Its provider, which says what the settings may be, never changes.
    let integration = store.get(id).ok_or_else(not_found)?;
    let provider = call.server.providers.get(&integration.provider_id).ok_or_else(ErrorResponse::server_error)?;
    change.settings = change.settings.map(|settings| provider.change(settings)).transpose().map_err(invalid)?;
    drop(integration);
    store.update(id, |integration| integration.apply(change)).ok_or_else(not_found)?;
    call.committed(Some(id));
    Ok(nothing_to_say())
}
