//! A list: its filters, its pages, and its items.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};
use std::time::Duration;

use futures_core::Stream;

use super::call::Call;
use crate::error::{Error, ErrorKind, Outcome};
use crate::model::{Integration, IntegrationType, Page, ProviderDescription, View};
use crate::operations::{CheckedBody, Context, FromBody, ListQuery, Operation, Paginator, Response};
use crate::transport::CallOptions;

/// List that is requested page by page. From [`Integrations::list`](crate::Integrations::list) and
/// [`Providers::list`](crate::Providers::list).
#[must_use = "nothing is requested until a page or an item is awaited"]
pub struct List<'a, T> {
    context: &'a Arc<Context>,
    query: ListQuery,
    options: CallOptions,
    operation: fn(Box<ListQuery>) -> Operation,
    items: std::marker::PhantomData<fn() -> T>,
}

/// Type of the items of a list.
#[doc(hidden)]
pub trait Listed: Sized + Send + 'static {
    /// Operation that lists it.
    const OPERATION: fn(Box<ListQuery>) -> Operation;
}

impl Listed for Integration {
    const OPERATION: fn(Box<ListQuery>) -> Operation = Operation::List;
}

impl Listed for ProviderDescription {
    const OPERATION: fn(Box<ListQuery>) -> Operation = Operation::Providers;
}

impl<'a, T: Listed> List<'a, T>
where
    Page<T>: FromBody,
{
    pub(crate) fn new(context: &'a Arc<Context>) -> Self {
        let (query, options) = (ListQuery::default(), context.options.clone());
        Self { context, query, options, operation: T::OPERATION, items: std::marker::PhantomData }
    }

    /// Sets the maximum number of items of a page. Default: 100.
    pub fn page_size(mut self, size: u32) -> Self {
        self.query.page_size = Some(size);
        self
    }

    /// Sets the maximum duration of each page, with retries and waits, in place of the client's timeout.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = timeout;
        self
    }

    /// Sets the maximum duration of making a connection for a page, in place of the client's.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.options.connect_timeout = timeout;
        self
    }

    /// Sets the maximum number of retries of each page, in place of the client's.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.options.max_retries = retries;
        self
    }

    /// Adds a header to the requests of each page, as [`Call::header`] does.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.options.headers.set(name, value);
        self
    }

    /// Requests one page. The first page is 1.
    ///
    /// ```
    /// # async fn example(client: ocamba_hood::Client) -> Result<(), ocamba_hood::Error> {
    /// let page = client.integrations().list().page_size(20).page(1).await?;
    /// println!("{} of {:?}", page.items.len(), page.total);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) for page 0, or an invalid filter.
    pub fn page(mut self, number: u32) -> Call<'a, Page<T>> {
        self.query.page = Some(number);
        Call::new(self.context, checked(self.query).map(self.operation)).with_options(self.options)
    }

    /// Returns the items, each once. A page is requested when its first item is awaited.
    ///
    /// In the default order (`id`), integrations that are created meanwhile come last. If items moved between pages while
    /// they were read, the pages are read again to find the missed ones.
    pub fn items(self) -> Items<T> {
        let state = match checked(self.query) {
            Ok(query) => State::Idle(Box::new(Paginator::new(self.context, (self.operation)(query), self.options))),
            Err(error) => State::Refused(Box::new(error)),
        };
        Items { ready: VecDeque::new(), total: None, is_complete: false, state }
    }

    /// Reads all items.
    ///
    /// # Errors
    ///
    /// Those of a page, and [`ErrorKind::Validation`](crate::ErrorKind::Validation) for an invalid filter.
    pub async fn all(self) -> Result<Vec<T>, Error> {
        let mut items = self.items();
        let mut all = Vec::new();
        while let Some(item) = items.next().await {
            all.push(item?);
        }
        Ok(all)
    }
}

