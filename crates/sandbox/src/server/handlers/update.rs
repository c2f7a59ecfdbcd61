//! `updateIntegration`.

use axum::response::Response;
use serde_json::from_value;

use crate::account::integration::Update;
use crate::contract::error_response::ErrorResponse;
use crate::server::handlers::call::{Call, id, no_content, not_found};

pub async fn update(call: Call<'_>) -> Result<Response, ErrorResponse> {
    let mut call = call.checked().await?;
    let mut update: Update = from_value(call.body.take()).map_err(|_| ErrorResponse::server_error())?;
    let store = &call.server.store;
    let id = id(&call.path);
    // The provider of an integration, which determines its settings, never changes.
    let integration = store.get(id).ok_or_else(not_found)?;
    let provider = call.server.providers.get(&integration.provider_id).ok_or_else(ErrorResponse::server_error)?;
    update.settings = update
        .settings
        .map(|settings| provider.check_update(settings))
        .transpose()
        .map_err(ErrorResponse::bad_request)?;
    drop(integration);
    store.update(id, |integration| integration.apply(update)).ok_or_else(not_found)?;
    call.committed(Some(id));
    Ok(no_content())
}
