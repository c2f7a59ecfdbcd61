//! What went wrong, as an exception of the Python package.

use std::error::Error as _;
use std::sync::Arc;

use ocamba_hood::{Error, ErrorKind, Outcome};
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyModule, PyTuple};

use crate::json::NotSerializable;

/// Why a call has no result.
#[derive(Clone)]
pub enum Failure {
    /// The core says so.
    Core(Arc<Error>),
    /// The request cannot be written as JSON.
    Invalid { field: String, message: String },
    /// An argument of the client or of a call cannot be used.
    Argument(String),
    /// The call panicked: a bug, here or below.
    Lost,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(Arc::new(error))
    }
}

impl From<NotSerializable> for Failure {
    fn from(unfit: NotSerializable) -> Self {
        Self::Invalid { field: unfit.field(), message: unfit.message().to_owned() }
    }
}

/// The class of each kind of failure, in `ocamba_hood._errors`.
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
    raised(py, failure).unwrap_or_else(|error| error)
}

fn raised(py: Python<'_>, failure: &Failure) -> PyResult<PyErr> {
    match failure {
        Failure::Core(error) => core(py, error),
        Failure::Invalid { field, message } => {
            let text = format!("{field} {message}");
            let error = Made::new(py, ErrorKind::Validation, Outcome::NotSent, &text)?;
            error.fields.set_item("field_errors", ((field, message),))?;
            error.exception(&text)
        }
        Failure::Argument(text) => Made::new(py, ErrorKind::Configuration, Outcome::NotSent, text)?.exception(text),
        Failure::Lost => {
            let text = "the call ended by a bug in ocamba_hood, and may have been carried out";
            Made::new(py, ErrorKind::OutcomeUnknown, Outcome::Unknown, text)?.exception(text)
        }
    }
}

fn core(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let made = Made::new(py, error.kind(), error.outcome(), error.message())?;
    made.fields.set_item("status", error.status().map(|s| s.as_u16()))?;
    made.fields.set_item("title", error.title())?;
    made.fields.set_item("trace_id", error.trace_id())?;
    made.fields.set_item("retry_after", error.retry_after().map(|wait| wait.as_secs_f64()))?;
    let field_errors = error.field_errors().iter().map(|p| (p.field.as_str(), p.message.as_str()));
    made.fields.set_item("field_errors", PyTuple::new(py, field_errors.collect::<Vec<_>>())?)?;
    made.fields.set_item("unconfirmed_create", error.unconfirmed_create())?;
    let exception = made.exception(&error.to_string())?;
    if let Some(source) = error.source() {
        exception.set_cause(py, Some(PyOSError::new_err(chain(source))));
    }
    Ok(exception)
}

/// All that a source says, from the outside in.
fn chain(source: &dyn std::error::Error) -> String {
    let inner = source.source().map(chain);
    inner.map_or_else(|| source.to_string(), |inner| format!("{source}: {inner}"))
}

/// An exception in the making.
struct Made<'py> {
    class: Bound<'py, PyAny>,
    fields: Bound<'py, PyDict>,
}

impl<'py> Made<'py> {
    fn new(py: Python<'py>, kind: ErrorKind, outcome: Outcome, message: &str) -> PyResult<Self> {
        static CLASSES: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
        let classes = CLASSES.get_or_try_init(py, || py.import("ocamba_hood._errors").map(Bound::unbind))?;
        let fields = PyDict::new(py);
        fields.set_item("outcome", outcome.as_str())?;
        fields.set_item("code", kind.code())?;
        fields.set_item("message", message)?;
        Ok(Self { class: classes.bind(py).getattr(class(kind))?, fields })
    }

    fn exception(self, text: &str) -> PyResult<PyErr> {
        self.class.call((text,), Some(&self.fields)).map(PyErr::from_value)
    }
}
