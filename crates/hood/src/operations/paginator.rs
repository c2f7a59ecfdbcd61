//! Reads all pages of a list, each item once, even while the list changes.
//!
//! An item that was read before is left out. If at the end fewer items were read than the server counted, some have moved to
//! a page that was already read: then all pages are read again for those. Where the server's number is that of one full page,
//! the next page shows whether it counts all items.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use tokio::time::Instant;

use super::checked_body::CheckedBody;
use super::context::Context;
use super::list_query::ListQuery;
use super::operation::Operation;
use super::raw_page::{RawPage, only_of_provider, parse};
use super::response::Response;
use crate::error::{Error, ErrorKind, Outcome};
use crate::transport::{CallOptions, ExtraHeaders, Progress};

/// Maximum number of times that the pages of a changing list are read.
const MAX_PASSES: u32 = 5;

/// The pages of a list. For bindings: users of Rust have [`List`](crate::List).
#[doc(hidden)]
pub struct Paginator {
    context: Arc<Context>,
    operation: fn(Box<ListQuery>) -> Operation,
    query: Box<ListQuery>,
    options: CallOptions,
    /// Ids of all items that were read.
    seen: HashSet<String>,
    /// Number of items by the first page, and by the page before.
    total_at_first: Option<u64>,
    last_total: Option<u64>,
    /// Whether the number is that of each page alone, so that it does not show the end.
    counts_pages: bool,
    /// Whether the number of the first page is that of its items, which may be all or only those.
    is_doubtful: bool,
    /// Whether the number fell during this pass: then an item may have moved to a page that was read.
    fell: bool,
    /// The next page.
    page: u32,
    pass: u32,
    /// Of this pass: items read, and items read for the first time.
    read: u64,
    fresh: u64,
    /// Whether the list changed in each pass, which the next call reports.
    is_unsettled: bool,
    done: bool,
    /// Whether as many items were read as the server counted.
    is_complete: bool,
}

impl Paginator {
    /// Reads the pages of a list operation; any other operation has none.
    pub(crate) fn new(context: &Arc<Context>, list: Operation, options: CallOptions) -> Self {
        let (operation, query): (fn(Box<ListQuery>) -> Operation, _) = match list {
            Operation::List(query) => (Operation::List, query),
            Operation::Providers(query) => (Operation::Providers, query),
            _ => (Operation::List, Box::default()),
        };
        Self {
            context: context.clone(),
            operation,
            page: query.page.unwrap_or(1),
            query,
            options,
            seen: HashSet::new(),
            total_at_first: None,
            last_total: None,
            counts_pages: false,
            is_doubtful: false,
            fell: false,
            pass: 1,
            read: 0,
            fresh: 0,
            is_unsettled: false,
            done: false,
            is_complete: false,
        }
    }

    /// Adds headers to the requests that follow, in place of those of the same names.
    pub fn set_headers(&mut self, headers: ExtraHeaders) {
        self.options.headers.extend(headers);
    }

    /// Returns true if at the end as many items were read as the server counted.
    pub(crate) fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Sets the options of each page, in place of the client's.
    pub fn with_options(self, options: CallOptions) -> Self {
        Self { options, ..self }
    }

    /// Reads the next page as [`next`](Self::next) does, before a deadline.
    pub(crate) async fn next_until(&mut self, deadline: Instant) -> Option<Result<Response<CheckedBody>, Error>> {
        self.options = self.options.until(deadline);
        self.next().await
    }

    /// Reads the next page, without items that were read before; `None` after the last. The first page is returned even when
    /// it is empty. After an error the same page is read again, or all pages if the list changed each time.
    pub async fn next(&mut self) -> Option<Result<Response<CheckedBody>, Error>> {
        while !self.done {
            if std::mem::take(&mut self.is_unsettled) {
                let message =
                    "the list changed each time while it was read; some items may be missing, so read it again";
                return Some(Err(Error::new(ErrorKind::UnreadableResponse, Outcome::Applied, message)));
            }
            let query = ListQuery { page: Some(self.page), ..(*self.query).clone() };
            let page = (self.operation)(Box::new(query));
            // Counts the items of all providers, since the server may not know the filter: `take` applies it.
            let response = page.send_announced(None, &self.context, &self.options, &Progress::default(), None).await;
            match response.and_then(|response| self.take(response)) {
                Ok(Some(page)) => return Some(Ok(page)),
                Ok(None) => {}
                Err(error) => return Some(Err(error)),
            }
        }
        None
    }

    /// Returns the new items of a page, if there are any.
    fn take(&mut self, mut response: Response<CheckedBody>) -> Result<Option<Response<CheckedBody>>, Error> {
        let Some((page, heads)) = parse(&response.value) else {
            return Err(response.unreadable());
        };
        let is_first = self.pass == 1 && self.read == 0;
        if is_first {
            self.total_at_first = page.total.as_u64();
        }
        self.read += heads.len() as u64;
        let fresh_before = self.fresh;
        let mut items = Vec::with_capacity(page.items.len());
        for (item, head) in page.items.iter().zip(&heads) {
            let is_new = self.seen.insert(head.id.clone());
            self.fresh += u64::from(is_new);
            if is_new {
                items.push(*item);
            }
        }
        let brought_nothing = self.fresh == fresh_before;
        self.advance(page.total.as_u64(), heads.len() as u64, brought_nothing);
        if items.is_empty() && !is_first {
            return Ok(None);
        }
        if items.len() < page.items.len() {
            response.value = RawPage { total: page.total.clone(), items }.to_body();
        }
        response.value = only_of_provider(std::mem::take(&mut response.value), self.query.provider_id.as_deref());
        Ok(Some(response))
    }

    /// Moves to the next page, back to the first one, or to the end.
    fn advance(&mut self, total: Option<u64>, items: u64, brought_nothing: bool) {
        let is_first = self.read == items;
        // There is a page after the one that had all, or none: either shows the end without the number.
        let is_beyond = !is_first && total.is_some_and(|total| total + items <= self.read);
        self.counts_pages |= is_beyond && (!brought_nothing || self.is_doubtful);
        if self.counts_pages {
            (self.total_at_first, self.last_total, self.fell) = (None, None, false);
        }
        let total = total.filter(|_| !self.counts_pages);
        self.is_doubtful = is_first && total == Some(items) && items == u64::from(self.query.size());
        self.fell |= total.is_some() && total < self.last_total;
        self.last_total = total;
        // Without a total, a page that brings nothing new is the last: the server may not know of pages.
        if items > 0 && total.map_or(!brought_nothing, |total| self.read < total || self.is_doubtful) {
            self.page += 1;
            return;
        }
        // Items that were created meanwhile need not be returned.
        let least = total.into_iter().chain(self.total_at_first).min();
        let complete = least.is_none_or(|least| self.seen.len() as u64 >= least);
        // Where another pass brought nothing new, the server counts items that it does not return.
        if !self.fell && (complete || self.fresh == 0) {
            self.done = true;
            self.is_complete = complete;
            return;
        }
        tracing::debug!(pass = self.pass, seen = self.seen.len(), total, "items moved between pages; reading again");
        (self.page, self.read, self.fresh, self.fell) = (self.query.page.unwrap_or(1), 0, 0, false);
        self.is_unsettled = self.pass == MAX_PASSES;
        self.pass = if self.is_unsettled { 1 } else { self.pass + 1 };
    }
}

impl fmt::Debug for Paginator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paginator").field("page", &self.page).field("seen", &self.seen.len()).finish_non_exhaustive()
    }
}
