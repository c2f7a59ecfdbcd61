//! `listProviders`.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::account::page::Page;
use crate::contract::error_response;
use crate::server::handlers::call::Call;

pub fn list(call: &Call<'_>) -> Response {
    let all = call.server.providers.descriptions();
    let items = Page::of(&call.query).cut(&all);
    error_response::json(StatusCode::OK, &json!({ "total": all.len(), "items": items }))
}
