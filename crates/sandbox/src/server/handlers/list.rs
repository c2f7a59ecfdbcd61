//! `listIntegrations` and `getIntegration`.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::account::listing::Listing;
use crate::account::page::Page;
use crate::account::view::View;
use crate::contract::error_response::{self, ErrorResponse};
use crate::server::handlers::call::{Call, id, not_found};

pub fn list(call: &Call<'_>) -> Response {
    let view = View::of(&call.query);
    // A snapshot, so that `total` and the items agree, whatever is created meanwhile.
    let found = Listing::of(&call.query).select(call.server.store.all());
    let page = Page::of(&call.query).cut(&found);
    let items: Vec<_> = page.iter().map(|it| view.show(it, &call.server.providers)).collect();
    error_response::json(StatusCode::OK, &json!({ "total": found.len(), "items": items }))
}

pub fn get(call: &Call<'_>) -> Result<Response, ErrorResponse> {
    let view = View::of(&call.query);
    let found = call.server.store.get(id(&call.path)).ok_or_else(not_found)?;
    Ok(error_response::json(StatusCode::OK, &Value::from(view.show(&found, &call.server.providers))))
}
