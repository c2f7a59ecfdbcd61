//! The operations without an effect on the account: get, list, the providers, and validation.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::account::integration::Integration;
use crate::account::listing::{Listing, Page};
use crate::account::view::View;
use crate::contract::error_response::{self, ErrorResponse};
use crate::contract::memory::Memory;
use crate::contract::unknowns::Total;
use crate::server::handlers::call::{Call, no_content, not_accepted, not_found};
use crate::server::state::Server;

/// `listIntegrations`.
pub async fn list(call: Call<'_>) -> Result<Response, ErrorResponse> {
    let (server, account) = (call.server, call.account);
    let (view, assumed) = (View::of(&call.query, &server.assumed)?, &server.assumed);
    let listing = Listing::of(&call.query, assumed)?;
    // A snapshot, so that `total` and the items agree, whatever is created meanwhile.
    let snapshot = || listing.select(server.store.all(Some(account)));
    let cut = Page::of(&call.query, assumed)?;
    let found = snapshot();
    let bytes: usize = cut.cut(&found).iter().map(|it| it.bytes() + EACH).sum();
    let make = |found: &[Arc<Integration>]| {
        let page = cut.cut(found);
        let total = match assumed.total {
            Total::All => Some(found.len()),
            Total::Page => Some(page.len()),
            Total::Missing => None,
        };
        let items = list_of(total, page, bytes, |it| view.show(it, &server.providers, assumed));
        error_response::written(StatusCode::OK, items)
    };
    if !Memory::is_large(bytes as u64) {
        return Ok(make(&found));
    }
    // Made again once there is memory: a snapshot that waits would keep integrations that the store has dropped.
    drop(found);
    Ok(server.memory.respond(bytes, || make(&snapshot())).await)
}

/// About the size of an integration without its texts, in bytes.
const EACH: usize = 512;

/// Writes one item after another, since together they may be large.
fn list_of(
    total: Option<usize>,
    page: &[Arc<Integration>],
    bytes: usize,
    show: impl Fn(&Integration) -> Map<String, Value>,
) -> serde_json::Result<Vec<u8>> {
    let mut text = Vec::with_capacity(bytes);
    let total = total.map_or_else(String::new, |total| format!(r#""total":{total},"#));
    text.extend_from_slice(format!(r#"{{{total}"items":["#).as_bytes());
    for (index, integration) in page.iter().enumerate() {
        text.extend_from_slice(if index == 0 { b"" } else { b"," });
        serde_json::to_writer(&mut text, &show(integration))?;
    }
    text.extend_from_slice(b"]}");
    Ok(text)
}

/// `getIntegration`.
pub fn get(call: &Call<'_>) -> Result<Response, ErrorResponse> {
    let found = call.server.store.get(call.account, call.id()).ok_or_else(|| not_found(call.server, call.id()))?;
    call.is_of(&found.provider_id);
    let assumed = &call.server.assumed;
    let shown = View::of(&call.query, assumed)?.show(&found, &call.server.providers, assumed);
    Ok(error_response::json(StatusCode::OK, &Value::from(shown)))
}

/// `listProviders`.
pub fn providers(call: &Call<'_>) -> Result<Response, ErrorResponse> {
    let all = call.server.providers.descriptions();
    let items = Page::of(&call.query, &call.server.assumed)?.cut(&all);
    Ok(error_response::json(StatusCode::OK, &json!({ "total": all.len(), "items": items })))
}

/// `validateIntegration`.
pub async fn validate(call: Call<'_>) -> Result<Response, ErrorResponse> {
    let call = call.checked().await?;
    check_credentials(call.server, &call.body)?;
    Ok(no_content(call.server))
}

/// Checks the credentials of a valid new integration with its provider.
pub fn check_credentials(server: &Server, new: &Value) -> Result<(), ErrorResponse> {
    let provider = new["provider_id"].as_str().and_then(|id| server.providers.get(id));
    let accepted = provider.ok_or_else(ErrorResponse::server_error)?.accepts(&new["settings"]);
    if accepted { Ok(()) } else { Err(not_accepted(server)) }
}
