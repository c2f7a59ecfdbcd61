//! How a call runs: a thread waits for it without the GIL, or an event loop gets it back at its queue.

use std::time::Duration;

use pyo3::prelude::*;

use crate::error::Failure;
use crate::loop_queue::{self, Call, LoopQueue};
use crate::panics::catch_panic;
use crate::reply::{Ended, Reply};
use crate::runtime;

/// How often a call that waits looks whether Ctrl-C was pressed.
const SIGNAL_CHECK: Duration = Duration::from_millis(50);

/// Waits for the end of a call, on this thread.
pub fn wait(py: Python<'_>, call: impl Future<Output = Ended> + Send + 'static) -> PyResult<Reply> {
    let runtime = runtime::get(py)?;
    let _context = runtime.enter();
    // Dropped before its end, it is stopped.
    let mut call = Box::pin(async {
        runtime::catch_up().await;
        call.await
    });
    loop {
        match py.detach(|| catch_panic(|| runtime.wait(call.as_mut(), SIGNAL_CHECK))) {
            Some(Some(ended)) => return Ok(Reply::from(ended)),
            Some(None) => py.check_signals()?,
            None => return Ok(Reply::from(Ended::Err(Failure::Lost))),
        }
    }
}

/// Starts a call, which comes back at the queue.
pub fn start(py: Python<'_>, call: impl Future<Output = Ended> + Send + 'static, queue: &LoopQueue) -> PyResult<Call> {
    let home = loop_queue::Return::to(queue);
    let id = home.id();
    let task = runtime::get(py)?.spawn(async move { home.with(call.await) });
    Ok(Call::new(id, task))
}
