//! What the server says: JSON, and one error object for every refusal.

use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use uuid::Uuid;

/// An answer with a JSON body.
pub fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => (status, [(CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A request that is not carried out, and why.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    /// Names fields and limits, never values: a value may be a secret.
    message: Option<String>,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Refusal {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: Some(message.into()), header: None }
    }

    /// A 500, which is documented to have no message.
    pub fn server_error() -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, message: None, header: None }
    }

    pub fn with_header(mut self, name: HeaderName, value: impl Into<HeaderValue>) -> Self {
        self.header = Some((name, value.into()));
        self
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = json(
            self.status,
            &ErrorObject {
                code: self.status.as_u16(),
                title: title(self.status),
                message: self.message,
                trace_id: Uuid::new_v4().to_string(),
            },
        );
        response.headers_mut().extend(self.header);
        response
    }
}

#[derive(Serialize)]
struct ErrorObject {
    code: u16,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    trace_id: String,
}

/// The status in words, as in the documented answers: "Bad request.", "Internal server error."
fn title(status: StatusCode) -> String {
    let reason = status.canonical_reason().unwrap_or("Unknown status").to_lowercase();
    let mut letters = reason.chars();
    letters.next().map(|first| format!("{}{}.", first.to_ascii_uppercase(), letters.as_str())).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::document::Document;

    #[test]
    fn titles_are_those_of_the_documented_errors() {
        let document = Document::bundled().unwrap();
        let examples = document.error_examples();
        assert!(!examples.is_empty());
        for example in examples {
            let code = u16::try_from(example["code"].as_u64().unwrap()).unwrap();
            assert_eq!(title(StatusCode::from_u16(code).unwrap()), example["title"]);
        }
    }
}
