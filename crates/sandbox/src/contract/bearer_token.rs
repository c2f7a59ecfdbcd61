//! The check of the bearer token.

use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};

use crate::contract::error_response::ErrorResponse;

/// Checks that the request has a token, and this one if one is given.
pub fn authorize(headers: &HeaderMap, token: Option<&str>) -> Result<(), ErrorResponse> {
    let refuse = |message| {
        let challenge = HeaderValue::from_static("Bearer");
        Err(ErrorResponse::new(StatusCode::UNAUTHORIZED, message).with_header(WWW_AUTHENTICATE, challenge))
    };
    let Some(header) = headers.get(AUTHORIZATION) else {
        return refuse("the header Authorization is missing, expected Bearer and a token");
    };
    match header.to_str().unwrap_or_default().split_once(' ') {
        Some((scheme, sent)) if scheme.eq_ignore_ascii_case("bearer") && !sent.trim().is_empty() => match token {
            Some(token) if token != sent.trim() => refuse("the token is not valid"),
            _ => Ok(()),
        },
        _ => refuse("the header Authorization must be Bearer and a token"),
    }
}
