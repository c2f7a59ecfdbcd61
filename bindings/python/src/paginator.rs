//! The pages of a list, for Python.

use std::sync::{Arc, Mutex, PoisonError};

use ocamba_hood::{CheckedBody, ExtraHeaders, Response};
use pyo3::prelude::*;

use crate::client::{self, Shared};
use crate::error::{Failure, to_exception};
use crate::extra_headers::{self, HiddenHeaders};
use crate::fork_guard::ForkGuard;
use crate::loop_queue::{Call, LoopQueue};
use crate::reply::{Ended, Reply};
use crate::runtime;

type Pages = Arc<tokio::sync::Mutex<ocamba_hood::Paginator>>;

/// The pages of a list. Concurrent callers receive different pages.
#[pyclass(frozen, module = "ocamba_hood._native")]
pub struct Paginator {
    pages: ForkGuard<Pages>,
    client: Shared,
}

/// The request for one page. It keeps the page, so that a caller that was cancelled before it took the page can send it again.
#[pyclass(frozen, module = "ocamba_hood._native")]
pub struct PageRequest {
    pages: ForkGuard<Pages>,
    client: Shared,
    page: Arc<Mutex<Option<Arc<Response<CheckedBody>>>>>,
}

#[pymethods]
impl Paginator {
    /// Returns the request for the next page, which is not sent yet.
    fn request(&self, py: Python<'_>) -> PyResult<PageRequest> {
        let pages = ForkGuard::new(own(py, &self.pages)?.clone());
        Ok(PageRequest { pages, client: self.client.clone(), page: Arc::default() })
    }
}

#[pymethods]
impl PageRequest {
    /// Requests the page, and waits for it without the GIL. After an error, the next request is for the same page.
    #[pyo3(signature = (trace, /))]
    fn send(&self, py: Python<'_>, trace: Option<&HiddenHeaders>) -> PyResult<Reply> {
        runtime::wait(py, self.run(py, trace)?)
    }

    /// Starts the request, whose reply arrives at the queue.
    #[pyo3(signature = (trace, queue, /))]
    fn start(&self, py: Python<'_>, trace: Option<&HiddenHeaders>, queue: &LoopQueue) -> PyResult<Call> {
        queue.start(py, self.run(py, trace)?)
    }
}

impl Paginator {
    pub fn new(pages: ocamba_hood::Paginator, client: Shared) -> Self {
        Self { pages: ForkGuard::new(Arc::new(tokio::sync::Mutex::new(pages))), client }
    }
}

impl PageRequest {
    fn run(
        &self,
        py: Python<'_>,
        trace: Option<&HiddenHeaders>,
    ) -> PyResult<impl Future<Output = Ended> + Send + use<>> {
        let pages = own(py, &self.pages)?.clone();
        if self.client.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
            return Err(to_exception(py, &client::closed()));
        }
        let kept = self.page.clone();
        let mut headers = ExtraHeaders::default();
        extra_headers::add_trace(trace, &mut headers);
        Ok(async move {
            // A call that was cancelled may still be about to keep its page.
            let mut pages = pages.lock().await;
            let take = || kept.lock().unwrap_or_else(PoisonError::into_inner);
            let found = take().clone();
            if found.is_some() {
                return Ok(found);
            }
            pages.set_headers(headers);
            let page = pages.next().await.transpose().map_err(Failure::from)?.map(Arc::new);
            take().clone_from(&page);
            Ok(page)
        })
    }
}

/// The pages, unless another process began to read them.
fn own<'a>(py: Python<'_>, pages: &'a ForkGuard<Pages>) -> PyResult<&'a Pages> {
    let refused = || Failure::Argument("the iteration began before a fork; start it again in this process".to_owned());
    pages.get().ok_or_else(|| to_exception(py, &refused()))
}
