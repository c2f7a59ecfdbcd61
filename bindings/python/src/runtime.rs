//! The runtime for all calls of a process.
//!
//! A thread that waits for its call drives the runtime, since waking another thread would cost more than anything else. When
//! no thread waits, the runtime's own thread drives it, to see servers close idle connections: immediately for the calls of
//! event loops, otherwise after a pause.

use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::{PyErr, PyResult, Python};
use tokio::runtime::{Builder, EnterGuard};
use tokio::sync::Notify;
use tokio::task::{AbortHandle, yield_now};

use crate::fork_guard::ForkGuard;

/// Time without a waiting thread after which the runtime's own thread takes over.
const PAUSE: Duration = Duration::from_millis(20);

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

impl Runtime {
    fn start() -> std::io::Result<Arc<Self>> {
        let tokio = Builder::new_current_thread().enable_all().build()?;
        let runtime = Self { tokio, state: Mutex::default(), begun: Condvar::new(), asked: Notify::new() };
        let runtime = Arc::new(runtime);
        let own = runtime.clone();
        thread::Builder::new().name("ocamba-hood".into()).spawn(move || own.drive())?;
        Ok(runtime)
    }

    /// The context that a call needs, also when it is dropped.
    pub fn enter(&self) -> EnterGuard<'_> {
        self.tokio.enter()
    }

    /// Runs a call on this thread, for at most this time.
    pub fn wait<T>(&self, call: Pin<&mut impl Future<Output = T>>, time: Duration) -> Option<T> {
        let _waiting = Waiting::begin(self);
        self.tokio.block_on(async { tokio::time::timeout(time, call).await.ok() })
    }

    /// Runs a call as a task.
    pub fn spawn(self: &Arc<Self>, call: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        let task = Task::begin(self.clone());
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

/// Lets the runtime process what happened on its connections while no thread drove it: once to notice, once to react.
pub async fn catch_up() {
    yield_now().await;
    yield_now().await;
}

/// A thread that waits for a call.
struct Waiting<'a>(&'a Runtime);

impl<'a> Waiting<'a> {
    fn begin(runtime: &'a Runtime) -> Self {
        let mut state = runtime.state();
        state.waiting += 1;
        state.waits += 1;
        if state.driven && state.tasks == 0 {
            runtime.asked.notify_one();
        }
        Self(runtime)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.state().waiting -= 1;
    }
}

/// A call without a waiting thread.
struct Task(Arc<Runtime>);

impl Task {
    fn begin(runtime: Arc<Runtime>) -> Self {
        let mut state = runtime.state();
        state.tasks += 1;
        if !state.driven {
            runtime.begun.notify_one();
        }
        drop(state);
        Self(runtime)
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.state().tasks -= 1;
    }
}
