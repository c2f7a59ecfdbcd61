//! The operations without an effect on the account: get, list, the providers, and validation.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::account::listing::{Listing, Page};
use crate::account::view::View;
use crate::contract::error_response::{self, ErrorResponse};
use crate::server::handlers::call::{Call, no_content, not_accepted, not_found};
use crate::server::state::Server;

/// `listIntegrations`.
pub fn list(call: &Call<'_>) -> Response {
    let view = View::of(&call.query);
    // A snapshot, so that `total` and the items agree, whatever is created meanwhile.
    let found = Listing::of(&call.query).select(call.server.store.all());
    let page = Page::of(&call.query).cut(&found);
    let items: Vec<_> = page.iter().map(|it| view.show(it, &call.server.providers)).collect();
    error_response::json(StatusCode::OK, &json!({ "total": found.len(), "items": items }))
}

/// `getIntegration`.
pub fn get(call: &Call<'_>) -> Result<Response, ErrorResponse> {
    let found = call.server.store.get(call.id()).ok_or_else(not_found)?;
    let shown = View::of(&call.query).show(&found, &call.server.providers);
    Ok(error_response::json(StatusCode::OK, &Value::from(shown)))
}

/// `listProviders`.
pub fn providers(call: &Call<'_>) -> Response {
    let all = call.server.providers.descriptions();
    let items = Page::of(&call.query).cut(&all);
    error_response::json(StatusCode::OK, &json!({ "total": all.len(), "items": items }))
}

/// `validateIntegration`.
pub async fn validate(call: Call<'_>) -> Result<Response, ErrorResponse> {
    let call = call.checked().await?;
    check_credentials(call.server, &call.body)?;
    Ok(no_content())
}

/// Checks the credentials of a valid new integration with its provider.
pub fn check_credentials(server: &Server, new: &Value) -> Result<(), ErrorResponse> {
    let provider = new["provider_id"].as_str().and_then(|id| server.providers.get(id));
    let accepted = provider.ok_or_else(ErrorResponse::server_error)?.accepts(&new["settings"]);
    if accepted { Ok(()) } else { Err(not_accepted()) }
}
