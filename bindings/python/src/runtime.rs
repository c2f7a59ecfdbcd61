//! The runtime that all calls of a process run on.
//!
//! A thread that waits for its call drives the runtime meanwhile: no other has to be woken, which costs more than all else.
//! When none waits, a thread of the runtime's own drives it, at once for the calls of event loops, and else after a
//! pause: somebody must see a server close an idle connection.

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

/// How long nobody waits for a call before the own thread takes over.
const PAUSE: Duration = Duration::from_millis(20);

static RUNTIME: Mutex<Option<ForkGuard<Arc<Runtime>>>> = Mutex::new(None);

/// The runtime of a process.
pub struct Runtime {
    tokio: tokio::runtime::Runtime,
    state: Mutex<State>,
    /// A task was begun while the own thread pauses.
    begun: Condvar,
    /// A thread that waits for its call would drive the runtime in place of the own thread.
    asked: Notify,
}

#[derive(Default)]
struct State {
    /// Threads that wait for a call, and how often one began to.
    waiting: usize,
    waits: u64,
    /// Calls that no thread waits for.
    tasks: usize,
    /// The own thread drives the runtime, unless another still does.
    driven: bool,
}

/// The runtime of this process, begun at its first call.
///
/// The lock is only ever held with the GIL, which a fork needs too: so a child never finds it locked.
pub fn get(_: Python<'_>) -> PyResult<Arc<Runtime>> {
    let mut runtime = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = runtime.as_ref().and_then(ForkGuard::get) {
        return Ok(found.clone());
    }
    let new = Runtime::start()
        .map_err(|e| PyErr::new::<PyRuntimeError, _>(format!("the worker thread cannot be started: {e}")))?;
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

    /// What a call needs around it, also when it is dropped.
    pub fn enter(&self) -> EnterGuard<'_> {
        self.tokio.enter()
    }

    /// Runs a call on this thread, unless the time is over first.
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

    /// The work of the own thread.
    fn drive(&self) {
        loop {
            self.pause();
            self.tokio.block_on(self.given_up());
            self.state().driven = false;
        }
    }

    /// Until there is a task, or nobody has waited for some time.
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

    /// Until another thread asks for it, and there is no task.
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

/// Lets the runtime see what happened on its connections while nobody drove it: once to hear of it, once to act on it.
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

/// A call that no thread waits for.
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
