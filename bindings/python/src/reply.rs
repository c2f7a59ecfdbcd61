//! Results of calls, for Python to read.

use std::sync::Arc;

use ocamba_hood::{CheckedBody, Response};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

use crate::error::{Failure, to_exception};
use crate::http;

/// The result of a call, made without Python. A paginator returns `None` after its last page.
pub type Ended = Result<Option<Arc<Response<CheckedBody>>>, Failure>;

/// The result of a call.
#[pyclass(frozen, module = "ocamba_hood._native")]
pub struct Reply(pub Ended);

#[pymethods]
impl Reply {
    /// The exception to raise, if the call failed.
    #[getter]
    fn error(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        let failure = self.0.as_ref().err()?;
        Some(to_exception(py, failure).into_value(py).into_any())
    }

    /// The JSON of the response, with secrets in clear; `None` after the last page.
    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyString>> {
        self.response().map(|response| PyString::new(py, response.value.as_str().trim_start()))
    }

    /// The HTTP status.
    #[getter]
    fn status(&self) -> Option<u16> {
        self.response().map(|response| response.status.as_u16())
    }

    /// The headers, with names in lower case.
    #[getter]
    fn headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        http::headers(py, self.response().into_iter().flat_map(|response| &response.headers))
    }

    /// Request ID to quote to the vendor's support.
    #[getter]
    fn trace_id(&self) -> Option<&str> {
        self.response()?.trace_id.as_deref()
    }

    /// The HTTP requests of the call.
    #[getter]
    fn attempts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let attempts = match &self.0 {
            Ok(response) => response.as_deref().map_or(&[][..], Response::attempts),
            Err(Failure::Core(error)) => error.attempts(),
            Err(_) => &[],
        };
        http::attempts(py, attempts)
    }
}

impl Reply {
    fn response(&self) -> Option<&Response<CheckedBody>> {
        self.0.as_ref().ok()?.as_deref()
    }
}
