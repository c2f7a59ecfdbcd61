//! `listProviders`.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::Call;
use crate::answer;
use crate::page::Page;

pub fn list(call: &Call<'_>) -> Response {
    let all = call.server.providers.descriptions();
    let items = Page::of(&call.query).cut(&all);
    answer::json(StatusCode::OK, &json!({ "total": all.len(), "items": items }))
}
