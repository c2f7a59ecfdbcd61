//! An answer of the server, whatever it is.

use std::cmp::Reverse;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, RETRY_AFTER};
use reqwest::{ResponseBuilderExt, StatusCode, Url};
use serde_json::Value;

use crate::error::{Error, Kind, Outcome};
use crate::lane::Feedback;
use crate::secret::REDACTED;

/// Where a trace id may stand beside the error object. None is documented.
static TRACE_HEADERS: [HeaderName; 3] = [
    HeaderName::from_static("x-trace-id"),
    HeaderName::from_static("trace-id"),
    HeaderName::from_static("x-request-id"),
];
static REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
static RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
/// A year, in seconds: as good as forever, and still a time that can be reckoned with.
const LONGEST_WAIT: u64 = 365 * 24 * 60 * 60;
/// Why a success is unreadable whose body is whole.
pub const NOT_AS_PROMISED: &str = "it is not the JSON that the API promises";
/// Below this many bytes a secret is not looked for in the server's words.
const SHORTEST_SECRET: usize = 4;
/// How much of the server's words is kept.
const MAX_TEXT: usize = 1_000;

/// Status, headers and body, as far as they came.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// The same, as the generated client reads it. The URL is given so that none is parsed.
    pub fn to_response(&self, url: Url) -> reqwest::Response {
        match http::Response::builder().status(self.status).url(url).body(self.body.clone()) {
            Ok(response) => response.into(),
            Err(_) => stand_in(),
        }
    }

    /// The trace id as it came: in the error object, or beside it in a header.
    pub fn trace_id(&self) -> Option<String> {
        let in_header =
            || TRACE_HEADERS.iter().find_map(|name| self.headers.get(name)?.to_str().ok().map(str::to_owned));
        let in_body = || self.error_text(&self.error_object(), "trace_id");
        if self.status.is_success() { in_header() } else { in_body().or_else(in_header) }
    }

    /// The error that an answer is when it is no success. What it quotes of `secrets` is left out.
    pub fn into_error(self, secrets: &[String]) -> Error {
        let object = self.error_object();
        let text = |name: &str| self.error_text(&object, name).map(|text| quoted(text, secrets));
        let message = text("message").unwrap_or_else(|| quoted(self.hint(), secrets));
        Error::new(Kind::of_status(self.status), Outcome::of_status(self.status), message)
            .with_status(self.status)
            .with_answer(text("title"), self.trace_id().map(|text| quoted(text, secrets)))
            .with_retry_after(self.retry_after())
    }

    /// The error that an answer is when it cannot be read to its end, or makes no sense.
    pub fn unreadable(self, why: &str) -> Error {
        let (kind, what) = match self.status.is_success() {
            true => (Kind::UnreadableResponse, "the request was carried out, but its answer cannot be read"),
            false => (Kind::of_status(self.status), "the answer cannot be read"),
        };
        Error::new(kind, Outcome::of_status(self.status), format!("{what}: {why}")).with_status(self.status)
    }

    fn error_object(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    fn error_text(&self, object: &Value, name: &str) -> Option<String> {
        object[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// What to say of an answer that says nothing itself.
    fn hint(&self) -> String {
        let text = match self.status.as_u16() {
            300..=399 => "the server redirects, and redirects are not followed; check the base URL",
            401 => "the server does not accept the token",
            403 => "the token may not do this",
            404 => "there is nothing at this address; check the base URL",
            429 if self.wants_fewer_in_flight() => "too many requests are in flight at once",
            429 => "too many requests; wait before the next",
            500..=599 => "the server failed; the request may have been carried out",
            _ => "the server gave no reason",
        };
        match self.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()) {
            Some(kind) if !kind.contains("json") => format!("{text} (it sent {kind}, {} bytes)", self.body.len()),
            _ => text.to_owned(),
        }
    }

    /// What the answer says of the rate limit. A 429 carries `Retry-After`, any other answer the state of a window.
    pub fn feedback(&self) -> Feedback {
        let number = |name| self.headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
        match (number(&REMAINING), number(&RESET)) {
            _ if self.status.as_u16() == 429 && self.wants_fewer_in_flight() => Feedback::TooManyInFlight,
            _ if self.status.as_u16() == 429 => {
                self.retry_after().map_or(Feedback::None, |w| Feedback::Wait(w.as_secs()))
            }
            (Some(remaining), Some(reset)) => Feedback::Window { remaining, reset },
            _ => Feedback::None,
        }
    }

    /// Whole seconds of `Retry-After`, a year at the most; `-1` and nonsense are none.
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

/// Reads an answer in every way that the client does: for fuzzing.
#[doc(hidden)]
pub fn read_any_answer(status: u16, header: &[u8], body: &[u8]) {
    let Ok(status) = StatusCode::from_u16(status) else { return };
    let mut headers = HeaderMap::new();
    if let Ok(value) = reqwest::header::HeaderValue::from_bytes(header) {
        for name in [&CONTENT_TYPE, &RETRY_AFTER, &REMAINING, &RESET, &TRACE_HEADERS[0]] {
            headers.insert(name.clone(), value.clone());
        }
    }
    let answer = Answer { status, headers, body: Bytes::copy_from_slice(body) };
    answer.feedback();
    let error = answer.into_error(&["xyzzy".to_owned()]);
    assert!(!format!("{error} {error:?}").contains("xyzzy"));
}

/// What the generated client is given when there is no answer.
pub fn stand_in() -> reqwest::Response {
    http::Response::new(Bytes::new()).into()
}

/// A text of the server's without what it quotes of `secrets`, fit for a log and a terminal: one line, no control
/// characters, not endless.
pub fn quoted(text: String, secrets: &[String]) -> String {
    // A text of a few letters stands in other words by chance, and is no secret worth the name.
    let mut secrets: Vec<_> = secrets.iter().filter(|s| s.len() >= SHORTEST_SECRET).map(String::as_str).collect();
    // The longest first, of which others may be a part. All of them before the text is cut, as that may be within one.
    secrets.sort_by_key(|secret| Reverse(secret.len()));
    let hide = |text: String, secret: &str| {
        let in_json = Value::from(secret).to_string();
        text.replace(secret, REDACTED).replace(in_json.trim_matches('"'), REDACTED)
    };
    let text = secrets.into_iter().fold(text, hide);
    text.chars().take(MAX_TEXT).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &str)], body: &[u8]) -> Answer {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
            .collect();
        Answer { status: StatusCode::from_u16(status).expect("a status"), headers, body: Bytes::copy_from_slice(body) }
    }

    #[test]
    fn the_documented_error_is_read_whole() {
        let body = br#"{"code": 400, "title": "Bad request.", "message": "no name", "trace_id": "t-1"}"#;
        let error = answer(400, &[], body).into_error(&[]);
        assert_eq!((error.kind(), error.outcome()), (Kind::BadRequest, Outcome::Rejected));
        assert_eq!((error.title(), error.message(), error.trace_id()), (Some("Bad request."), "no name", Some("t-1")));
        assert_eq!(error.to_string(), "400 Bad request: no name (trace id t-1)");
    }

    #[test]
    fn any_body_makes_an_error_that_says_something() {
        let bodies: [&[u8]; 6] = [b"", b"<html>", b"\xff\xfe", b"null", b"[]", br#"{"title": 5, "message": null}"#];
        for status in [302, 400, 401, 403, 404, 418, 429, 500, 503, 599] {
            for body in bodies {
                let error = answer(status, &[("content-type", "text/html")], body).into_error(&[]);
                assert_eq!(error.status().map(|s| s.as_u16()), Some(status));
                assert!(!error.message().is_empty());
            }
        }
    }

    #[test]
    fn a_secret_that_the_server_quotes_is_left_out() {
        let body = br#"{"title": "canary", "message": "token canary is wrong", "trace_id": "canary"}"#;
        let error = answer(401, &[], body).into_error(&["".into(), "canary".into()]);
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }

    #[test]
    fn a_secret_is_left_out_however_it_is_quoted() {
        for secret in ["canary", "two\nlines of canary", "a \"canary\"", "\tcanary"] {
            let before = "x".repeat(MAX_TEXT - 3);
            for quote in [secret.to_owned(), json!({ "key": secret }).to_string(), format!("{before}{secret}")] {
                let body = json!({ "message": quote }).to_string();
                let error = answer(400, &[], body.as_bytes()).into_error(&["can".to_owned() + "a", secret.to_owned()]);
                let text = error.message();
                assert!(["can", "two", "nary"].iter().all(|part| !text.contains(part)), "{text}");
            }
        }
    }

    #[test]
    fn server_text_cannot_drive_a_terminal() {
        let error = answer(400, &[], br#"{"message": "\u001b[2Jgone\nnext"}"#).into_error(&[]);
        assert_eq!(error.message(), " [2Jgone next");
    }

    #[test]
    fn retry_after_is_whole_seconds() {
        let wait = |value| answer(429, &[("retry-after", value)], b"").into_error(&[]).retry_after();
        assert_eq!(wait("7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("18446744073709551615"), Some(Duration::from_secs(LONGEST_WAIT)));
        assert_eq!(wait("-1"), None);
        assert_eq!(wait("soon"), None);
        assert!(answer(429, &[("retry-after", "-1")], b"").into_error(&[]).message().contains("in flight"));
    }
}
