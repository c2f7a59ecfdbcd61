//! Warnings of the core, as warnings of Python.

use std::ffi::CString;

use pyo3::exceptions::PyRuntimeWarning;
use pyo3::prelude::*;

/// Position of the user's line above the function that shows the warnings of a call.
const STACK_LEVEL: i32 = 4;

/// Shows the warnings of this process that were not shown yet. Never raises, since a call would lose its result: a warning
/// that is an error, as with `python -W error`, is reported like an exception in a destructor.
#[pyfunction]
pub fn show_warnings(py: Python<'_>) {
    while let Some(text) = ocamba_hood::take_warning() {
        warn(py, &text);
    }
}

/// Shows a warning of another process of this package.
#[pyfunction]
pub fn warn(py: Python<'_>, text: &str) {
    let text = CString::new(text.replace('\0', "")).unwrap_or_default();
    if let Err(error) = PyErr::warn(py, &py.get_type::<PyRuntimeWarning>(), &text, STACK_LEVEL) {
        error.write_unraisable(py, None);
    }
}
