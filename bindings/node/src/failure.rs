//! A failure, as JSON from which JavaScript makes an error.

use ocamba_hood::{Error, ErrorKind, FieldError, Outcome, Stage};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::message::of_headers;

/// The fields of an error class of `lib/errors.js`.
#[derive(Debug, Default, Serialize)]
pub struct Failure {
    class: &'static str,
    outcome: &'static str,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    http_headers: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    message: String,
    /// First line of the stack: the whole error in one sentence.
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<&'static str>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    field_errors: Vec<InvalidField>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    /// The create that may have taken effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    unconfirmed_create: Option<String>,
}

/// An invalid field of a request or of its options.
#[derive(Debug, Serialize)]
struct InvalidField {
    field: String,
    message: String,
}

impl Failure {
    /// Describes invalid options of a client. `message` quotes no value.
    pub fn configuration(message: String) -> Self {
        Self::not_sent(ErrorKind::Configuration, message)
    }

    /// Describes why no request can be sent.
    pub fn connection(message: String) -> Self {
        Self::not_sent(ErrorKind::Connection, message)
    }

    /// Describes an invalid field. `message` quotes no value.
    pub fn validation(field: impl Into<String>, message: impl Into<String>) -> Self {
        let field = InvalidField { field: field.into(), message: message.into() };
        let message = format!("{} {}", field.field, field.message);
        Self { field_errors: vec![field], ..Self::not_sent(ErrorKind::Validation, message) }
    }

    /// Describes a call that its caller aborted.
    pub fn aborted(sent: bool, unconfirmed_create: Option<String>) -> Self {
        let message = match sent {
            true => "the call was aborted after its request was sent; the server may have carried it out",
            false => "the call was aborted before its request was sent",
        };
        Self { unconfirmed_create, ..Self::new("AbortError", outcome(sent), "aborted", message.to_owned()) }
    }

    /// Describes a bug of this package.
    pub fn internal(sent: bool) -> Self {
        let message = "this package failed because of a bug; please report it".to_owned();
        Self::new("HoodError", outcome(sent), "internal", message)
    }

    /// Returns an error to throw at once, with the failure as its reason: JavaScript makes its own error from it.
    pub fn thrown(failure: impl Into<Self>) -> napi::Error {
        napi::Error::from_reason(serde_json::to_string(&failure.into()).unwrap_or_default())
    }

    fn not_sent(kind: ErrorKind, message: String) -> Self {
        Self::new(class(kind), outcome(false), kind.code(), message)
    }

    fn new(class: &'static str, outcome: &'static str, code: &'static str, message: String) -> Self {
        Self { class, outcome, code, text: message.clone(), message, ..Self::default() }
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self {
            class: class(error.kind()),
            outcome: error.outcome().as_str(),
            code: error.code(),
            http_status: error.status().map(|s| s.as_u16()),
            http_headers: of_headers(error.headers()),
            title: error.title().map(str::to_owned),
            message: error.message().to_owned(),
            text: error.to_string(),
            trace_id: error.trace_id().map(str::to_owned),
            stage: error.stage().map(Stage::code),
            retry_after: error.retry_after().map(|wait| wait.as_secs_f64()),
            field_errors: error.field_errors().iter().map(InvalidField::from).collect(),
            cause: causes(error),
            unconfirmed_create: error.unconfirmed_create(),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

impl From<&FieldError> for InvalidField {
    fn from(error: &FieldError) -> Self {
        Self { field: error.field.clone(), message: error.message.clone() }
    }
}

/// Returns the error class of a kind. A new kind in the core does not compile until it has one.
fn class(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Configuration => "ConfigurationError",
        ErrorKind::Validation => "ValidationError",
        ErrorKind::Connection => "ConnectionError",
        ErrorKind::Timeout => "TimeoutError",
        ErrorKind::Authentication => "AuthenticationError",
        ErrorKind::PermissionDenied => "PermissionDeniedError",
        ErrorKind::NotFound => "NotFoundError",
        ErrorKind::RateLimit => "RateLimitError",
        ErrorKind::BadRequest => "BadRequestError",
        ErrorKind::ServerError => "ServerError",
        ErrorKind::OutcomeUnknown => "OutcomeUnknownError",
        ErrorKind::UnreadableResponse => "UnreadableResponseError",
        ErrorKind::Duplicate => "DuplicateError",
    }
}

fn outcome(sent: bool) -> &'static str {
    if sent { Outcome::Unknown.as_str() } else { Outcome::NotSent.as_str() }
}

/// Returns the chain of an error's causes.
fn causes(error: &Error) -> Option<String> {
    let chain = std::iter::successors(std::error::Error::source(error), |e| e.source());
    let all: Vec<_> = chain.map(ToString::to_string).collect();
    (!all.is_empty()).then(|| all.join(": "))
}
