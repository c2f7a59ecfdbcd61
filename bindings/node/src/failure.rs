//! A failure, as the text from which JavaScript makes one of its error classes.

use ocamba_hood::{Error, ErrorKind, FieldError};
use serde::Serialize;

/// All that an error class of `lib/errors.js` is made from.
#[derive(Debug, Serialize)]
pub struct Failure {
    class: &'static str,
    outcome: &'static str,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    message: String,
    /// The first line of the stack: all of it in one sentence.
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    field_errors: Vec<Wrong>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    /// What to look for, where a create may have come to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    unconfirmed_create: Option<String>,
}

/// One thing that is wrong with a request.
#[derive(Debug, Serialize)]
struct Wrong {
    field: String,
    message: String,
}

impl Failure {
    /// The client's options cannot be used. `what` quotes no value.
    pub fn configuration(what: impl Into<String>) -> Self {
        Self::of(class(ErrorKind::Configuration), "not_sent", ErrorKind::Configuration.code(), what)
    }

    /// A field of the call's options cannot be used. `what` quotes no value.
    pub fn validation(field: impl Into<String>, what: impl Into<String>) -> Self {
        let (field, message) = (field.into(), what.into());
        let mut failure = Self::of(class(ErrorKind::Validation), "not_sent", ErrorKind::Validation.code(), "");
        failure.message = format!("{field} {message}");
        failure.text.clone_from(&failure.message);
        failure.field_errors = vec![Wrong { field, message }];
        failure
    }

    /// The caller gave the call up. `unconfirmed_create` is what to look for, where it was a create.
    pub fn aborted(sent: bool, unconfirmed_create: Option<String>) -> Self {
        let what = match sent {
            true => "the call was aborted after its request was sent; it may have been carried out",
            false => "the call was aborted before its request was sent",
        };
        Self { unconfirmed_create, ..Self::of("AbortError", outcome(sent), "aborted", what) }
    }

    /// As the reason of an error that is thrown at once: JavaScript makes one of its own from it.
    pub fn reason(&self) -> napi::Error {
        napi::Error::from_reason(serde_json::to_string(self).unwrap_or_default())
    }

    /// A mistake of this package.
    pub fn internal(sent: bool) -> Self {
        let what = "this package has failed by a mistake of its own; please report it";
        Self::of("HoodError", outcome(sent), "internal", what)
    }

    fn of(class: &'static str, outcome: &'static str, code: &'static str, what: impl Into<String>) -> Self {
        let message = what.into();
        Self {
            class,
            outcome,
            code,
            status: None,
            title: None,
            text: message.clone(),
            message,
            trace_id: None,
            retry_after: None,
            field_errors: Vec::new(),
            cause: None,
            unconfirmed_create: None,
        }
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self {
            class: class(error.kind()),
            outcome: error.outcome().as_str(),
            code: error.code(),
            status: error.status().map(|s| s.as_u16()),
            title: error.title().map(str::to_owned),
            message: error.message().to_owned(),
            text: error.to_string(),
            trace_id: error.trace_id().map(str::to_owned),
            retry_after: error.retry_after().map(|wait| wait.as_secs_f64()),
            field_errors: error.field_errors().iter().map(Wrong::from).collect(),
            cause: causes(error),
            unconfirmed_create: error.unconfirmed_create(),
        }
    }
}

impl From<&FieldError> for Wrong {
    fn from(problem: &FieldError) -> Self {
        Self { field: problem.field.clone(), message: problem.message.clone() }
    }
}

/// The error class of each kind. A kind that is added to the core does not compile until it has one.
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
    use ocamba_hood::Outcome;
    if sent { Outcome::Unknown.as_str() } else { Outcome::NotSent.as_str() }
}

/// What lies below an error, from the top down.
fn causes(error: &Error) -> Option<String> {
    let below = std::iter::successors(std::error::Error::source(error), |e| e.source());
    let all: Vec<_> = below.map(ToString::to_string).collect();
    (!all.is_empty()).then(|| all.join(": "))
}
