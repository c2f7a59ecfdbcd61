//! A list, page by page.

use std::sync::Arc;

use napi_derive::napi;
use tokio::sync::Mutex;

use crate::calls::Calls;
use crate::message::ResponseParts;

/// The remaining pages of a list. No page is requested ahead, and there is nothing to close.
#[napi]
pub struct Paginator {
    pages: Arc<Mutex<ocamba_hood::Paginator>>,
    calls: Calls,
}

#[napi]
impl Paginator {
    /// Requests the next page, as [`Client::call`](crate::client::Client::call) does. After the last page the value is
    /// `null`.
    #[napi(catch_unwind)]
    pub fn next(&self, number: f64, flags: u32) {
        let (pages, parts) = (self.pages.clone(), ResponseParts::of(flags));
        self.calls.start(number as u64, async move |call| match pages.lock().await.next().await {
            Some(page) => call.end(&page, parts),
            None => call.exhaust(),
        });
    }
}

impl Paginator {
    /// Wraps the pages of a list.
    pub fn new(pages: ocamba_hood::Paginator, calls: Calls) -> Self {
        Self { pages: Arc::new(Mutex::new(pages)), calls }
    }
}
