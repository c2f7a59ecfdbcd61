//! A response of the server, before it is decoded.

use std::time::Duration;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, RETRY_AFTER};
use serde_json::Value;

use super::redact::redact;
use crate::coordination::RateLimitHint;
use crate::error::{Attempt, Error, ErrorKind, Outcome};

/// Headers that may carry a trace id. None is documented.
static TRACE_HEADERS: [HeaderName; 3] = [
    HeaderName::from_static("x-trace-id"),
    HeaderName::from_static("trace-id"),
    HeaderName::from_static("x-request-id"),
];
static REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
static RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
/// Maximum of `Retry-After`, in seconds: a year, whose end can still be computed.
const LONGEST_WAIT: u64 = 365 * 24 * 60 * 60;

/// Status, headers and body, as far as they arrived.
pub struct RawResponse {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// HTTP requests of the call.
    pub attempts: Vec<Attempt>,
}

impl RawResponse {
    pub fn new(status: StatusCode, headers: HeaderMap) -> Self {
        Self { status, headers, body: Bytes::new(), attempts: Vec::new() }
    }

    /// Returns the trace ID of the error object, or else of a header.
    pub fn trace_id(&self) -> Option<String> {
        let in_header =
            || TRACE_HEADERS.iter().find_map(|name| self.headers.get(name)?.to_str().ok().map(str::to_owned));
        let in_body = || self.error_text(&self.error_object(), "trace_id");
        if self.status.is_success() { in_header() } else { in_body().or_else(in_header) }
    }

    /// Returns the error of a response that is not a success, without the `secrets` that it quotes.
    pub fn into_error(self, secrets: &[String]) -> Error {
        let object = self.error_object();
        let text = |name: &str| self.error_text(&object, name).map(|text| redact(text, secrets));
        let message = text("message").unwrap_or_else(|| redact(self.hint(), secrets));
        Error::new(ErrorKind::of_status(self.status), Outcome::of_status(self.status), message)
            .with_status(self.status)
            .with_server_words(text("title"), self.trace_id().map(|text| redact(text, secrets)))
            .with_retry_after(self.retry_after())
    }

    /// Returns the error of a response that is incomplete or does not have the promised form.
    pub fn unreadable(self, why: &str) -> Error {
        let (kind, what) = match self.status.is_success() {
            true => (ErrorKind::UnreadableResponse, "the request took effect, but its response could not be read"),
            false => (ErrorKind::of_status(self.status), "the response could not be read"),
        };
        Error::new(kind, Outcome::of_status(self.status), format!("{what}: {why}"))
            .with_status(self.status)
            .with_attempts(self.attempts)
    }

    fn error_object(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    fn error_text(&self, object: &Value, name: &str) -> Option<String> {
        object[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// Returns a message for a response without one.
    fn hint(&self) -> String {
        let text = match self.status.as_u16() {
            300..=399 => "the server redirected, and redirects are not followed; check the base URL",
            401 => "the server rejected the token",
            403 => "the token lacks a permission",
            404 => "nothing exists at this address; check the base URL",
            429 if self.wants_fewer_in_flight() => "too many requests were in flight at once",
            429 => "too many requests were sent; wait before the next",
            500..=599 => "the server failed; the request may have taken effect",
            _ => "the server gave no reason",
        };
        match self.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()) {
            Some(kind) if !kind.contains("json") => format!("{text} (it sent {kind}, {} bytes)", self.body.len()),
            _ => text.to_owned(),
        }
    }

    /// Returns the hint for the rate limit. A 429 carries `Retry-After`, any other response the state of a window.
    pub fn rate_limit_hint(&self) -> RateLimitHint {
        let number = |name| self.headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
        match (number(&REMAINING), number(&RESET)) {
            _ if self.status.as_u16() == 429 && self.wants_fewer_in_flight() => RateLimitHint::TooManyInFlight,
            _ if self.status.as_u16() == 429 => {
                self.retry_after().map_or(RateLimitHint::None, |w| RateLimitHint::Wait(w.as_secs()))
            }
            (Some(remaining), Some(reset)) => RateLimitHint::Window { remaining, reset },
            _ => RateLimitHint::None,
        }
    }

    /// Returns the whole seconds of `Retry-After`, at most a year; `None` for `-1` and for anything else.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after_text()?.parse().ok().map(|seconds: u64| Duration::from_secs(seconds.min(LONGEST_WAIT)))
    }

    fn wants_fewer_in_flight(&self) -> bool {
        self.retry_after_text() == Some("-1")
    }

    fn retry_after_text(&self) -> Option<&str> {
        self.headers.get(RETRY_AFTER)?.to_str().ok().map(str::trim)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, headers: &[(&'static str, &str)], body: &[u8]) -> RawResponse {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
            .collect();
        let body = Bytes::copy_from_slice(body);
        RawResponse { body, ..RawResponse::new(StatusCode::from_u16(status).expect("a status"), headers) }
    }

    #[test]
    fn error_of_any_body_has_a_message() {
        let bodies: [&[u8]; 6] = [b"", b"<html>", b"\xff\xfe", b"null", b"[]", br#"{"title": 5, "message": null}"#];
        for status in [302, 400, 401, 403, 404, 418, 429, 500, 503, 599] {
            for body in bodies {
                let error = response(status, &[("content-type", "text/html")], body).into_error(&[]);
                assert_eq!(error.status().map(|s| s.as_u16()), Some(status));
                assert!(!error.message().is_empty());
            }
        }
    }
}
