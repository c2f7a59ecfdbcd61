//! The response that replaces the correct one.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body::{Frame, SizeHint};

use crate::contract::error_response::ErrorResponse;
use crate::faults::fault::{Answer, Body};
use crate::faults::validation::hex;

impl Answer {
    /// Returns the response.
    pub fn response(&self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = match &self.body {
            Some(body) => (status, [(CONTENT_TYPE, body.content_type())], body.content()).into_response(),
            None if status.as_u16() < 400 => status.into_response(),
            None if status == StatusCode::INTERNAL_SERVER_ERROR => ErrorResponse::server_error().into_response(),
            None => ErrorResponse::new(status, "a fault of the sandbox").into_response(),
        };
        set_headers(response.headers_mut(), &self.headers);
        response
    }
}

/// Adds or replaces headers.
pub fn set_headers(all: &mut HeaderMap, new: &BTreeMap<String, String>) {
    for (name, value) in new {
        // Checked when the fault was read.
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            all.insert(name, value);
        }
    }
}

impl Body {
    fn content_type(&self) -> HeaderValue {
        HeaderValue::from_static(if matches!(self, Self::Html(_)) { "text/html" } else { "application/json" })
    }

    fn content(&self) -> axum::body::Body {
        match self {
            Self::Json(value) => value.to_string().into(),
            Self::Text(text) | Self::Html(text) => text.clone().into(),
            Self::Hex(digits) => hex(digits).unwrap_or_default().into(),
            Self::Size(bytes) => axum::body::Body::new(Spaces(*bytes)),
        }
    }
}

/// A body of spaces, which are generated as they are sent.
struct Spaces(u64);

impl http_body::Body for Spaces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        static SOME: [u8; 64 << 10] = [b' '; 64 << 10];
        let now = self.0.min(SOME.len() as u64);
        self.0 -= now;
        let frame = || Ok(Frame::data(Bytes::from_static(&SOME[..now as usize])));
        Poll::Ready((now > 0).then(frame))
    }

    fn is_end_stream(&self) -> bool {
        self.0 == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0)
    }
}
