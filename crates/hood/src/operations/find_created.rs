//! Finds the integration of a create that failed after it may have taken effect.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::checked_body::CheckedBody;
use super::context::Context;
use super::find_by_name::{Match, Matches, Pauses, duplicate, find_by_name, incomplete};
use super::response::Response;
use crate::error::{Error, ErrorKind, Outcome, UnconfirmedCreate};
use crate::transport::CallOptions;

/// Precision of the server's times, which have whole seconds, by clocks of several machines. An integration that is older
/// than the create by less counts as its own: that of nearly every create is within this time, so it must be certain.
const RESOLUTION: Duration = Duration::from_secs(2);

/// Searches until the integration is found, or the server has had its time. The result is the integration, or `null`.
///
/// An integration that may be older than the create, by more than the precision of times, is neither returned nor passed
/// over: it is an error.
pub async fn find_created(
    context: &Arc<Context>,
    create: &UnconfirmedCreate,
    options: CallOptions,
) -> Result<Response<CheckedBody>, Error> {
    let deadline = options.deadline();
    let late = create.failed.elapsed().unwrap_or_default();
    let until = (Instant::now() + options.reconcile_timeout.saturating_sub(late)).min(deadline);
    let mut pauses = Pauses::new();
    let mut attempts = Vec::new();
    loop {
        // The last search must begin when the server has had its time.
        let is_last = Instant::now() >= until;
        let options = options.until(deadline);
        let Matches { mut matches, last, is_complete } =
            find_by_name(context, &create.name, &create.provider_id, options, &mut attempts).await?;
        let earliest = earliest(create, &last);
        matches.retain(|found| is_newer(found, earliest) != Some(false));
        let is_certain = matches.iter().all(|found| is_newer(found, earliest).is_some());
        let found = match matches.as_slice() {
            [one] if is_certain => one.text.get(),
            [] if is_last && !is_complete => return Err(incomplete(&create.name).with_attempts(attempts)),
            [] if is_last => "null",
            [] => {
                pauses.wait(until).await;
                continue;
            }
            several if is_certain => return Err(duplicate(&create.name, several).with_attempts(attempts)),
            possible => return Err(possibly_created(create, possible).with_attempts(attempts)),
        };
        return Ok(last.with_value(CheckedBody::composed(found.to_owned())).with_attempts(attempts));
    }
}

/// Returns the time before which nothing was created by this create, by the server's clock. None where no clock can tell.
fn earliest(create: &UnconfirmedCreate, page: &Response<CheckedBody>) -> Option<SystemTime> {
    let date = page.headers.get(reqwest::header::DATE)?.to_str().ok()?;
    httpdate::parse_http_date(date).ok()?.checked_sub(create.began.elapsed()? + RESOLUTION)
}

/// Returns whether an integration did not exist before then. None where nothing shows it.
fn is_newer(found: &Match, earliest: Option<SystemTime>) -> Option<bool> {
    Some(created(found)? >= earliest?)
}

/// Returns the error for integrations of which one may be that of the create, or all are older.
fn possibly_created(create: &UnconfirmedCreate, possible: &[Match]) -> Error {
    let describe = |found: &Match| {
        let time = found.fields.get("create_time").and_then(|time| time.as_str());
        format!("{} (created {})", found.id, time.unwrap_or("at an unknown time"))
    };
    let message = format!(
        "the search found {}, but could not tell whether it is older than the create, which failed at {} by the clock of \
         its machine; compare times and settings before you create it again",
        possible.iter().map(describe).collect::<Vec<_>>().join(", "),
        httpdate::fmt_http_date(create.failed.wall()),
    );
    Error::new(ErrorKind::OutcomeUnknown, Outcome::Unknown, message).with_unconfirmed_create(Some(create.clone()))
}

/// Reads the time of creation, where the server sent it: `2021-10-29 12:47:00`, in GMT. Also as `2021-10-29T12:47:00Z`, or as a
/// Unix time: other forms than the documented one are clear, too.
fn created(found: &Match) -> Option<SystemTime> {
    let time = found.fields.get("create_time")?;
    if let Some(seconds) = time.as_u64() {
        // From 2001 on; milliseconds are larger.
        let is_time = (1_000_000_000..100_000_000_000).contains(&seconds);
        return is_time.then(|| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
    }
    let text = time.as_str()?;
    let text = text.strip_suffix('Z').unwrap_or(text);
    let numbers: Vec<u64> = text.split(['-', ' ', ':', 'T']).map(|n| n.parse().ok()).collect::<Option<_>>()?;
    let &[year, month, day, hour, minute, second] = numbers.as_slice() else { return None };
    // The crate reads dates of HTTP only, which have a day of the week.
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = MONTHS.get(usize::try_from(month).ok()?.checked_sub(1)?)?;
    let rest = format!("{day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT");
    DAYS.iter().find_map(|weekday| httpdate::parse_http_date(&format!("{weekday}, {rest}")).ok())
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use serde_json::json;
    use serde_json::value::RawValue;
    use serde_json::{Map, Value};

    use super::*;

    fn found(create_time: Value) -> Match {
        let fields = Map::from_iter([("create_time".to_owned(), create_time)]);
        Match { id: "1".into(), fields, text: RawValue::from_string("{}".into()).expect("JSON") }
    }

    #[test]
    fn documented_time_and_other_clear_ones_are_read() {
        for time in [json!("2021-10-29 12:47:00"), json!("2021-10-29T12:47:00Z"), json!(1_635_511_620)] {
            let at = created(&found(time)).expect("a time");
            assert_eq!(at, UNIX_EPOCH + Duration::from_secs(1_635_511_620));
        }
        for text in ["", "2021-13-29 12:47:00", "2021-10-29T12:47:00+02:00", "yesterday", "2021-10-29", "0-0-0 0:0:0"] {
            assert!(created(&found(json!(text))).is_none(), "{text}");
        }
        assert!([json!(7), json!(1_635_511_620_000_u64)].map(found).iter().all(|it| created(it).is_none()));
    }
}