impl List<'_, Integration> {
    /// Selects integrations of this channel, as `sms`: `type` in the URL.
    pub fn kind(mut self, kind: impl Into<IntegrationType>) -> Self {
        self.query.kind = Some(kind.into());
        self
    }

    /// Selects integrations of this provider. It is not documented whether the server applies this filter. The client does, but
    /// `total` may then count integrations of other providers.
    pub fn provider_id(mut self, id: impl Into<String>) -> Self {
        self.query.provider_id = Some(id.into());
        self
    }

    /// Selects integrations with this text in a searched field. It is not documented how the server compares.
    pub fn q(mut self, text: impl Into<String>) -> Self {
        self.query.q = Some(text.into());
        self
    }

    /// Sets the fields to search, separated by commas, as `name`.
    pub fn q_fields(mut self, fields: impl Into<String>) -> Self {
        self.query.q_fields = Some(fields.into());
        self
    }

    /// Sets the fields to sort by, separated by commas, with a minus for descending order, as `name,-id`. Default: `id`.
    pub fn sort(mut self, fields: impl Into<String>) -> Self {
        self.query.sort = Some(fields.into());
        self
    }

    /// Sets the fields of the items, separated by commas, as `id,name`. `id` is always included, and with a filter by provider,
    /// `provider_id`.
    pub fn fields(mut self, fields: impl Into<String>) -> Self {
        self.query.fields = Some(fields.into());
        self
    }

    /// Sets the level of detail of each item, unless `fields` are set.
    pub fn view(mut self, view: impl Into<View>) -> Self {
        self.query.view = Some(view.into());
        self
    }
}

impl<T> fmt::Debug for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("List").field("query", &self.query).field("options", &self.options).finish()
    }
}

fn checked(query: ListQuery) -> Result<Box<ListQuery>, Error> {
    let errors = query.field_errors();
    if errors.is_empty() { Ok(Box::new(query)) } else { Err(Error::invalid(errors)) }
}

/// Items of a list, also as a `Stream`. From [`List::items`].
///
/// After an error, the next item requests the same page again, or all pages if the list changed each time while it was read.
#[must_use = "nothing is requested until a page or an item is awaited"]
pub struct Items<T> {
    ready: VecDeque<T>,
    total: Option<u64>,
    is_complete: bool,
    state: State,
}

enum State {
    Idle(Box<Paginator>),
    Fetching(Fetching),
    Refused(Box<Error>),
    Done,
}

type Fetching = Pin<Box<dyn Future<Output = (Box<Paginator>, Option<Result<Response<CheckedBody>, Error>>)> + Send>>;

impl<T> Items<T>
where
    Page<T>: FromBody,
{
    /// Returns the next item; `None` after the last.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Returns the number of items on all pages, as the server sent it with the last page.
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// Fails if at the end fewer items were read than the server counted. For fleets.
    #[doc(hidden)]
    pub fn check_complete(&self) -> Result<(), Error> {
        let message = "the list has fewer items than its total says; integrations may exist that it does not show";
        match self.is_complete {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::UnreadableResponse, Outcome::NotSent, message)),
        }
    }
}

// Only boxed fields are pinned.
impl<T> Unpin for Items<T> {}

impl<T> Stream for Items<T>
where
    Page<T>: FromBody,
{
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(item)));
            }
            match std::mem::replace(&mut self.state, State::Done) {
                State::Done => return Poll::Ready(None),
                State::Refused(error) => return Poll::Ready(Some(Err(*error))),
                State::Idle(mut pages) => {
                    self.state = State::Fetching(Box::pin(async move {
                        let page = pages.next().await;
                        (pages, page)
                    }));
                }
                State::Fetching(mut fetching) => {
                    let Poll::Ready((pages, page)) = fetching.as_mut().poll(context) else {
                        self.state = State::Fetching(fetching);
                        return Poll::Pending;
                    };
                    let page = page.map(|page| page.and_then(|page| page.read::<Page<T>>()));
                    match page {
                        None => {
                            self.is_complete = pages.is_complete();
                            return Poll::Ready(None);
                        }
                        Some(Err(error)) => {
                            self.state = State::Idle(pages);
                            return Poll::Ready(Some(Err(error)));
                        }
                        Some(Ok(page)) => {
                            self.state = State::Idle(pages);
                            self.total = page.value.total;
                            self.ready = page.value.items.into();
                        }
                    }
                }
            }
        }
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("ready", &self.ready.len()).field("total", &self.total).finish_non_exhaustive()
    }
}
