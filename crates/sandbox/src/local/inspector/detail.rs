//! One request with its content, in which secrets are masked unless requested.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response as HttpResponse;
use serde::Serialize;
use serde_json::{Value, json};

use crate::account::journal::{Body, Entry, Headers, Response, Sent};
use crate::contract::error_response::{self, ErrorDetails, ErrorResponse};
use crate::contract::masking::Masking;
use crate::server::state::Server;

/// `GET /_sandbox/requests/17`, and with `?secrets=shown` unmasked.
pub async fn detail(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<HttpResponse, ErrorResponse> {
    let gone = || ErrorResponse::not_found("there is no such request, or the journal no longer has it");
    let (entry, sent) = id.parse().ok().and_then(|id| server.journal.find(id)).ok_or_else(gone)?;
    let masking = (query.as_deref() != Some("secrets=shown")).then_some(&server.masking);
    let content = json!({
        "row": Row::from(entry),
        "sent": request(&sent, masking),
        "response": sent.response.as_ref().map(|it| response(it, masking)),
    });
    Ok(error_response::json(StatusCode::OK, &content))
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

/// Returns the request's content, with masked secrets where `masking` is given.
fn request(sent: &Sent, masking: Option<&Masking>) -> Value {
    let query = |query: &String| masking.map_or_else(|| query.clone(), |it| it.query(query));
    let mask = |json: &mut Value| masking.map(|it| it.mask(json));
    json!({
        "query": sent.query.as_ref().map(query),
        "headers": headers(&sent.headers, masking),
        // Null when no body was read.
        "body": sent.body.as_ref().map(|it| body(it, mask)),
    })
}

/// Returns the response's content, with masked secrets where `masking` is given.
fn response(response: &Response, masking: Option<&Masking>) -> Value {
    let mask = |json: &mut Value| masking.map(|it| it.mask_response(json));
    json!({
        "status": response.status,
        "headers": headers(&response.headers, masking),
        "body": body(&response.body, mask),
    })
}

fn headers(headers: &Headers, masking: Option<&Masking>) -> Vec<(String, String)> {
    let shown = |name: &str, value: &str| masking.map_or(value, |it| it.header(name, value)).to_owned();
    headers.iter().map(|(name, value)| (name.to_string(), shown(name, value))).collect()
}

/// Returns a body. `mask` masks JSON and returns the pointers, or none where everything is shown.
fn body(body: &Body, mask: impl Fn(&mut Value) -> Option<Vec<String>>) -> Value {
    let mut json: Option<Value> = serde_json::from_slice(&body.start).ok().filter(|_| !body.is_truncated());
    let (masked, is_shown) = match &mut json {
        Some(json) => mask(json).map_or((Vec::new(), true), |masked| (masked, false)),
        // The positions of secrets are unknown.
        None if mask(&mut Value::Null).is_some() && body.size > 0 => (vec![String::new()], false),
        None => (Vec::new(), true),
    };
    json!({
        "size": body.size,
        // Whether only the start was kept.
        "cut": body.is_truncated(),
        // The body as it was sent, as far as it was kept, if secrets are shown.
        "text": is_shown.then(|| String::from_utf8_lossy(&body.start)),
        "json": json,
        // JSON pointers of the masked values.
        "masked": masked,
    })
}
