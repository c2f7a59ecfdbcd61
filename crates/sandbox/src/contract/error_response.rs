//! What the server says: JSON, and one error object for every error.

use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use uuid::Uuid;

use crate::contract::violations::{Violation, Violations};

/// An answer with a JSON body.
pub fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => (status, [(CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A request that is not carried out, and why.
#[derive(Debug)]
pub struct ErrorResponse {
    status: StatusCode,
    reason: Reason,
    header: Option<(HeaderName, HeaderValue)>,
}

/// What is told of why. It names fields and limits, never values: a value may be a secret.
#[derive(Debug, Default)]
pub struct Reason {
    message: Option<String>,
    findings: Box<[Violation]>,
}

/// What a error told its client, for the journal. It goes with the response, but is not sent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ErrorDetails {
    pub message: Option<String>,
    pub trace_id: String,
    pub findings: Vec<Violation>,
}

impl ErrorResponse {
    pub fn new(status: StatusCode, reason: impl Into<Reason>) -> Self {
        Self { status, reason: reason.into(), header: None }
    }

    /// A 500, which is documented to have no message.
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
        let Reason { message, findings } = self.reason;
        let told = ErrorDetails { message, trace_id: Uuid::new_v4().to_string(), findings: findings.into_vec() };
        let mut response = json(
            self.status,
            &ErrorObject {
                code: self.status.as_u16(),
                title: title(self.status),
                message: told.message.as_deref(),
                trace_id: &told.trace_id,
            },
        );
        response.headers_mut().extend(self.header);
        response.extensions_mut().insert(told);
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
    fn from(findings: Violations) -> Self {
        Self { message: Some(findings.to_string()), findings: findings.all.into() }
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
    use crate::contract::document::Document;

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
