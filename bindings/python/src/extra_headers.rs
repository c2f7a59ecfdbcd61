//! Headers that a user adds to requests.

use ocamba_hood::ExtraHeaders;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::secret::{Secret, type_name};

/// Headers, or why they cannot be read. Shows no value, which may be the key of a gateway.
#[pyclass(frozen, module = "ocamba_hood._native")]
pub struct HiddenHeaders(Result<Vec<(String, String)>, String>);

/// Returns headers that no traceback can show, or `None` for `None`. Never raises.
#[pyfunction]
#[pyo3(signature = (headers, /))]
pub fn hide_headers(headers: &Bound<'_, PyAny>) -> Option<HiddenHeaders> {
    (!headers.is_none()).then(|| HiddenHeaders(read(headers)))
}

/// Adds the headers of an argument after [`hide_headers`].
pub fn add(argument: &Bound<'_, PyAny>, name: &str, to: &mut ExtraHeaders) -> PyResult<()> {
    let Ok(headers) = argument.cast::<HiddenHeaders>() else { return Ok(()) };
    let all = headers.get().0.as_ref().map_err(|why| PyTypeError::new_err(format!("{name} {why}")))?;
    all.iter().for_each(|(name, value)| to.set(name, value));
    Ok(())
}

/// Adds the headers of a trace. They are a program's own, and valid.
pub fn add_trace(trace: Option<&HiddenHeaders>, to: &mut ExtraHeaders) {
    trace.iter().flat_map(|headers| headers.0.iter().flatten()).for_each(|(name, value)| to.set(name, value));
}

fn read(headers: &Bound<'_, PyAny>) -> Result<Vec<(String, String)>, String> {
    let all = PyDict::new(headers.py());
    if headers.is_instance_of::<PyString>() || all.call_method1("update", (headers,)).is_err() {
        return Err(format!("must be a dict of names and values, not {}", type_name(headers)));
    }
    let mut read: Vec<(String, String)> = Vec::new();
    for (name, value) in all {
        let name = text(&name, "names")?;
        if read.iter().any(|(other, _)| other.eq_ignore_ascii_case(&name)) {
            return Err(format!("has {name} twice, in different cases"));
        }
        read.push((name, text(&value, "values")?));
    }
    Ok(read)
}

fn text(object: &Bound<'_, PyAny>, what: &str) -> Result<String, String> {
    let secret =
        Secret::of(object).ok_or_else(|| format!("must have {what} of type str, not {}", type_name(object)))?;
    secret.text(object.py()).map(str::to_owned).ok_or_else(|| format!("must have {what} of valid Unicode"))
}
