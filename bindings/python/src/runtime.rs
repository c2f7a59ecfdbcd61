//! The runtime for all calls of a process.
//!
//! A thread that waits for its call drives the runtime, since waking another thread would cost more than anything else. When
//! no thread waits, the runtime's own thread drives it, to see servers close idle connections: immediately for the calls of
//! event loops, otherwise after a pause.

use std::ops::Deref;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::{PyErr, PyResult, Python};
use tokio::runtime::Builder;
use tokio::sync::Notify;
use tokio::task::{AbortHandle, yield_now};

use crate::error::Failure;
use crate::fork_guard::ForkGuard;
use crate::panics::catch_panic;
use crate::reply::{Ended, Reply};

/// Time without a waiting thread after which the runtime's own thread takes over.
const PAUSE: Duration = Duration::from_millis(20);

/// Interval at which a waiting call checks for signals such as Ctrl-C.
const SIGNAL_CHECK: Duration = Duration::from_millis(50);

static RUNTIME: Mutex<Option<ForkGuard<Arc<Runtime>>>> = Mutex::new(None);

/// The runtime of a process.
pub struct Runtime {
    tokio: tokio::runtime::Runtime,
    state: Mutex<State>,
    /// Signals a new task to the own thread while it pauses.
    begun: Condvar,
    /// Signals that a waiting thread wants to drive the runtime instead of the own thread.
    asked: Notify,
}

#[derive(Default)]
struct State {
    /// Number of threads that wait for a call, and of all waits so far.
    waiting: usize,
    waits: u64,
    /// Number of calls without a waiting thread.
    tasks: usize,
    /// Whether the own thread drives the runtime, or is about to.
    driven: bool,
}

/// The runtime of this process, started by its first call.
///
/// The lock is only held together with the GIL, which a fork needs too. Therefore a child never finds it locked.
pub fn get(_: Python<'_>) -> PyResult<Arc<Runtime>> {
    let mut runtime = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = runtime.as_ref().and_then(ForkGuard::get) {
        return Ok(found.clone());
    }
    let new = Runtime::start()
        .map_err(|e| PyErr::new::<PyRuntimeError, _>(format!("the worker thread did not start: {e}")))?;
    *runtime = Some(ForkGuard::new(new.clone()));
    Ok(new)
}

/// Waits on this thread, without the GIL, for the reply to a call.
pub fn wait(py: Python<'_>, call: impl Future<Output = Ended> + Send + 'static) -> PyResult<Reply> {
    Ok(Reply(wait_for(py, call)?.unwrap_or(Err(Failure::Lost))))
}

/// Waits on this thread, without the GIL, for a result. `None` after a panic.
pub fn wait_for<T: Send>(py: Python<'_>, call: impl Future<Output = T> + Send + 'static) -> PyResult<Option<T>> {
    let runtime = get(py)?;
    let _context = runtime.tokio.enter();
    // Dropping the call stops it.
    let mut call = Box::pin(async {
        // Processes what happened on the connections while no thread drove the runtime: once to notice, once to react.
        yield_now().await;
        yield_now().await;
        call.await
    });
    loop {
        match py.detach(|| catch_panic(|| runtime.wait(call.as_mut(), SIGNAL_CHECK))) {
            Some(Some(result)) => return Ok(Some(result)),
            Some(None) => py.check_signals()?,
            None => return Ok(None),
        }
    }
}

impl Runtime {
    fn start() -> std::io::Result<Arc<Self>> {
        let tokio = Builder::new_current_thread().enable_all().build()?;
        let runtime = Self { tokio, state: Mutex::default(), begun: Condvar::new(), asked: Notify::new() };
        let runtime = Arc::new(runtime);
        let own = runtime.clone();
        thread::Builder::new().name("ocamba-hood".into()).spawn(move || own.drive())?;
        Ok(runtime)
    }

    /// Runs a call on this thread, for at most this time.
    fn wait<T>(&self, call: Pin<&mut impl Future<Output = T>>, time: Duration) -> Option<T> {
        let mut state = self.state();
        state.waiting += 1;
        state.waits += 1;
        if state.driven && state.tasks == 0 {
            self.asked.notify_one();
        }
        drop(state);
        let _waiting = Ending(self, |state| state.waiting -= 1);
        self.tokio.block_on(async { tokio::time::timeout(time, call).await.ok() })
    }

    /// Runs a call as a task.
    pub fn spawn(self: &Arc<Self>, call: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        let mut state = self.state();
        state.tasks += 1;
        if !state.driven {
            self.begun.notify_one();
        }
        drop(state);
        let task = Ending(self.clone(), |state| state.tasks -= 1);
        let call = async move {
            let _task = task;
            call.await;
        };
        self.tokio.spawn(call).abort_handle()
    }

    /// Runs the own thread.
    fn drive(&self) {
        loop {
            self.pause();
            self.tokio.block_on(self.given_up());
            self.state().driven = false;
        }
    }

    /// Waits until there is a task, or no thread has waited for some time.
    fn pause(&self) {
        let mut state = self.state();
        loop {
            let before = state.waits;
            let paused = self.begun.wait_timeout_while(state, PAUSE, |state| state.tasks == 0);
            state = paused.unwrap_or_else(PoisonError::into_inner).0;
            if state.tasks > 0 || (state.waiting == 0 && state.waits == before) {
                state.driven = true;
                return;
            }
        }
    }

    /// Waits until another thread wants to drive the runtime, and there is no task.
    async fn given_up(&self) {
        loop {
            self.asked.notified().await;
            if self.state().tasks == 0 {
                return;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Changes the state when a call ends.
struct Ending<R: Deref<Target = Runtime>>(R, fn(&mut State));

impl<R: Deref<Target = Runtime>> Drop for Ending<R> {
    fn drop(&mut self) {
        self.1(&mut self.0.state());
    }
}
