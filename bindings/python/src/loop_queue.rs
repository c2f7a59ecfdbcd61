//! Delivers the replies of an event loop's calls: the worker fills a queue, and the loop drains it.
//!
//! The worker never takes the GIL. It writes a byte to a socket that the loop watches, one for all replies in the queue. If
//! a loop cannot watch sockets, a Python function wakes it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use tokio::task::AbortHandle;

use crate::error::Failure;
use crate::fork_guard::ForkGuard;
use crate::reply::{Ended, Reply};

/// Receives the replies of one event loop.
#[pyclass(frozen, module = "ocamba_hood._native")]
pub struct LoopQueue(Arc<Queue>);

/// A call in progress.
#[pyclass(frozen, module = "ocamba_hood._native")]
pub struct Call {
    /// Identifies the reply. IDs are never reused, so that no reply can reach another caller.
    #[pyo3(get)]
    id: u64,
    task: ForkGuard<AbortHandle>,
}

struct Queue {
    ended: Mutex<Vec<(u64, Ended)>>,
    wake: Wake,
}

enum Wake {
    #[cfg(unix)]
    Socket {
        watched: std::os::unix::net::UnixStream,
        written: std::os::unix::net::UnixStream,
    },
    Function(Py<PyAny>),
}

#[pymethods]
impl LoopQueue {
    /// Creates a queue that wakes its loop with `wake`, or with the socket `fileno` if `wake` is omitted.
    #[new]
    #[pyo3(signature = (wake=None, /))]
    fn new(wake: Option<Py<PyAny>>) -> PyResult<Self> {
        let wake = wake.map_or_else(Wake::socket, |function| Ok(Wake::Function(function)))?;
        Ok(Self(Arc::new(Queue { ended: Mutex::default(), wake })))
    }

    /// The socket to watch.
    fn fileno(&self) -> Option<i32> {
        self.0.wake.fileno()
    }

    /// Removes and returns the replies.
    fn drain(&self) -> Vec<(u64, Reply)> {
        // The byte first: a call that ends in between is taken now, and one that ends later writes another byte.
        self.0.wake.clear();
        std::mem::take(&mut *self.0.ended()).into_iter().map(|(id, ended)| (id, Reply(ended))).collect()
    }
}

#[pymethods]
impl Call {
    /// Stops the call. An unsent request stays unsent; the connection is closed.
    fn cancel(&self) {
        if let Some(task) = self.task.get() {
            task.abort();
        }
    }
}

impl Call {
    pub fn new(id: u64, task: AbortHandle) -> Self {
        Self { id, task: ForkGuard::new(task) }
    }
}

/// Delivers the result of one call to its queue, even after a panic.
pub struct Return {
    queue: Arc<Queue>,
    id: u64,
    ended: Option<Ended>,
}

impl Return {
    pub fn to(queue: &LoopQueue) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self { queue: queue.0.clone(), id: NEXT.fetch_add(1, Ordering::Relaxed), ended: None }
    }

    pub fn id(&self) -> u64 {
        self.id
    }

    pub fn with(mut self, ended: Ended) {
        self.ended = Some(ended);
    }
}

impl Drop for Return {
    fn drop(&mut self) {
        let ended = self.ended.take().unwrap_or(Err(Failure::Lost));
        self.queue.push(self.id, ended);
    }
}

impl Queue {
    fn push(&self, id: u64, ended: Ended) {
        let mut queue = self.ended();
        queue.push((id, ended));
        let first = queue.len() == 1;
        drop(queue);
        if first {
            self.wake.wake();
        }
    }

    fn ended(&self) -> MutexGuard<'_, Vec<(u64, Ended)>> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(unix)]
impl Wake {
    fn socket() -> PyResult<Self> {
        let (watched, written) = std::os::unix::net::UnixStream::pair()?;
        watched.set_nonblocking(true)?;
        written.set_nonblocking(true)?;
        Ok(Self::Socket { watched, written })
    }

    fn fileno(&self) -> Option<i32> {
        use std::os::fd::AsRawFd;
        match self {
            Self::Socket { watched, .. } => Some(watched.as_raw_fd()),
            Self::Function(_) => None,
        }
    }

    fn clear(&self) {
        use std::io::Read;
        if let Self::Socket { watched, .. } = self {
            let _ = (&*watched).read(&mut [0; 64]);
        }
    }

    fn wake(&self) {
        use std::io::Write;
        match self {
            // A full socket wakes the loop as well.
            Self::Socket { written, .. } => drop((&*written).write(&[0])),
            Self::Function(function) => call(function),
        }
    }
}

#[cfg(not(unix))]
impl Wake {
    fn socket() -> PyResult<Self> {
        Err(pyo3::exceptions::PyNotImplementedError::new_err("this system has no socket to watch"))
    }

    fn fileno(&self) -> Option<i32> {
        None
    }

    fn clear(&self) {}

    fn wake(&self) {
        let Self::Function(function) = self;
        call(function);
    }
}

/// Wakes a loop, unless Python is shutting down.
fn call(function: &Py<PyAny>) {
    Python::try_attach(|py| {
        // A loop that is closed has no waiting callers.
        let _ = function.call0(py);
    });
}
