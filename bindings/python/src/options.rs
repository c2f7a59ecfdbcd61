//! The arguments of a client and of a call.

use std::time::Duration;

use ocamba_hood::CallOptions;
use pyo3::conversion::FromPyObjectOwned;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyInt};

use crate::error::{Failure, to_exception};
use crate::extra_headers;
use crate::secret::type_name;

/// The options of a call: timeout, connect timeout, retries, reconcile timeout, headers. `None` selects the client's default.
pub type Given<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>, Bound<'py, PyAny>, Bound<'py, PyAny>, Bound<'py, PyAny>);

/// Returns the options with those that are given, checked. `headers_name` is the argument with the headers.
pub fn read(given: Given<'_>, headers_name: &str, mut options: CallOptions) -> PyResult<CallOptions> {
    let (timeout, connect_timeout, max_retries, reconcile_timeout, headers) = given;
    if !timeout.is_none() {
        options.timeout = duration("timeout", &timeout)?;
    }
    if !connect_timeout.is_none() {
        options.connect_timeout = duration("connect_timeout", &connect_timeout)?;
    }
    if !max_retries.is_none() {
        options.max_retries = retries("max_retries", &max_retries)?;
    }
    if !reconcile_timeout.is_none() {
        options.reconcile_timeout = seconds("reconcile_timeout", &reconcile_timeout, "from zero to 1e19")?;
    }
    extra_headers::add(&headers, headers_name, &mut options.headers)?;
    Ok(options)
}

/// A duration of more than zero.
pub fn duration(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Duration> {
    let bounds = "more than zero and at most 1e19";
    let duration = seconds(name, value, bounds)?;
    if duration.is_zero() { Err(refused(name, value, SECONDS, bounds)) } else { Ok(duration) }
}

/// A maximum number of retries.
pub fn retries(name: &str, value: &Bound<'_, PyAny>) -> PyResult<u32> {
    number(name, value, WHOLE, "from 0 to 4294967295")
}

/// A maximum number of bytes.
pub fn bytes(name: &str, value: &Bound<'_, PyAny>) -> PyResult<usize> {
    let bounds = "from 1 to 2**63";
    let bytes = number(name, value, WHOLE, bounds)?;
    if bytes == 0 { Err(refused(name, value, WHOLE, bounds)) } else { Ok(bytes) }
}

const SECONDS: &str = "a number of seconds";
const WHOLE: &str = "a whole number";

fn seconds(name: &str, value: &Bound<'_, PyAny>, bounds: &str) -> PyResult<Duration> {
    let seconds = number(name, value, SECONDS, bounds)?;
    Duration::try_from_secs_f64(seconds).map_err(|_| refused(name, value, SECONDS, bounds))
}

/// A number. A boolean is none.
fn number<'py, T: FromPyObjectOwned<'py>>(
    name: &str,
    value: &Bound<'py, PyAny>,
    expected: &str,
    bounds: &str,
) -> PyResult<T> {
    match value.is_instance_of::<PyBool>() {
        false if value.is_instance_of::<PyInt>() => value.extract().map_err(|_| refused(name, value, expected, bounds)),
        false => argument(name, expected, value),
        true => Err(wrong_type(name, expected, value)),
    }
}

/// The error for a number outside of its bounds.
fn refused(name: &str, value: &Bound<'_, PyAny>, expected: &str, bounds: &str) -> PyErr {
    to_exception(value.py(), &Failure::Argument(format!("{name} must be {expected}, {bounds}")))
}

fn wrong_type(name: &str, expected: &str, value: &Bound<'_, PyAny>) -> PyErr {
    PyTypeError::new_err(format!("{name} must be {expected}, not {}", type_name(value)))
}

/// An argument of a type. An error names the argument and the expected type.
pub fn argument<'py, T: FromPyObjectOwned<'py>>(name: &str, expected: &str, value: &Bound<'py, PyAny>) -> PyResult<T> {
    value.extract().map_err(|_| wrong_type(name, expected, value))
}
