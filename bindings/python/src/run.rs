//! How a call runs: a thread waits for it without the GIL, or an event loop gets it back at its port.

use std::time::Duration;

use pyo3::prelude::*;

use crate::port::{self, Call, Port};
use crate::reply::{Ended, Reply};
use crate::runtime;
use crate::waiter::Waiter;

/// How often a call that waits looks whether Ctrl-C was pressed.
const SIGNAL_CHECK: Duration = Duration::from_millis(50);

/// Waits for the end of a call.
pub fn wait(py: Python<'_>, call: impl Future<Output = Ended> + Send + 'static) -> PyResult<Reply> {
    let waiter = Waiter::default();
    let home = waiter.home();
    let task = runtime::handle(py)?.spawn(async move { home.with(call.await) });
    loop {
        if let Some(ended) = py.detach(|| waiter.wait(SIGNAL_CHECK)) {
            return Ok(Reply::from(ended));
        }
        py.check_signals().inspect_err(|_| task.abort())?;
    }
}

/// Starts a call, which comes back at the port.
pub fn start(py: Python<'_>, call: impl Future<Output = Ended> + Send + 'static, port: &Port) -> PyResult<Call> {
    let home = port::Return::to(port);
    let id = home.id();
    let task = runtime::handle(py)?.spawn(async move { home.with(call.await) });
    Ok(Call::new(id, task.abort_handle()))
}
