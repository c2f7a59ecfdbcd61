//! The pages of a list, one after the other.

use std::sync::Arc;

use pyo3::prelude::*;
use tokio::sync::Mutex;

use crate::error::{Failure, to_exception};
use crate::fork_guard::ForkGuard;
use crate::loop_queue::{Call, LoopQueue};
use crate::reply::{Ended, Reply};
use crate::run;

/// The pages of a list. Whoever asks while another waits for a page gets the page after it.
#[pyclass(frozen, module = "ocamba_hood._native")]
pub struct Paginator(ForkGuard<Arc<Mutex<ocamba_hood::Paginator>>>);

#[pymethods]
impl Paginator {
    /// The next page, waited for without the GIL. After an error the same page is asked for again.
    fn next(&self, py: Python<'_>) -> PyResult<Reply> {
        run::wait(py, self.page(py)?)
    }

    /// Starts to ask for the next page, which comes back at the queue.
    #[pyo3(signature = (queue, /))]
    fn start_next(&self, py: Python<'_>, queue: &LoopQueue) -> PyResult<Call> {
        run::start(py, self.page(py)?, queue)
    }
}

impl Paginator {
    pub fn new(scan: ocamba_hood::Paginator) -> Self {
        Self(ForkGuard::new(Arc::new(Mutex::new(scan))))
    }

    fn page(&self, py: Python<'_>) -> PyResult<impl Future<Output = Ended> + Send + use<>> {
        let refused = || Failure::Argument("this list was begun before a fork; begin it anew".to_owned());
        let scan = self.0.get().cloned().ok_or_else(|| to_exception(py, &refused()))?;
        Ok(async move { scan.lock().await.next().await.map_or(Ended::Over, Ended::from) })
    }
}
