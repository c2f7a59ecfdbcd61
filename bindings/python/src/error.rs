//! Failures, as exceptions of the Python package.

use std::error::Error as _;
use std::sync::Arc;

use ocamba_hood::{Error, ErrorKind, Outcome, Stage};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyModule, PyTuple};

use crate::http;
use crate::json::NotSerializable;

/// Why a call has no result.
#[derive(Clone)]
pub enum Failure {
    /// An error of the core.
    Core(Arc<Error>),
    /// The request cannot be written as JSON.
    Invalid { field: String, message: String },
    /// An argument of the client or of a call is invalid.
    Argument(String),
    /// The call panicked, because of a bug in this package.
    Lost,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(Arc::new(error))
    }
}

impl From<NotSerializable> for Failure {
    fn from(error: NotSerializable) -> Self {
        Self::Invalid { field: error.field(), message: error.message().to_owned() }
    }
}

/// The class of each kind of error, in `ocamba_hood._errors`.
fn class(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Configuration => "ConfigurationError",
        ErrorKind::Validation => "ValidationError",
        ErrorKind::Connection => "HoodConnectionError",
        ErrorKind::Timeout => "HoodTimeoutError",
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

/// The exception to raise.
pub fn to_exception(py: Python<'_>, failure: &Failure) -> PyErr {
    let exception = match failure {
        Failure::Core(error) => of_core(py, error),
        Failure::Invalid { field, message } => {
            let fields = PyDict::new(py);
            let added = fields.set_item("field_errors", ((field, message),));
            let text = format!("{field} {message}");
            added.and_then(|()| exception(&fields, ErrorKind::Validation, Outcome::NotSent, &text, &text))
        }
        Failure::Argument(text) => exception(&PyDict::new(py), ErrorKind::Configuration, Outcome::NotSent, text, text),
        Failure::Lost => {
            let text = "the call ended because of a bug in ocamba_hood, and may have taken effect; please report it";
            exception(&PyDict::new(py), ErrorKind::OutcomeUnknown, Outcome::Unknown, text, text)
        }
    };
    exception.unwrap_or_else(|error| error)
}

fn of_core(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let fields = PyDict::new(py);
    fields.set_item("status", error.status().map(|s| s.as_u16()))?;
    fields.set_item("headers", http::headers(py, error.headers())?)?;
    fields.set_item("attempts", http::attempts(py, error.attempts())?)?;
    fields.set_item("title", error.title())?;
    fields.set_item("trace_id", error.trace_id())?;
    fields.set_item("stage", error.stage().map(Stage::code))?;
    fields.set_item("retry_after", error.retry_after().map(|wait| wait.as_secs_f64()))?;
    let field_errors = error.field_errors().iter().map(|p| (p.field.as_str(), p.message.as_str()));
    fields.set_item("field_errors", PyTuple::new(py, field_errors.collect::<Vec<_>>())?)?;
    fields.set_item("unconfirmed_create", error.unconfirmed_create())?;
    fields.set_item("cause", error.source().map(chain))?;
    exception(&fields, error.kind(), error.outcome(), error.message(), &error.to_string())
}

/// The messages of a source and of its own sources.
fn chain(source: &dyn std::error::Error) -> String {
    let inner = source.source().map(chain);
    inner.map_or_else(|| source.to_string(), |inner| format!("{source}: {inner}"))
}

fn exception(
    fields: &Bound<'_, PyDict>,
    kind: ErrorKind,
    outcome: Outcome,
    message: &str,
    text: &str,
) -> PyResult<PyErr> {
    static CLASSES: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let py = fields.py();
    let classes = CLASSES.get_or_try_init(py, || py.import("ocamba_hood._errors").map(Bound::unbind))?;
    fields.set_item("outcome", outcome.as_str())?;
    fields.set_item("code", kind.code())?;
    fields.set_item("message", message)?;
    classes.bind(py).getattr(class(kind))?.call((text,), Some(fields)).map(PyErr::from_value)
}
