//! One request with its content, in which secrets are masked unless requested.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use serde_json::Value;

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
    Ok(error_response::json(StatusCode::OK, &Detail { row: entry.into(), sent: Shown::new(sent, masking) }))
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

#[derive(Serialize)]
struct Detail {
    row: Row,
    sent: Shown,
}

#[derive(Serialize)]
struct Shown {
    query: Option<String>,
    content_type: Option<String>,
    /// None when no body was read.
    body: Option<ShownBody>,
}

#[derive(Serialize)]
struct ShownBody {
    size: usize,
    /// Whether only the start was kept.
    cut: bool,
    /// None when it is not JSON, or cut.
    json: Option<Value>,
    /// The body when it is not JSON and secrets are shown. Masked, none of it is shown.
    text: Option<String>,
    /// JSON pointers of the masked values.
    masked: Vec<String>,
}

impl Shown {
    fn new(sent: Sent, masking: Option<&Masking>) -> Self {
        let query = |query: String| masking.map_or_else(|| query.clone(), |it| it.query(&query));
        Self {
            query: sent.query.map(query),
            content_type: sent.content_type,
            body: sent.body.map(|body| ShownBody::new(&body, masking)),
        }
    }
}

impl ShownBody {
    fn new(body: &Body, masking: Option<&Masking>) -> Self {
        let mut json: Option<Value> = serde_json::from_slice(&body.start).ok().filter(|_| !body.is_truncated());
        let masked = match (masking, &mut json) {
            (Some(masking), Some(json)) => masking.mask(json),
            // The positions of secrets are unknown.
            (Some(_), None) => vec![String::new()],
            (None, _) => Vec::new(),
        };
        let as_text = json.is_none() && masked.is_empty();
        let text = as_text.then(|| String::from_utf8_lossy(&body.start).into_owned());
        Self { size: body.size, cut: body.is_truncated(), json, text, masked }
    }
}
