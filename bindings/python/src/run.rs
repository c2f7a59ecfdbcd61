//! Runs calls: a thread waits without the GIL, or an event loop receives the reply at its queue.

use std::time::Duration;

use pyo3::prelude::*;

use crate::error::Failure;
use crate::loop_queue::{self, Call, LoopQueue};
use crate::panics::catch_panic;
use crate::reply::{Ended, Reply};
use crate::runtime;

/// Interval at which a waiting call checks for signals such as Ctrl-C.
const SIGNAL_CHECK: Duration = Duration::from_millis(50);

/// Waits for the result of a call on this thread.
pub fn wait(py: Python<'_>, call: impl Future<Output = Ended> + Send + 'static) -> PyResult<Reply> {
    let runtime = runtime::get(py)?;
    let _context = runtime.enter();
    // Dropping the call stops it.
    let mut call = Box::pin(async {
        runtime::catch_up().await;
        call.await
    });
    loop {
        match py.detach(|| catch_panic(|| runtime.wait(call.as_mut(), SIGNAL_CHECK))) {
            Some(Some(ended)) => return Ok(Reply(ended)),
            Some(None) => py.check_signals()?,
            None => return Ok(Reply(Err(Failure::Lost))),
        }
    }
}

/// Starts a call, whose reply arrives at the queue.
pub fn start(py: Python<'_>, call: impl Future<Output = Ended> + Send + 'static, queue: &LoopQueue) -> PyResult<Call> {
    let home = loop_queue::Return::to(queue);
    let id = home.id();
    let task = runtime::get(py)?.spawn(async move { home.with(call.await) });
    Ok(Call::new(id, task))
}
