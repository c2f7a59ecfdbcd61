//! Delivers the replies of an event loop's calls: the worker fills a queue, and the loop drains it.
//!
//! The worker never takes the GIL. It writes a byte to a socket that the loop watches, one for all replies in the queue. If
//! a loop cannot watch sockets, a Python function wakes it.

#[cfg(unix)]
use std::io::{Read, Write};
#[cfg(unix)]
use std::os::{fd::AsRawFd, unix::net::UnixStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use tokio::task::AbortHandle;

use crate::error::Failure;
use crate::fork_guard::ForkGuard;
use crate::reply::{Ended, Reply};
use crate::runtime;

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
    /// The watched end of a socket, and the other one.
    #[cfg(unix)]
    Socket(UnixStream, UnixStream),
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
        match &self.0.wake {
            #[cfg(unix)]
            Wake::Socket(watched, _) => Some(watched.as_raw_fd()),
            Wake::Function(_) => None,
        }
    }

    /// Removes and returns the replies.
    fn drain(&self) -> Vec<(u64, Reply)> {
        // The byte first: a call that ends in between is taken now, and one that ends later writes another byte.
        #[cfg(unix)]
        if let Wake::Socket(watched, _) = &self.0.wake {
            let _ = (&*watched).read(&mut [0; 64]);
        }
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

impl LoopQueue {
    /// Starts a call, whose reply arrives at this queue, even after a panic.
    pub fn start(&self, py: Python<'_>, call: impl Future<Output = Ended> + Send + 'static) -> PyResult<Call> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let mut home = Return { queue: self.0.clone(), id, ended: Err(Failure::Lost) };
        let task = runtime::get(py)?.spawn(async move {
            home.ended = call.await;
            drop(home);
        });
        Ok(Call { id, task: ForkGuard::new(task) })
    }
}

/// Delivers the result of one call to its queue.
struct Return {
    queue: Arc<Queue>,
    id: u64,
    ended: Ended,
}

impl Drop for Return {
    fn drop(&mut self) {
        let ended = std::mem::replace(&mut self.ended, Err(Failure::Lost));
        let mut queue = self.queue.ended();
        queue.push((self.id, ended));
        let first = queue.len() == 1;
        drop(queue);
        if first {
            self.queue.wake.wake();
        }
    }
}

impl Queue {
    fn ended(&self) -> MutexGuard<'_, Vec<(u64, Ended)>> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake {
    #[cfg(unix)]
    fn socket() -> PyResult<Self> {
        let (watched, written) = UnixStream::pair()?;
        watched.set_nonblocking(true)?;
        written.set_nonblocking(true)?;
        Ok(Self::Socket(watched, written))
    }

    #[cfg(not(unix))]
    fn socket() -> PyResult<Self> {
        Err(pyo3::exceptions::PyNotImplementedError::new_err("this system has no socket to watch"))
    }

    fn wake(&self) {
        match self {
            // A full socket wakes the loop as well.
            #[cfg(unix)]
            Self::Socket(_, written) => drop((&*written).write(&[0])),
            // Not while Python is shutting down. A loop that is closed has no waiting callers.
            Self::Function(function) => drop(Python::try_attach(|py| drop(function.call0(py)))),
        }
    }
}
