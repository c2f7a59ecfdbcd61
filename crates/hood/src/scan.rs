//! Reads all pages of a list, each item once, though the list may change meanwhile.
//!
//! An item that was read before is left out. If at the end fewer were read than the server said there were, some have
//! moved to a page that was already read: then all pages are read again for those.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::time::Instant;

use crate::answer::{Answer, NOT_AS_PROMISED};
use crate::client::CallOptions;
use crate::operation::Operation;
use crate::query::Query;
use crate::received::{Received, ReceivedList};
use crate::transport::Exchange;
use crate::{Client, Error, Kind, Outcome, Overrides, Progress, Response};

/// How often the pages are read, before a list that keeps changing is given up.
const MAX_PASSES: u32 = 5;

/// The pages of a list. For bindings: users have [`List`](crate::List).
#[doc(hidden)]
pub struct Scan {
    client: Client,
    operation: fn(Box<Query>) -> Operation,
    query: Box<Query>,
    options: CallOptions,
    /// The ids of all items that were read.
    seen: HashSet<String>,
    /// How many items there were when the first page was read, and with the page before.
    total_at_first: Option<u64>,
    last_total: Option<u64>,
    /// Whether there were fewer at some page of this pass than before: then one may have moved to a page that was read.
    fell: bool,
    /// The next page.
    page: u32,
    pass: u32,
    /// Of this pass: how many items were read, and how many of them for the first time.
    read: u64,
    fresh: u64,
    done: bool,
}

#[derive(Deserialize)]
struct RawPage<'a> {
    #[serde(default)]
    total: Value,
    #[serde(borrow)]
    items: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Head {
    id: Value,
    #[serde(default)]
    provider_id: Value,
}

/// A page without the items that were read before.
#[derive(Serialize)]
struct Rest<'a> {
    total: &'a Value,
    items: Vec<&'a RawValue>,
}

impl Rest<'_> {
    fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

impl Response<Received> {
    fn with_list(self, body: Vec<u8>) -> Self {
        let value = serde_json::from_slice::<ReceivedList>(&body).map(Received::from).unwrap_or_default();
        Self { value, body: body.into(), ..self }
    }

    /// Without items of other providers: the server may not know this filter.
    pub(crate) fn only_of_provider(self, wanted: Option<&str>) -> Self {
        let Some(wanted) = wanted else { return self };
        let Some((page, heads)) = parse(&self.body) else { return self };
        let is_wanted = |head: &Head| head.provider_id.as_str().is_none_or(|id| id == wanted);
        if heads.iter().all(is_wanted) {
            return self;
        }
        let items = page.items.iter().zip(&heads).filter(|(_, head)| is_wanted(head)).map(|(item, _)| *item).collect();
        let rest = Rest { total: &page.total, items }.to_json();
        self.with_list(rest)
    }
}

impl Scan {
    /// Of a list that was asked for: another operation has no pages.
    pub(crate) fn new(client: &Client, list: Operation, options: CallOptions) -> Self {
        let (operation, query): (fn(Box<Query>) -> Operation, _) = match list {
            Operation::List(query) => (Operation::List, query),
            Operation::Providers(query) => (Operation::Providers, query),
            _ => (Operation::List, Box::default()),
        };
        let page = query.page.unwrap_or(1);
        let client = client.clone();
        Self {
            client,
            operation,
            query,
            options,
            seen: HashSet::new(),
            total_at_first: None,
            last_total: None,
            fell: false,
            page,
            pass: 1,
            read: 0,
            fresh: 0,
            done: false,
        }
    }

    /// With what a binding was told of each page, in place of the client's settings.
    pub fn with_overrides(self, overrides: Overrides) -> Self {
        let options = overrides.over(self.options);
        Self { options, ..self }
    }

    /// As [`next`](Self::next), before a deadline.
    pub(crate) async fn next_until(&mut self, deadline: Instant) -> Option<Result<Response<Received>, Error>> {
        self.options = self.options.until(deadline);
        self.next().await
    }

