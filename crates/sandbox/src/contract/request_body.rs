//! From a request to the JSON value in its body.

use axum::body::{Bytes, HttpBody};
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use crate::contract::error_response::ErrorResponse;

/// Reads the body, of at most `max` bytes, which must be said to be JSON.
pub async fn read(request: Request, max: usize) -> Result<Bytes, ErrorResponse> {
    if !is_json(request.headers()) {
        let message = "the Content-Type must be application/json";
        return Err(ErrorResponse::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    bytes(request, max).await
}

/// What a body says.
pub fn json(body: &[u8]) -> Result<Value, ErrorResponse> {
    // The error has a position, but nothing of what stands there.
    serde_json::from_slice(body)
        .map_err(|e| ErrorResponse::new(StatusCode::BAD_REQUEST, format!("the body is not valid JSON: {e}")))
}

/// The media type, in any case, with any parameters.
fn is_json(headers: &HeaderMap) -> bool {
    let text = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

/// The body, of at most `max` bytes, whatever is in it.
async fn bytes(request: Request, max: usize) -> Result<Bytes, ErrorResponse> {
    let too_large = || {
        let message = format!("the body must have at most {max} bytes");
        ErrorResponse::new(StatusCode::PAYLOAD_TOO_LARGE, message)
    };
    // The size that is declared, if one is: then nothing need be read.
    if request.body().size_hint().lower() > max as u64 {
        return Err(too_large());
    }
    // Stops at the size given to `DefaultBodyLimit`.
    Bytes::from_request(request, &()).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        _ => ErrorResponse::new(StatusCode::BAD_REQUEST, "the body could not be read to its end"),
    })
}

/// A request of which the body has been read, but not yet understood.
pub async fn whole(request: Request, max: usize) -> Result<(Parts, Bytes), ErrorResponse> {
    let (parts, body) = request.into_parts();
    // The limit of `DefaultBodyLimit` is one of the extensions.
    let mut unread = Request::new(body);
    *unread.extensions_mut() = parts.extensions.clone();
    Ok((parts, bytes(unread, max).await?))
}

/// The name in a body, if it is JSON and has one.
pub fn name(body: &[u8]) -> Option<String> {
    serde_json::from_slice::<Named>(body).ok().map(|named| named.name)
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_content_type_may_have_parameters_and_any_case() {
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
