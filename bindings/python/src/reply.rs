//! How a call ended.

use ocamba_hood::{Attempt, CheckedBody, Error, Response};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::error::{self, Failure};

/// How a call ended: with an answer, or an error; or, of a list, with no more pages.
#[pyclass(frozen, module = "ocamba_hood._native")]
pub struct Reply(Ended);

/// The end of a call, made without Python. The core has read the answer's body, so it is sound JSON.
pub enum Ended {
    Ok(Box<Response<CheckedBody>>),
    Err(Failure),
    /// There are no more pages.
    Over,
}

/// Method, path, status, seconds, trace id.
type Row<'a> = (&'a str, &'a str, Option<u16>, f64, Option<&'a str>);

#[pymethods]
impl Reply {
    /// The exception to raise, if there is no answer.
    #[getter]
    fn error(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        match &self.0 {
            Ended::Ok(_) | Ended::Over => None,
            Ended::Err(failure) => Some(error::to_exception(py, failure).into_value(py).into_any()),
        }
    }

    /// The answer's JSON, secrets in clear. None after the last page.
    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyString>> {
        self.answer().map(|a| PyString::new(py, a.value.as_str().trim_start()))
    }

    /// The HTTP status.
    #[getter]
    fn status(&self) -> Option<u16> {
        self.answer().map(|a| a.status.as_u16())
    }

    /// The headers, named in lower case; several of one name are joined with a comma.
    #[getter]
    fn headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let all = PyDict::new(py);
        for (name, value) in self.answer().into_iter().flat_map(|a| &a.headers) {
            let value = String::from_utf8_lossy(value.as_bytes());
            match all.get_item(name.as_str())? {
                Some(before) => all.set_item(name.as_str(), format!("{before}, {value}"))?,
                None => all.set_item(name.as_str(), value)?,
            }
        }
        Ok(all)
    }

    /// Names the answer to the vendor's support.
    #[getter]
    fn trace_id(&self) -> Option<&str> {
        self.answer()?.trace_id.as_deref()
    }

    /// For the log, of each request on the wire.
    #[getter]
    fn attempts(&self) -> Vec<Row<'_>> {
        let attempts = match &self.0 {
            Ended::Ok(answer) => answer.attempts(),
            Ended::Err(Failure::Core(error)) => error.attempts(),
            Ended::Err(_) | Ended::Over => &[],
        };
        attempts.iter().map(row).collect()
    }
}

fn row(attempt: &Attempt) -> Row<'_> {
    let Attempt { method, path, status, duration, trace_id, .. } = attempt;
    (method.as_str(), path, status.map(|s| s.as_u16()), duration.as_secs_f64(), trace_id.as_deref())
}

impl Reply {
    fn answer(&self) -> Option<&Response<CheckedBody>> {
        match &self.0 {
            Ended::Ok(answer) => Some(answer),
            Ended::Err(_) | Ended::Over => None,
        }
    }
}

impl From<Ended> for Reply {
    fn from(ended: Ended) -> Self {
        Self(ended)
    }
}

impl From<Result<Response<CheckedBody>, Error>> for Ended {
    fn from(result: Result<Response<CheckedBody>, Error>) -> Self {
        result.map_or_else(|error| Self::Err(Failure::from(error)), |answer| Self::Ok(Box::new(answer)))
    }
}
