//! `createIntegration`.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::from_value;

use super::Call;
use crate::answer::{self, Refusal};

pub async fn create(call: Call<'_>) -> Result<Response, Refusal> {
    let mut call = call.carried().await?;
    let new = from_value(call.body.take()).ok();
    let created = new.and_then(|new| call.server.store.create(new)).ok_or_else(Refusal::server_error)?;
    call.committed(Some(&created.id));
    Ok(answer::json(StatusCode::CREATED, &*created))
}
