//! The message about a call that ended, as JSON.

use std::time::UNIX_EPOCH;

use http::HeaderMap;
use ocamba_hood::{CheckedBody, Error, Response};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::failure::Failure;

/// The parts of a message besides the result.
#[derive(Clone, Copy)]
pub struct ResponseParts {
    /// Status, headers and trace ID of a success.
    pub response: bool,
    /// The HTTP requests, for the diagnostics channel.
    pub attempts: bool,
}

impl ResponseParts {
    /// Reads the flags of [`Client::call`](crate::client::Client::call).
    pub fn of(flags: u32) -> Self {
        Self { response: flags & 1 != 0, attempts: flags & 2 != 0 }
    }
}

/// Returns the message of a call with a result of the core.
pub fn ended(id: u64, result: &Result<Response<CheckedBody>, Error>, parts: ResponseParts) -> String {
    let mut more = String::new();
    if let Ok(response) = result
        && parts.response
    {
        more += &format!(",\"response\":{}", parts_of(response));
    }
    if parts.attempts {
        let attempts = result.as_ref().map_or_else(Error::attempts, Response::attempts);
        let error = result.as_ref().err().map(Error::code);
        let last = attempts.len().saturating_sub(1);
        let all = attempts.iter().enumerate().map(|(n, attempt)| AttemptMessage {
            operation: attempt.operation,
            method: attempt.method.as_str(),
            url: attempt.url(),
            path: &attempt.path,
            path_template: attempt.path_template,
            host: &attempt.host,
            port: attempt.port,
            started: attempt.started.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1e3,
            status: attempt.status.map(|s| s.as_u16()),
            duration: attempt.duration.as_secs_f64() * 1e3,
            attempt: attempt.number,
            trace_id: attempt.trace_id.as_deref(),
            error: attempt.error.or(error.filter(|_| n == last)),
        });
        more += &format!(",\"attempts\":{}", text(&all.collect::<Vec<_>>()));
    }
    match result {
        Ok(response) => message(id, "value", response.value.as_str(), &more),
        Err(error) => message(id, "error", &text(&Failure::from(error)), &more),
    }
}

/// Returns the message of a call with a result that is no response.
pub fn value(id: u64, json: &str) -> String {
    message(id, "value", json, "")
}

/// Returns the message of a call that failed outside the core.
pub fn failed(id: u64, failure: &Failure) -> String {
    message(id, "error", &text(failure), "")
}

fn message(id: u64, name: &str, json: &str, more: &str) -> String {
    format!("{{\"id\":{id},\"{name}\":{json}{more}}}")
}

fn text(value: &impl Serialize) -> String {
    // Strings, numbers, and maps with string keys can always be written.
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

fn parts_of(response: &Response<CheckedBody>) -> Value {
    json!({ "status": response.status.as_u16(), "headers": of_headers(&response.headers), "trace_id": response.trace_id })
}

/// Returns headers by their names. Several values of one are joined with commas.
pub fn of_headers(all: &HeaderMap) -> Map<String, Value> {
    let mut headers = Map::new();
    for name in all.keys() {
        let values = all.get_all(name).iter().map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
        headers.insert(name.as_str().to_owned(), values.collect::<Vec<_>>().join(", ").into());
    }
    headers
}

/// An HTTP request, in the order in which people read its fields.
#[derive(Serialize)]
struct AttemptMessage<'a> {
    operation: &'a str,
    method: &'a str,
    url: String,
    path: &'a str,
    path_template: &'static str,
    host: &'a str,
    port: u16,
    /// Milliseconds since 1970.
    started: f64,
    status: Option<u16>,
    /// Milliseconds.
    duration: f64,
    attempt: u32,
    trace_id: Option<&'a str>,
    error: Option<&'a str>,
}
