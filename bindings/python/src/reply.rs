//! How a call ended.

use ocamba_hood::{Attempt, Error, Response};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::error::{self, Failure};

/// How a call ended: with an answer, or an error.
#[pyclass(frozen, module = "ocamba_hood._native")]
pub struct Reply(Ended);

/// The end of a call, made without Python.
pub enum Ended {
    Well(Box<Success>),
    Badly(Failure),
}

/// An answer. Its body was read by the core before, so it is sound JSON.
pub struct Success {
    status: u16,
    headers: Vec<(String, String)>,
    trace_id: Option<String>,
    body: Vec<u8>,
    attempts: Vec<Attempt>,
}

/// Method, path, status, seconds, trace id.
type Row<'a> = (&'a str, &'a str, Option<u16>, f64, Option<&'a str>);

#[pymethods]
impl Reply {
    /// The exception to raise, if there is no answer.
    #[getter]
    fn error(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        match &self.0 {
            Ended::Well(_) => None,
            Ended::Badly(failure) => Some(error::to_exception(py, failure).into_value(py).into_any()),
        }
    }

    /// The answer's JSON, secrets in clear.
    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyString>> {
        self.success().map(|s| PyString::new(py, &String::from_utf8_lossy(&s.body)))
    }

    /// The HTTP status.
    #[getter]
    fn status(&self) -> Option<u16> {
        self.success().map(|s| s.status)
    }

    /// The headers, named in lower case; several of one name are joined with a comma.
    #[getter]
    fn headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let all = PyDict::new(py);
        for (name, value) in self.success().into_iter().flat_map(|s| &s.headers) {
            match all.get_item(name)? {
                Some(before) => all.set_item(name, format!("{before}, {value}"))?,
                None => all.set_item(name, value)?,
            }
        }
        Ok(all)
    }

    /// Names the answer to the vendor's support.
    #[getter]
    fn trace_id(&self) -> Option<&str> {
        self.success()?.trace_id.as_deref()
    }

    /// For the log, of each request on the wire.
    #[getter]
    fn attempts(&self) -> Vec<Row<'_>> {
        let attempts = match &self.0 {
            Ended::Well(success) => success.attempts.as_slice(),
            Ended::Badly(Failure::Core(error)) => error.attempts(),
            Ended::Badly(_) => &[],
        };
        attempts.iter().map(row).collect()
    }
}

fn row(attempt: &Attempt) -> Row<'_> {
    let Attempt { method, path, status, duration, trace_id, .. } = attempt;
    (method.as_str(), path, status.map(|s| s.as_u16()), duration.as_secs_f64(), trace_id.as_deref())
}

impl Reply {
    fn success(&self) -> Option<&Success> {
        match &self.0 {
            Ended::Well(success) => Some(success),
            Ended::Badly(_) => None,
        }
    }
}

impl From<Ended> for Reply {
    fn from(ended: Ended) -> Self {
        Self(ended)
    }
}

impl<T> From<Result<Response<T>, Error>> for Ended {
    fn from(result: Result<Response<T>, Error>) -> Self {
        match result {
            Ok(response) => {
                let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
                Self::Well(Box::new(Success {
                    body: response.body().to_vec(),
                    attempts: response.attempts().to_vec(),
                    status: response.status.as_u16(),
                    headers: response
                        .headers
                        .iter()
                        .map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes())))
                        .collect(),
                    trace_id: response.trace_id,
                }))
            }
            Err(error) => Self::Badly(Failure::from(error)),
        }
    }
}
