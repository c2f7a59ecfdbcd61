//! Reads the body of a request.

use std::fmt;
use std::time::Duration;

use axum::body::{Bytes, HttpBody};
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserializer;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use tokio::time::timeout;

use crate::contract::error_response::ErrorResponse;
use crate::contract::memory::{Memory, hold};

/// Reads the body, of at most `max` bytes. The `Content-Type` must be JSON.
pub async fn read(request: Request, max: usize) -> Result<Bytes, ErrorResponse> {
    if !is_json(request.headers()) {
        let message = "the Content-Type must be application/json";
        return Err(ErrorResponse::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    bytes(request, max).await
}

/// Parses a body.
pub fn json(body: &[u8]) -> Result<Value, ErrorResponse> {
    // The error has a position, but no content.
    let malformed = |e| ErrorResponse::bad_request(format!("the body is not valid JSON: {e}"));
    // A value takes many times the memory of its text. A body of the API has less than a hundred.
    if body.iter().filter(|byte| b",[{".contains(byte)).count() > MOST_VALUES {
        let _: IgnoredAny = serde_json::from_slice(body).map_err(malformed)?;
        let message = format!("the body must have at most {MOST_VALUES} commas and brackets");
        return Err(ErrorResponse::new(StatusCode::PAYLOAD_TOO_LARGE, message));
    }
    serde_json::from_slice(body).map_err(malformed)
}

/// Returns whether the media type is JSON, in any case and with any parameters.
fn is_json(headers: &HeaderMap) -> bool {
    let text = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

/// Reads a body of any type, of at most `max` bytes.
async fn bytes(request: Request, max: usize) -> Result<Bytes, ErrorResponse> {
    let too_large = || {
        let message = format!("the body must have at most {max} bytes");
        ErrorResponse::new(StatusCode::PAYLOAD_TOO_LARGE, message)
    };
    // If the declared size is too large, nothing is read.
    if request.body().size_hint().lower() > max as u64 {
        return Err(too_large());
    }
    let memory = request.extensions().get::<Memory>().cloned();
    let size = request.body().size_hint().exact().unwrap_or(max as u64);
    let read = async {
        let reserved = match memory.filter(|_| Memory::is_large(size)) {
            Some(memory) => memory.for_body(size).await,
            None => None,
        };
        // Stops at the size of `DefaultBodyLimit`.
        let bytes = Bytes::from_request(request, &()).await.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => too_large(),
            _ => ErrorResponse::bad_request("the body could not be read to its end"),
        })?;
        Ok(match reserved {
            Some(reserved) => hold(bytes, reserved),
            None => bytes,
        })
    };
    timeout(TIMEOUT, read).await.unwrap_or_else(|_| {
        let message = format!("the body of the request could not be read within {} s", TIMEOUT.as_secs());
        Err(ErrorResponse::new(StatusCode::REQUEST_TIMEOUT, message))
    })
}

/// Maximum number of values in a body, counted by what separates them.
const MOST_VALUES: usize = 50_000;

/// Maximum time until the whole body has arrived.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Reads the body of a request and keeps its other parts.
pub async fn whole(request: Request, max: usize) -> Result<(Parts, Bytes), ErrorResponse> {
    let (mut parts, body) = request.into_parts();
    // The limit of `DefaultBodyLimit` is one of the extensions.
    let mut unread = Request::new(body);
    *unread.extensions_mut() = parts.extensions.clone();
    // The bytes keep their memory, so whoever reads them again needs no more.
    parts.extensions.remove::<Memory>();
    Ok((parts, bytes(unread, max).await?))
}

/// Returns the `name` in a body, if it is JSON and has one. The body may end after the name.
pub fn name(body: &[u8]) -> Option<String> {
    let mut name = None;
    let _ = serde_json::Deserializer::from_slice(body).deserialize_map(NameVisitor(&mut name));
    name
}

/// Keeps the name even if the rest is missing or is not JSON.
struct NameVisitor<'a>(&'a mut Option<String>);

impl<'de> Visitor<'de> for NameVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(key) = members.next_key::<String>()? {
            match key.as_str() {
                "name" => *self.0 = Some(members.next_value()?),
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn body_has_a_maximum_of_values() {
        let with = |values: usize| json(format!("[{}1]", "1,".repeat(values - 2)).as_bytes());
        assert!(with(MOST_VALUES).is_ok() && with(MOST_VALUES + 2).is_err());
    }

    #[test]
    fn content_type_may_have_parameters_and_any_case() {
        for (text, expected) in [
            ("application/json", true),
            ("Application/JSON", true),
            ("application/json; charset=utf-8", true),
            ("application/json;charset=utf-8", true),
            (" application/json ; a=b; c=d", true),
            ("", false),
            ("text/plain", false),
            ("application/jsonp", false),
            ("application/problem+json", false),
            ("text/plain; application/json", false),
        ] {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, text.parse().unwrap())]);
            assert_eq!(is_json(&headers), expected, "{text:?}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
