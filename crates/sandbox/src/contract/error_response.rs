//! JSON responses, and the documented error response.

use std::iter::once;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::contract::violations::{Violation, Violations};

/// Returns a response with a JSON body.
pub fn json(status: StatusCode, body: &impl Serialize) -> Response {
    written(status, serde_json::to_vec(body))
}

/// Returns a response with a list. One of several parts is written while it is sent: however long it is, it takes little memory.
pub fn list<T: Serialize + Send + 'static>(mut parts: impl Iterator<Item = Vec<T>> + Send + 'static) -> Response {
    let (first, second) = (parts.next().unwrap_or_default(), parts.next());
    let Some(second) = second else { return json(StatusCode::OK, &first) };
    let mut separator = "";
    let items = [first, second].into_iter().chain(parts).map(move |items| {
        let mut text = Vec::new();
        for item in &items {
            text.extend_from_slice(std::mem::replace(&mut separator, ",").as_bytes());
            serde_json::to_writer(&mut text, item)?;
        }
        serde_json::Result::Ok(text)
    });
    let whole = once(Ok(b"[".to_vec())).chain(items).chain(once(Ok(b"]".to_vec())));
    let content_type = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    (content_type, Body::from_stream(stream::iter(whole))).into_response()
}

/// Returns a response with a body of written JSON.
pub fn written(status: StatusCode, body: serde_json::Result<Vec<u8>>) -> Response {
    match body {
        Ok(bytes) => (status, [(CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// An error response: the request took no effect. It names fields and limits, never values: a value may be a secret.
#[derive(Debug)]
pub struct ErrorResponse {
    status: StatusCode,
    message: Option<String>,
    violations: Box<[Violation]>,
    header: Option<(HeaderName, HeaderValue)>,
}

/// The content of an error response, for the journal. It is an extension of the response, and not sent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ErrorDetails {
    pub message: Option<String>,
    pub trace_id: String,
    pub violations: Vec<Violation>,
}

impl ErrorDetails {
    /// Returns the documented error object.
    pub fn body(&self, status: StatusCode) -> Value {
        let mut body = json!({ "code": status.as_u16(), "title": title(status) });
        if let Some(message) = &self.message {
            body["message"] = message.as_str().into();
        }
        body["trace_id"] = self.trace_id.as_str().into();
        body
    }

    /// Returns the size of its texts, in bytes.
    pub fn bytes(&self) -> usize {
        // The violations are also in the message.
        self.trace_id.len() + 2 * self.message.as_ref().map_or(0, String::len)
    }
}

impl ErrorResponse {
    /// Returns the whole response, for a connection on which no handler responds.
    pub fn into_bytes(self) -> Vec<u8> {
        let status = self.status;
        let body = self.into_details().body(status).to_string();
        let head =
            format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ");
        format!("{head}{}\r\n\r\n{body}", body.len()).into()
    }

    fn into_details(self) -> ErrorDetails {
        let trace_id = Uuid::new_v4().to_string();
        ErrorDetails { message: self.message, trace_id, violations: self.violations.into_vec() }
    }

    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { message: Some(message.into()), ..Self::without_message(status) }
    }

    /// Returns a 400.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// Returns a 404.
    pub fn not_found(message: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// Returns a 500, which is documented to have no message.
    pub fn server_error() -> Self {
        Self::without_message(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Returns the message, or the title where there is none.
    pub fn message(&self) -> String {
        self.message.clone().unwrap_or_else(|| title(self.status))
    }

    pub fn with_header(self, name: HeaderName, value: impl Into<HeaderValue>) -> Self {
        Self { header: Some((name, value.into())), ..self }
    }

    fn without_message(status: StatusCode) -> Self {
        Self { status, message: None, violations: Box::default(), header: None }
    }
}

impl IntoResponse for ErrorResponse {
    fn into_response(mut self) -> Response {
        let status = self.status;
        let header = self.header.take();
        let details = self.into_details();
        let mut response = self::json(status, &details.body(status));
        response.headers_mut().extend(header);
        response.extensions_mut().insert(details);
        response
    }
}

impl From<Violations> for ErrorResponse {
    fn from(violations: Violations) -> Self {
        Self { violations: violations.all.clone().into(), ..Self::bad_request(violations.to_string()) }
    }
}

/// Returns the status in words, as in the documented responses: "Bad request.", "Internal server error."
fn title(status: StatusCode) -> String {
    capitalized(&status.canonical_reason().unwrap_or("Unknown status").to_lowercase()) + "."
}

/// Begins a text with a capital letter.
pub fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::contract::document::Document;

    #[test]
    fn titles_match_the_documented_errors() {
        let document = Document::bundled().unwrap();
        let examples = document.error_examples();
        assert!(!examples.is_empty());
        for example in examples {
            let code = u16::try_from(example["code"].as_u64().unwrap()).unwrap();
            assert_eq!(title(StatusCode::from_u16(code).unwrap()), example["title"]);
        }
    }
}
