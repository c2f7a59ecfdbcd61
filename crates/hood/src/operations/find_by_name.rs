//! Finds integrations by name and provider, in the whole list.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use tokio::time::{Instant, sleep};

use super::checked_body::CheckedBody;
use super::context::Context;
use super::list_query::ListQuery;
use super::operation::Operation;
use super::paginator::Paginator;
use super::response::Response;
use crate::error::{Attempt, Error, ErrorKind, Outcome};
use crate::model::View;
use crate::transport::CallOptions;

/// Pause before the second search; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// An integration of a list.
pub struct Match {
    pub id: String,
    pub fields: Map<String, Value>,
    /// Its JSON.
    pub text: Box<RawValue>,
}

/// All integrations with a name and provider, and the response with the last page.
pub struct Matches {
    pub matches: Vec<Match>,
    pub last: Response<CheckedBody>,
    /// Whether the list had as many items as the server counted: if not, what is missing may exist.
    pub is_complete: bool,
}

/// Reads the whole list: how the server compares texts in a search is not documented, and an integration that it missed
/// would be created twice.
pub async fn find_by_name(
    context: &Arc<Context>,
    name: &str,
    provider_id: &str,
    options: CallOptions,
    attempts: &mut Vec<Attempt>,
) -> Result<Matches, Error> {
    let query = ListQuery { view: Some(View::Full), ..ListQuery::default() };
    let deadline = options.deadline();
    let mut pages = Paginator::new(context, Operation::List(Box::new(query)), options);
    let (mut matches, mut last) = (Vec::new(), None);
    while let Some(page) = pages.next_until(deadline).await {
        let page = page.inspect_err(|error| attempts.extend_from_slice(error.attempts()))?;
        attempts.extend_from_slice(page.attempts());
        matches.extend(matches_of(&page.value, name, provider_id));
        last = Some(page);
    }
    // The first page is always returned, even when it is empty.
    let no_page = || Error::new(ErrorKind::UnreadableResponse, Outcome::Applied, "the list has no page");
    Ok(Matches { matches, last: last.ok_or_else(no_page)?, is_complete: pages.is_complete() })
}

fn matches_of(page: &CheckedBody, name: &str, provider_id: &str) -> Vec<Match> {
    #[derive(Deserialize)]
    struct Items {
        items: Vec<Box<RawValue>>,
    }
    let items = serde_json::from_str::<Items>(page.as_str()).map(|page| page.items).unwrap_or_default();
    let matching = |text: Box<RawValue>| {
        let fields: Map<String, Value> = serde_json::from_str(text.get()).ok()?;
        let is_match = fields.get("name")? == name && fields.get("provider_id")? == provider_id;
        let id = fields.get("id")?.as_str()?.to_owned();
        is_match.then_some(Match { id, fields, text })
    };
    items.into_iter().filter_map(matching).collect()
}

/// Returns the error for a name that may be among the items that the list lacks.
pub fn incomplete(name: &str) -> Error {
    let message =
        format!("the list has fewer items than its total says; {name:?} may be among the missing ones, so try again");
    Error::new(ErrorKind::UnreadableResponse, Outcome::Unknown, message)
}

/// Returns the error for several integrations where there must be one.
pub fn duplicate(name: &str, matches: &[Match]) -> Error {
    let ids: Vec<_> = matches.iter().map(|found| found.id.as_str()).collect();
    let message = format!(
        "{} integrations of this provider have the name {name:?}: {}; rename or remove all but one",
        ids.len(),
        ids.join(", ")
    );
    Error::new(ErrorKind::Duplicate, Outcome::NotSent, message)
}

/// Pauses between searches, which grow.
pub struct Pauses(Duration);

impl Pauses {
    pub fn new() -> Self {
        Self(FIRST_PAUSE)
    }

    /// Waits, at most until then.
    pub async fn wait(&mut self, until: Instant) {
        let wait = self.0.min(until.saturating_duration_since(Instant::now()));
        let wait_ms = wait.as_secs_f64() * 1e3;
        tracing::info!(wait_ms, "waiting for a create that may still take effect");
        sleep(wait).await;
        self.0 = (self.0 * 2).min(LONGEST_PAUSE);
    }
}
