//! The HTTP of a call, for Python: the headers of a response, and the records of requests.

use std::time::UNIX_EPOCH;

use ocamba_hood::Attempt;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

/// Returns the headers of a response, with names in lower case. Several values of one header are joined with commas.
pub fn headers<'py, 'a>(
    py: Python<'py>,
    all: impl IntoIterator<Item = (&'a (impl AsRef<str> + 'a), &'a (impl AsRef<[u8]> + 'a))>,
) -> PyResult<Bound<'py, PyDict>> {
    let headers = PyDict::new(py);
    for (name, value) in all {
        let (name, value) = (name.as_ref(), String::from_utf8_lossy(value.as_ref()));
        match headers.get_item(name)? {
            Some(before) => headers.set_item(name, format!("{before}, {value}"))?,
            None => headers.set_item(name, value)?,
        }
    }
    Ok(headers)
}

/// Returns the fields of `ocamba_hood.Attempt` for each request.
pub fn attempts<'py>(py: Python<'py>, all: &[Attempt]) -> PyResult<Bound<'py, PyList>> {
    let rows = all.iter().map(|attempt| {
        let row = PyDict::new(py);
        row.set_item("number", attempt.number)?;
        row.set_item("operation", attempt.operation)?;
        row.set_item("method", attempt.method.as_str())?;
        row.set_item("url", attempt.url())?;
        row.set_item("path", &attempt.path)?;
        row.set_item("path_template", attempt.path_template)?;
        row.set_item("host", &attempt.host)?;
        row.set_item("port", attempt.port)?;
        row.set_item("started", attempt.started.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64())?;
        row.set_item("duration", attempt.duration.as_secs_f64())?;
        row.set_item("status", attempt.status.map(|s| s.as_u16()))?;
        row.set_item("error", attempt.error)?;
        row.set_item("trace_id", attempt.trace_id.as_deref())?;
        Ok(row)
    });
    PyList::new(py, rows.collect::<PyResult<Vec<_>>>()?)
}
