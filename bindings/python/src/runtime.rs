//! The one worker thread that all calls of a process run on.
//!
//! It runs also between calls: else nobody would see a server close an idle connection, and the next call would fail.

use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::PyRuntimeError;
use pyo3::{PyErr, PyResult, Python};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::process::OfProcess;

static RUNTIME: Mutex<Option<OfProcess<Runtime>>> = Mutex::new(None);

/// The runtime of this process, begun at its first call.
///
/// The lock is only ever held with the GIL, which a fork needs too: so a child never finds it locked.
pub fn handle(_: Python<'_>) -> PyResult<Handle> {
    let mut runtime = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = runtime.as_ref().and_then(OfProcess::get) {
        return Ok(found.handle().clone());
    }
    let new = Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("ocamba-hood")
        .enable_all()
        .build()
        .map_err(|e| PyErr::new::<PyRuntimeError, _>(format!("the worker thread cannot be started: {e}")))?;
    let handle = new.handle().clone();
    *runtime = Some(OfProcess::new(new));
    Ok(handle)
}
