//! Results of calls, for Python to read.

use ocamba_hood::{Attempt, CheckedBody, Response};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::error::{Failure, to_exception};

/// The result of a call, made without Python. A paginator returns `None` after its last page.
pub type Ended = Result<Option<Response<CheckedBody>>, Failure>;

/// The result of a call.
#[pyclass(frozen, module = "ocamba_hood._native")]
pub struct Reply(pub Ended);

/// Method, path, status, duration in seconds, trace ID.
type Row<'a> = (&'a str, &'a str, Option<u16>, f64, Option<&'a str>);

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

    /// The headers, with names in lower case. Several values of one header are joined with commas.
    #[getter]
    fn headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let all = PyDict::new(py);
        for (name, value) in self.response().into_iter().flat_map(|response| &response.headers) {
            let value = String::from_utf8_lossy(value.as_bytes());
            match all.get_item(name.as_str())? {
                Some(before) => all.set_item(name.as_str(), format!("{before}, {value}"))?,
                None => all.set_item(name.as_str(), value)?,
            }
        }
        Ok(all)
    }

    /// Request ID to quote to the vendor's support.
    #[getter]
    fn trace_id(&self) -> Option<&str> {
        self.response()?.trace_id.as_deref()
    }

    /// The HTTP requests of the call, for the log.
    #[getter]
    fn attempts(&self) -> Vec<Row<'_>> {
        let attempts = match &self.0 {
            Ok(response) => response.as_ref().map_or(&[][..], Response::attempts),
            Err(Failure::Core(error)) => error.attempts(),
            Err(_) => &[],
        };
        attempts.iter().map(row).collect()
    }
}

fn row(attempt: &Attempt) -> Row<'_> {
    let Attempt { method, path, status, duration, trace_id, .. } = attempt;
    (method.as_str(), path, status.map(|s| s.as_u16()), duration.as_secs_f64(), trace_id.as_deref())
}

impl Reply {
    fn response(&self) -> Option<&Response<CheckedBody>> {
        self.0.as_ref().ok()?.as_ref()
    }
}
