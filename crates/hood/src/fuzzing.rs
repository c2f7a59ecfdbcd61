//! Functions for fuzzers only: compiled with `--cfg fuzzing`, which `cargo fuzz` sets.

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::transport::RawResponse;

/// Reads a response in every way that the client does.
pub fn read_response(status: u16, header: &[u8], body: &[u8]) {
    let Ok(status) = StatusCode::from_u16(status) else { return };
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_bytes(header) {
        for name in ["content-type", "retry-after", "x-ratelimit-remaining", "x-ratelimit-reset", "x-trace-id"] {
            headers.insert(HeaderName::from_static(name), value.clone());
        }
    }
    let response = RawResponse { body: Bytes::copy_from_slice(body), ..RawResponse::new(status, headers) };
    response.rate_limit_hint();
    let error = response.into_error(&["xyzzy".to_owned()]);
    assert!(!format!("{error} {error:?}").contains("xyzzy"));
}
