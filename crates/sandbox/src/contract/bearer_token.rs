//! The check of the bearer token.

use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};

use crate::contract::error_response::ErrorResponse;

/// Returns the token of a request. It must have one, and one of these if any are given.
pub fn authorize<'a>(headers: &'a HeaderMap, tokens: &[String]) -> Result<&'a str, ErrorResponse> {
    let Some(header) = headers.get(AUTHORIZATION) else {
        return Err(refuse("the header Authorization is missing, expected Bearer and a token"));
    };
    match header.to_str().unwrap_or_default().split_once(' ') {
        Some((scheme, sent)) if scheme.eq_ignore_ascii_case("bearer") && !sent.trim().is_empty() => {
            let sent = sent.trim();
            let is_valid = tokens.is_empty() || tokens.iter().any(|token| token == sent);
            if is_valid { Ok(sent) } else { Err(refuse("the token is not valid")) }
        }
        _ => Err(refuse("the header Authorization must be Bearer and a token")),
    }
}

/// Returns the 401 for a token.
pub fn refuse(message: &str) -> ErrorResponse {
    let challenge = HeaderValue::from_static("Bearer");
    ErrorResponse::new(StatusCode::UNAUTHORIZED, message).with_header(WWW_AUTHENTICATE, challenge)
}
