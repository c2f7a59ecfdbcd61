//! A list that is read page by page.

use std::sync::Arc;

use napi_derive::napi;
use tokio::sync::Mutex;

use crate::calls::Calls;
use crate::message::ResponseParts;

/// The pages of a list that were not asked for yet. Nothing is fetched ahead, and nobody need close it.
#[napi]
pub struct Paginator {
    pages: Arc<Mutex<ocamba_hood::Paginator>>,
    calls: Calls,
}

#[napi]
impl Paginator {
    /// Asks for the next page, as [`Client::call`](crate::client::Client::call) does: after the last one the value is `null`.
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
    /// Before the first page.
    pub fn new(pages: ocamba_hood::Paginator, calls: Calls) -> Self {
        Self { pages: Arc::new(Mutex::new(pages)), calls }
    }
}
