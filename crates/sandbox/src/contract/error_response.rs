//! JSON responses, and the documented error response.

use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use uuid::Uuid;

use crate::contract::violations::{Violation, Violations};

/// Returns a response with a JSON body.
pub fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => (status, [(CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// An error response: the request took no effect.
#[derive(Debug)]
pub struct ErrorResponse {
    status: StatusCode,
    reason: Reason,
    header: Option<(HeaderName, HeaderValue)>,
}

/// Why a request was refused. It names fields and limits, never values: a value may be a secret.
#[derive(Debug, Default)]
pub struct Reason {
    message: Option<String>,
    violations: Box<[Violation]>,
}

/// The content of an error response, for the journal. It is an extension of the response, and not sent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ErrorDetails {
    pub message: Option<String>,
    pub trace_id: String,
    pub violations: Vec<Violation>,
}

impl ErrorResponse {
    pub fn new(status: StatusCode, reason: impl Into<Reason>) -> Self {
        Self { status, reason: reason.into(), header: None }
    }

    /// Returns a 400.
    pub fn bad_request(reason: impl Into<Reason>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, reason)
    }

    /// Returns a 404.
    pub fn not_found(message: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// Returns a 500, which is documented to have no message.
    pub fn server_error() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, Reason::default())
    }

    pub fn with_header(mut self, name: HeaderName, value: impl Into<HeaderValue>) -> Self {
        self.header = Some((name, value.into()));
        self
    }
}

impl IntoResponse for ErrorResponse {
    fn into_response(self) -> Response {
        let Reason { message, violations } = self.reason;
        let details = ErrorDetails { message, trace_id: Uuid::new_v4().to_string(), violations: violations.into_vec() };
        let mut response = json(
            self.status,
            &ErrorObject {
                code: self.status.as_u16(),
                title: title(self.status),
                message: details.message.as_deref(),
                trace_id: &details.trace_id,
            },
        );
        response.headers_mut().extend(self.header);
        response.extensions_mut().insert(details);
        response
    }
}

impl From<&str> for Reason {
    fn from(message: &str) -> Self {
        message.to_owned().into()
    }
}

impl From<String> for Reason {
    fn from(message: String) -> Self {
        Self { message: Some(message), ..Self::default() }
    }
}

impl From<Violations> for Reason {
    fn from(violations: Violations) -> Self {
        Self { message: Some(violations.to_string()), violations: violations.all.into() }
    }
}

impl From<Violations> for ErrorResponse {
    fn from(violations: Violations) -> Self {
        Self::bad_request(violations)
    }
}

#[derive(Serialize)]
struct ErrorObject<'a> {
    code: u16,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    trace_id: &'a str,
}

/// Returns the status in words, as in the documented responses: "Bad request.", "Internal server error."
fn title(status: StatusCode) -> String {
    let reason = status.canonical_reason().unwrap_or("Unknown status").to_lowercase();
    let mut letters = reason.chars();
    letters.next().map(|first| format!("{}{}.", first.to_ascii_uppercase(), letters.as_str())).unwrap_or_default()
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
