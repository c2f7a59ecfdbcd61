//! A response of the server, before it is decoded.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, RETRY_AFTER};
use serde_json::Value;

use super::redact::redact;
use super::response_outcome::{is_error_of_api, of_response};
use crate::coordination::RateLimitHint;
use crate::error::{Attempt, Error, ErrorKind};

/// Headers that may carry a trace id. None is documented.
static TRACE_HEADERS: [HeaderName; 3] = [
    HeaderName::from_static("x-trace-id"),
    HeaderName::from_static("trace-id"),
    HeaderName::from_static("x-request-id"),
];
static REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
static RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
/// Maximum of `Retry-After`: a year, whose end can still be computed.
const LONGEST_WAIT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

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
        let in_header = || TRACE_HEADERS.iter().find_map(|name| self.header(name).map(str::to_owned));
        let in_body = || self.error_text(&self.error_object(), "trace_id");
        if self.status.is_success() { in_header() } else { in_body().or_else(in_header) }
    }

    /// Returns the error of a response that is not a success, without the `secrets` that it quotes.
    pub fn into_error(self, secrets: &[String]) -> Error {
        let object = self.error_object();
        let text = |name: &str| self.error_text(&object, name).map(|text| redact(text, secrets));
        let message = text("message").unwrap_or_else(|| redact(self.hint(), secrets));
        Error::new(ErrorKind::of_status(self.status), of_response(self.status, &self.body), message)
            .with_status(self.status)
            .with_headers(self.headers.clone())
            .with_server_words(text("title"), self.trace_id().map(|text| redact(text, secrets)))
            .with_retry_after(self.retry_after())
    }

    /// Returns the error of a response that is incomplete or does not have the promised form.
    pub fn unreadable(self, why: &str) -> Error {
        let outcome = of_response(self.status, &[]);
        let kind = match self.status.is_success() {
            true => ErrorKind::UnreadableResponse,
            false => ErrorKind::of_status(self.status),
        };
        let error = Error::new(kind, outcome, format!("the response could not be read: {why}"));
        let error = error.with_retry_after(self.retry_after());
        error.with_status(self.status).with_headers(self.headers).with_attempts(self.attempts)
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
            500..=599 => "the server failed",
            _ => "the server gave no reason",
        };
        match self.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()) {
            Some(kind) if !kind.contains("json") => format!("{text} (it sent {kind}, {} bytes)", self.body.len()),
            _ => text.to_owned(),
        }
    }

    /// Returns the hint for the rate limit. A 429 carries `Retry-After`, any other response the state of a window.
    pub fn rate_limit_hint(&self) -> RateLimitHint {
        let number = |name| self.header(name)?.parse::<u64>().ok();
        match (number(&REMAINING), number(&RESET)) {
            _ if self.status.as_u16() == 429 && self.wants_fewer_in_flight() => RateLimitHint::TooManyInFlight,
            _ if self.status.as_u16() == 429 => self
                .retry_after()
                .map_or(RateLimitHint::None, |wait| RateLimitHint::Wait(wait.as_secs_f64().ceil() as u64)),
            (Some(remaining), Some(reset)) => RateLimitHint::Window { remaining, reset },
            _ => RateLimitHint::None,
        }
    }

    /// Returns the wait of `Retry-After`, at most a year: seconds, as documented, perhaps with a fraction, or a date of HTTP.
    /// Returns `None` for `-1` and for anything else.
    pub fn retry_after(&self) -> Option<Duration> {
        let text = self.header(&RETRY_AFTER)?;
        // An absurd number is none.
        let seconds = text.parse().ok().filter(|seconds| (0.0..=u64::MAX as f64).contains(seconds));
        let wait = match seconds {
            Some(seconds) => Duration::from_secs_f64(seconds.min(LONGEST_WAIT.as_secs_f64())),
            None => {
                let until = httpdate::parse_http_date(text).ok()?;
                // By the clock of the server, where it sends its time.
                let now = self.header(&DATE).and_then(|date| httpdate::parse_http_date(date).ok());
                until.duration_since(now.unwrap_or_else(SystemTime::now)).unwrap_or_default()
            }
        };
        Some(wait.min(LONGEST_WAIT))
    }

    /// Returns true for the API's own error, which no gateway has made.
    pub fn is_error_of_api(&self) -> bool {
        is_error_of_api(self.status.as_u16(), &self.body)
    }

    fn wants_fewer_in_flight(&self) -> bool {
        self.header(&RETRY_AFTER) == Some("-1")
    }

    fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok().map(str::trim)
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

    #[test]
    fn retry_after_is_read_in_each_form() {
        let wait = |text: &str| {
            let headers = [("retry-after", text), ("date", "Sun, 06 Nov 1994 08:49:37 GMT")];
            response(503, &headers, b"").retry_after().map(|wait| wait.as_secs_f64())
        };
        for (text, expected) in [
            ("7", 7.0),
            (" 7 ", 7.0),
            ("0", 0.0),
            ("1.5", 1.5),
            ("Sun, 06 Nov 1994 08:49:40 GMT", 3.0),
            ("Sun, 06 Nov 1994 08:00:00 GMT", 0.0),
            ("18446744073709551615", LONGEST_WAIT.as_secs_f64()),
            ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT.as_secs_f64()),
        ] {
            assert_eq!(wait(text), Some(expected), "{text}");
        }
        for text in ["-1", "-0.5", "NaN", "inf", "1e300", "99999999999999999999999999", "", "soon", "1,5"] {
            assert_eq!(wait(text), None, "{text}");
        }
    }
}
