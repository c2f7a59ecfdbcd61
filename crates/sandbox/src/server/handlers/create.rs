//! `createIntegration`.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::from_value;

use crate::contract::error_response::{self, ErrorResponse};
use crate::server::handlers::call::Call;

pub async fn create(call: Call<'_>) -> Result<Response, ErrorResponse> {
    let mut call = call.checked().await?;
    let new = from_value(call.body.take()).ok();
    let created = new.and_then(|new| call.server.store.create(new)).ok_or_else(ErrorResponse::server_error)?;
    call.committed(Some(&created.id));
    Ok(error_response::json(StatusCode::CREATED, &*created))
}
