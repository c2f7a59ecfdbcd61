//! The arguments of a client and of a call, as Python gives them.

use std::time::Duration;

use ocamba_hood::{CallOptions, Client};
use pyo3::conversion::FromPyObjectOwned;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::error::{Failure, to_exception};
use crate::secret::type_name;

/// What a call may set for itself: timeout, connect timeout, retries, reconcile timeout. `None` leaves it to the client.
pub type Given<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>, Bound<'py, PyAny>, Bound<'py, PyAny>);

/// The same, checked.
pub fn read(
    (timeout, connect_timeout, max_retries, reconcile_timeout): Given<'_>,
    client: &Client,
) -> PyResult<CallOptions> {
    let defaults = client.call_options();
    Ok(CallOptions {
        timeout: given(&timeout).map(|value| duration("timeout", value)).transpose()?.unwrap_or(defaults.timeout),
        connect_timeout: given(&connect_timeout)
            .map(|value| duration("connect_timeout", value))
            .transpose()?
            .unwrap_or(defaults.connect_timeout),
        max_retries: given(&max_retries)
            .map(|value| argument("max_retries", "a whole number", value))
            .transpose()?
            .unwrap_or(defaults.max_retries),
        reconcile_timeout: given(&reconcile_timeout)
            .map(|value| wait("reconcile_timeout", value))
            .transpose()?
            .unwrap_or(defaults.reconcile_timeout),
    })
}

/// A time of more than nothing.
pub fn duration(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Duration> {
    let found = seconds(name, value)?.filter(|duration| !duration.is_zero());
    let refused = || Failure::Argument(format!("{name} must be seconds, more than zero"));
    found.ok_or_else(|| to_exception(value.py(), &refused()))
}

/// A time of nothing or more.
fn wait(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Duration> {
    let refused = || Failure::Argument(format!("{name} must be seconds, zero or more"));
    seconds(name, value)?.ok_or_else(|| to_exception(value.py(), &refused()))
}

fn seconds(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<Duration>> {
    Ok(Duration::try_from_secs_f64(argument(name, "seconds as a number", value)?).ok())
}

/// An argument of a type, or an error that names it and what was expected.
pub fn argument<'py, T: FromPyObjectOwned<'py>>(name: &str, expected: &str, value: &Bound<'py, PyAny>) -> PyResult<T> {
    let refused = || PyTypeError::new_err(format!("{name} must be {expected}, not {}", type_name(value)));
    value.extract().map_err(|_| refused())
}

fn given<'a, 'py>(value: &'a Bound<'py, PyAny>) -> Option<&'a Bound<'py, PyAny>> {
    (!value.is_none()).then_some(value)
}
