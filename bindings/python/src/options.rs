//! The arguments of a client and of a call.

use std::time::Duration;

use ocamba_hood::CallOptions;
use pyo3::conversion::FromPyObjectOwned;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

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
        options.max_retries = argument("max_retries", "a whole number", &max_retries)?;
    }
    if !reconcile_timeout.is_none() {
        options.reconcile_timeout = seconds("reconcile_timeout", &reconcile_timeout, "zero or more")?;
    }
    extra_headers::add(&headers, headers_name, &mut options.headers)?;
    Ok(options)
}

/// A duration of more than zero.
pub fn duration(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Duration> {
    let expected = "more than zero";
    let duration = seconds(name, value, expected)?;
    if duration.is_zero() { Err(refused(name, value, expected)) } else { Ok(duration) }
}

fn seconds(name: &str, value: &Bound<'_, PyAny>, expected: &str) -> PyResult<Duration> {
    let number = argument(name, "seconds as a number", value)?;
    Duration::try_from_secs_f64(number).map_err(|_| refused(name, value, expected))
}

fn refused(name: &str, value: &Bound<'_, PyAny>, expected: &str) -> PyErr {
    to_exception(value.py(), &Failure::Argument(format!("{name} must be a number of seconds, {expected}")))
}

/// An argument of a type. An error names the argument and the expected type.
pub fn argument<'py, T: FromPyObjectOwned<'py>>(name: &str, expected: &str, value: &Bound<'py, PyAny>) -> PyResult<T> {
    let refused = || PyTypeError::new_err(format!("{name} must be {expected}, not {}", type_name(value)));
    value.extract().map_err(|_| refused())
}
