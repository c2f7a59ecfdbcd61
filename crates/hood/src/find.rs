//! Looks for integrations by name and provider: for one whose create has an unknown outcome, and for `ensure`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use tokio::time::{Instant, sleep};

use crate::client::CallOptions;
use crate::operation::Operation;
use crate::query::Query;
use crate::received::{Answered, Received};
use crate::scan::Scan;
use crate::{Attempt, Client, Error, Integration, Kind, Outcome, Response, View};

/// How far the server's clock may be from ours, where it does not tell its time.
const UNKNOWN_SKEW: Duration = Duration::from_secs(300);
/// What the server's clock is told by, in whole seconds.
const RESOLUTION: Duration = Duration::from_secs(2);
/// The wait before the second look; it doubles with each.
pub const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// What a create was to make, and when it was tried.
#[doc(hidden)]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sought {
    name: String,
    provider_id: String,
    /// When it began and failed: milliseconds by our clock.
    began: u64,
    #[serde(default)]
    failed: u64,
}

impl Sought {
    /// A create that was begun then, and has failed now. None where the body is not one of a create.
    pub(crate) fn of(body: &[u8], began: SystemTime) -> Option<Self> {
        #[derive(Deserialize)]
        struct Named {
            name: String,
            provider_id: String,
        }
        let Named { name, provider_id } = serde_json::from_slice(body).ok()?;
        Some(Self { name, provider_id, began: millis(began), failed: millis(SystemTime::now()) })
    }

    pub(crate) fn from_json(text: &str) -> Result<Self, Error> {
        serde_json::from_str(text).map_err(|_| not_of_a_create())
    }
}

/// An error without a create that may have come to be.
pub fn not_of_a_create() -> Error {
    Error::validation("error", "is not of a create whose outcome is unknown or applied")
}

/// An integration as it stands in a list.
pub struct Found {
    pub id: String,
    pub fields: Map<String, Value>,
    /// Its JSON.
    pub text: Box<RawValue>,
}

/// All integrations of a name and provider, and the last page's answer.
pub struct Look {
    pub found: Vec<Found>,
    pub last: Response<Received>,
}

/// Reads the whole list: how the server compares texts in a search is documented nowhere, and one that is missed would be
/// made twice.
pub async fn look(
    client: &Client,
    name: &str,
    provider_id: &str,
    options: CallOptions,
    attempts: &mut Vec<Attempt>,
) -> Result<Look, Error> {
    let query = Query { view: Some(View::Full), ..Query::default() };
    let deadline = options.deadline();
    let mut scan = Scan::new(client, Operation::List(Box::new(query)), options);
    let (mut found, mut last) = (Vec::new(), None);
    while let Some(page) = scan.next_until(deadline).await {
        let page = page.inspect_err(|error| attempts.extend_from_slice(error.attempts()))?;
        attempts.extend_from_slice(page.attempts());
        found.extend(of(&page, name, provider_id));
        last = Some(page);
    }
    // The first page is always told, even when it is empty.
    let last = last.ok_or_else(|| Error::new(Kind::UnreadableResponse, Outcome::Applied, "the list has no page"))?;
    Ok(Look { found, last })
}

fn of(page: &Response<Received>, name: &str, provider_id: &str) -> Vec<Found> {
    #[derive(Deserialize)]
    struct Items {
        items: Vec<Box<RawValue>>,
    }
    let items = serde_json::from_slice::<Items>(page.body()).map(|page| page.items).unwrap_or_default();
    let found = |text: Box<RawValue>| {
        let fields: Map<String, Value> = serde_json::from_str(text.get()).ok()?;
        let is_it = fields.get("name")? == name && fields.get("provider_id")? == provider_id;
        let id = match fields.get("id")? {
            Value::String(id) => id.clone(),
            other => other.to_string(),
        };
        is_it.then_some(Found { id, fields, text })
    };
    items.into_iter().filter_map(found).collect()
}

/// Several integrations where there must be one.
pub fn duplicate(name: &str, found: &[Found]) -> Error {
    let ids: Vec<_> = found.iter().map(|found| found.id.as_str()).collect();
    let message = format!(
        "{} integrations of this provider are called {name:?}: {}; rename or remove all but one",
        ids.len(),
        ids.join(", ")
    );
    Error::new(Kind::Duplicate, Outcome::NotSent, message)
}

