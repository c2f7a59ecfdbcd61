//! `listIntegrations` and `getIntegration`.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::account::listing::Listing;
use crate::account::page::Page;
use crate::account::view::Fields;
use crate::contract::error_response::{self, ErrorResponse};
use crate::server::handlers::call::{Call, id, not_found};

pub fn list(call: &Call<'_>) -> Response {
    let fields = Fields::of(&call.query);
    // Of one moment: `total` and the items are of the same integrations, whatever is created meanwhile.
    let found = Listing::of(&call.query).select(call.server.store.all());
    let page = Page::of(&call.query).cut(&found);
    let items: Vec<_> = page.iter().map(|it| fields.tell(it, &call.server.providers)).collect();
    error_response::json(StatusCode::OK, &json!({ "total": found.len(), "items": items }))
}

pub fn get(call: &Call<'_>) -> Result<Response, ErrorResponse> {
    let fields = Fields::of(&call.query);
    let found = call.server.store.get(id(&call.path)).ok_or_else(not_found)?;
    Ok(error_response::json(StatusCode::OK, &Value::from(fields.tell(&found, &call.server.providers))))
}
