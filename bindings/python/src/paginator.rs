//! The pages of a list, one after another.

use std::sync::Arc;

use pyo3::prelude::*;
use tokio::sync::Mutex;

use crate::error::{Failure, to_exception};
use crate::fork_guard::ForkGuard;
use crate::loop_queue::{Call, LoopQueue};
use crate::reply::{Ended, Reply};
use crate::runtime;

/// The pages of a list. Concurrent callers receive different pages.
#[pyclass(frozen, module = "ocamba_hood._native")]
pub struct Paginator(ForkGuard<Arc<Mutex<ocamba_hood::Paginator>>>);

#[pymethods]
impl Paginator {
    /// Requests the next page, and waits for it without the GIL. After an error, the next call requests the same page.
    fn next(&self, py: Python<'_>) -> PyResult<Reply> {
        runtime::wait(py, self.page(py)?)
    }

    /// Starts the request for the next page, whose reply arrives at the queue.
    #[pyo3(signature = (queue, /))]
    fn start_next(&self, py: Python<'_>, queue: &LoopQueue) -> PyResult<Call> {
        queue.start(py, self.page(py)?)
    }
}

impl Paginator {
    pub fn new(paginator: ocamba_hood::Paginator) -> Self {
        Self(ForkGuard::new(Arc::new(Mutex::new(paginator))))
    }

    fn page(&self, py: Python<'_>) -> PyResult<impl Future<Output = Ended> + Send + use<>> {
        let refused =
            || Failure::Argument("the iteration began before a fork; start it again in this process".to_owned());
        let paginator = self.0.get().cloned().ok_or_else(|| to_exception(py, &refused()))?;
        Ok(async move { paginator.lock().await.next().await.transpose().map_err(Failure::from) })
    }
}