/// Looks for what a create may have made, until it is found or the server has had time enough.
pub async fn run(client: &Client, sought: &Sought, options: CallOptions) -> Result<Response<Received>, Error> {
    let deadline = options.deadline();
    let late = Duration::from_millis(millis(SystemTime::now()).saturating_sub(sought.failed));
    let until = Instant::now() + options.settle.saturating_sub(late);
    let mut wait = FIRST_WAIT;
    let mut attempts = Vec::new();
    loop {
        // The last look must begin when the server has had its time.
        let is_last = Instant::now() >= until.min(deadline);
        let Look { mut found, last } =
            look(client, &sought.name, &sought.provider_id, options.until(deadline), &mut attempts).await?;
        let earliest = sought.earliest(&last);
        found.retain(|found| created(found).is_none_or(|at| at >= earliest));
        match found.as_slice() {
            [one] => return Ok(last.of_item(&one.text, attempts)),
            [] if !is_last => {}
            [] => return Ok(last.of_nothing(attempts)),
            _ => return Err(duplicate(&sought.name, &found).with_attempts(attempts)),
        }
        pause(&mut wait, until.min(deadline)).await;
    }
}

/// Waits a little, and longer each time.
pub async fn pause(wait: &mut Duration, until: Instant) {
    sleep((*wait).min(until.saturating_duration_since(Instant::now()))).await;
    *wait = (*wait * 2).min(LONGEST_WAIT);
}

impl Sought {
    /// What was created before was not created by it.
    fn earliest(&self, page: &Response<Received>) -> SystemTime {
        let began = UNIX_EPOCH + Duration::from_millis(self.began);
        let date = page.headers.get(reqwest::header::DATE).and_then(|value| value.to_str().ok());
        match date.and_then(|text| httpdate::parse_http_date(text).ok()) {
            Some(theirs) => {
                let ours = SystemTime::now();
                match theirs.duration_since(ours) {
                    Ok(ahead) => began + ahead - RESOLUTION,
                    Err(behind) => began - behind.duration() - RESOLUTION,
                }
            }
            None => began - UNKNOWN_SKEW,
        }
    }
}

/// When it was created, where the server told: `2021-10-29 12:47:00`, in GMT.
fn created(found: &Found) -> Option<SystemTime> {
    let text = found.fields.get("create_time")?.as_str()?;
    let numbers: Vec<u64> = text.split(['-', ' ', ':', 'T']).map(|n| n.parse().ok()).collect::<Option<_>>()?;
    let &[year, month, day, hour, minute, second] = numbers.as_slice() else { return None };
    // The crate reads the dates of HTTP only, which name the day of the week as well: so this is made one.
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = MONTHS.get(usize::try_from(month).ok()?.checked_sub(1)?)?;
    let rest = format!("{day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT");
    DAYS.iter().find_map(|weekday| httpdate::parse_http_date(&format!("{weekday}, {rest}")).ok())
}

/// A time by our clock, as a number that other processes understand.
pub fn millis(time: SystemTime) -> u64 {
    u64::try_from(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}

impl Answered for Option<Integration> {
    fn of(_: Received, body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }
}

impl Response<Received> {
    /// The answer of which one item is the result.
    pub(crate) fn of_item(self, item: &RawValue, attempts: Vec<Attempt>) -> Self {
        let body = Bytes::copy_from_slice(item.get().as_bytes());
        Self { value: serde_json::from_slice(&body).unwrap_or_default(), body, attempts, ..self }
    }

    fn of_nothing(self, attempts: Vec<Attempt>) -> Self {
        Self { value: Received::default(), body: Bytes::from_static(b"null"), attempts, ..self }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(create_time: Value) -> Found {
        let fields = Map::from_iter([("create_time".to_owned(), create_time)]);
        Found { id: "1".into(), fields, text: RawValue::from_string("{}".into()).expect("JSON") }
    }

    #[test]
    fn the_documented_time_is_read() {
        let at = created(&found(json!("2021-10-29 12:47:00"))).expect("a time");
        assert_eq!(at, UNIX_EPOCH + Duration::from_secs(1_635_511_620));
        for text in ["", "2021-13-29 12:47:00", "yesterday", "2021-10-29", "0-0-0 0:0:0"] {
            assert!(created(&found(json!(text))).is_none(), "{text}");
        }
        assert!(created(&found(json!(7))).is_none());
    }
}