    /// The next page, without items that were read before; none after the last. The first page is told even when it is
    /// empty. After an error the same page is asked for again.
    pub async fn next(&mut self) -> Option<Result<Response<Received>, Error>> {
        while !self.done {
            let query = Query { page: Some(self.page), ..(*self.query).clone() };
            let exchange = Exchange::new(&self.client.config, self.options, Progress::default());
            let response = match (self.operation)(Box::new(query)).send(&exchange).await {
                Ok(response) => response,
                Err(error) => return Some(Err(error)),
            };
            match self.take(response) {
                Ok(Some(page)) => return Some(Ok(page)),
                Ok(None) => {}
                Err(error) => return Some(Err(error)),
            }
        }
        None
    }

    /// What is new of a page, if anything is.
    fn take(&mut self, response: Response<Received>) -> Result<Option<Response<Received>>, Error> {
        let Some((page, heads)) = parse(&response.body) else {
            let Response { status, headers, body, attempts, .. } = response;
            return Err(Answer { status, headers, body }.unreadable(NOT_AS_PROMISED).with_attempts(attempts));
        };
        let is_first = self.pass == 1 && self.read == 0;
        if is_first {
            self.total_at_first = page.total.as_u64();
        }
        self.read += heads.len() as u64;
        let fresh_before = self.fresh;
        let mut items = Vec::with_capacity(page.items.len());
        for (item, head) in page.items.iter().zip(&heads) {
            let is_new = self.seen.insert(head.id.as_str().map_or_else(|| head.id.to_string(), str::to_owned));
            self.fresh += u64::from(is_new);
            if is_new {
                items.push(*item);
            }
        }
        let brought_nothing = self.fresh == fresh_before;
        self.advance(page.total.as_u64(), heads.is_empty(), brought_nothing)?;
        if items.is_empty() && !is_first {
            return Ok(None);
        }
        let rest = (items.len() < page.items.len()).then(|| Rest { total: &page.total, items }.to_json());
        let response = match rest {
            Some(rest) => response.with_list(rest),
            None => response,
        };
        Ok(Some(response.only_of_provider(self.query.provider_id.as_deref())))
    }

    /// Goes on to the next page, to the first one again, or to the end.
    fn advance(&mut self, total: Option<u64>, was_empty: bool, brought_nothing: bool) -> Result<(), Error> {
        self.fell |= total.is_some() && total < self.last_total;
        self.last_total = total;
        // Without a total, a page that brings nothing new is the last: the server may not know of pages.
        if !was_empty && total.map_or(!brought_nothing, |total| self.read < total) {
            self.page += 1;
            return Ok(());
        }
        // What was created meanwhile need not be told.
        let least = total.into_iter().chain(self.total_at_first).min();
        let complete = least.is_none_or(|least| self.seen.len() as u64 >= least);
        // Where another pass brought nothing new, the server counts what it does not show.
        if !self.fell && (complete || self.fresh == 0) {
            self.done = true;
            return Ok(());
        }
        if self.pass == MAX_PASSES {
            self.done = true;
            let message = "the list changed each time while it was read; some items may be missing";
            return Err(Error::new(Kind::UnreadableResponse, Outcome::Applied, message));
        }
        tracing::debug!(pass = self.pass, seen = self.seen.len(), total, "items moved between pages; reading again");
        (self.page, self.read, self.fresh, self.fell) = (self.query.page.unwrap_or(1), 0, 0, false);
        self.pass += 1;
        Ok(())
    }
}

fn parse(body: &[u8]) -> Option<(RawPage<'_>, Vec<Head>)> {
    let page: RawPage<'_> = serde_json::from_slice(body).ok()?;
    let heads = page.items.iter().map(|item| serde_json::from_str(item.get())).collect::<Result<_, _>>().ok()?;
    Some((page, heads))
}

impl fmt::Debug for Scan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scan").field("page", &self.page).field("seen", &self.seen.len()).finish_non_exhaustive()
    }
}
