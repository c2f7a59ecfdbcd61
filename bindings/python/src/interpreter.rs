//! Keeps the extension to one interpreter of the process: its classes and errors belong to the one that loaded it first.

use std::sync::atomic::{AtomicI64, Ordering};

use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;

/// No interpreter has this ID.
const NONE: i64 = -1;

/// Raises an `ImportError` in any interpreter of this process but the first one that calls it.
#[allow(unsafe_code)]
pub fn claim(_: Python<'_>) -> PyResult<()> {
    static FIRST: AtomicI64 = AtomicI64::new(NONE);
    // SAFETY: this thread is attached to an interpreter.
    let own = unsafe { pyo3::ffi::PyInterpreterState_GetID(pyo3::ffi::PyInterpreterState_Get()) };
    match FIRST.compare_exchange(NONE, own, Ordering::Relaxed, Ordering::Relaxed) {
        Err(first) if first != own => Err(PyImportError::new_err(
            "ocamba_hood does not support subinterpreters: another interpreter of this process has loaded it; use that one \
             only (mod_wsgi: WSGIApplicationGroup %{GLOBAL}), or another process",
        )),
        _ => Ok(()),
    }
}
