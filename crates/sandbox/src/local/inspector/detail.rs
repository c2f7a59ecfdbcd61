//! One request with its content, in which secrets are masked unless requested.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use serde_json::{Value, json};

use crate::account::journal::{Body, Entry, Sent};
use crate::contract::error_response::{self, ErrorDetails, ErrorResponse};
use crate::contract::masking::Masking;
use crate::server::state::Server;

/// `GET /_sandbox/requests/17`, and with `?secrets=shown` unmasked.
pub async fn detail(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, ErrorResponse> {
    let gone = || ErrorResponse::not_found("there is no such request, or the journal no longer has it");
    let (entry, sent) = id.parse().ok().and_then(|id| server.journal.find(id)).ok_or_else(gone)?;
    let masking = (query.as_deref() != Some("secrets=shown")).then_some(&server.masking);
    Ok(error_response::json(StatusCode::OK, &json!({ "row": Row::from(entry), "sent": content(sent, masking) })))
}

/// The journal's entry with the error response. It has no secrets.
#[derive(Serialize)]
pub struct Row {
    #[serde(flatten)]
    entry: Entry,
    error: Option<Box<ErrorDetails>>,
}

impl From<Entry> for Row {
    fn from(mut entry: Entry) -> Self {
        Self { error: entry.error.take(), entry }
    }
}

/// Returns the content, with masked secrets where `masking` is given.
fn content(sent: Sent, masking: Option<&Masking>) -> Value {
    let query = |query: String| masking.map_or_else(|| query.clone(), |it| it.query(&query));
    json!({
        "query": sent.query.map(query),
        "content_type": sent.content_type,
        // Null when no body was read.
        "body": sent.body.map(|body| content_of_body(&body, masking)),
    })
}

fn content_of_body(body: &Body, masking: Option<&Masking>) -> Value {
    let mut json: Option<Value> = serde_json::from_slice(&body.start).ok().filter(|_| !body.is_truncated());
    let masked = match (masking, &mut json) {
        (Some(masking), Some(json)) => masking.mask(json),
        // The positions of secrets are unknown.
        (Some(_), None) => vec![String::new()],
        (None, _) => Vec::new(),
    };
    let as_text = json.is_none() && masked.is_empty();
    json!({
        "size": body.size,
        // Whether only the start was kept.
        "cut": body.is_truncated(),
        // The body when it is not JSON, or cut, and secrets are shown. Masked, none of it is shown.
        "text": as_text.then(|| String::from_utf8_lossy(&body.start)),
        "json": json,
        // JSON pointers of the masked values.
        "masked": masked,
    })
}
