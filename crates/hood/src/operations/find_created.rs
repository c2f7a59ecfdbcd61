//! Finds the integration of a create that failed after it may have taken effect.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use super::checked_body::CheckedBody;
use super::context::Context;
use super::find_by_name::{Match, Matches, Pauses, duplicate, find_by_name};
use super::response::Response;
use crate::error::{Error, UnconfirmedCreate, millis};
use crate::transport::CallOptions;

/// Maximum difference between the server's clock and this machine's, where the server does not send its time.
const UNKNOWN_SKEW: Duration = Duration::from_secs(300);
/// Precision of the server's time.
const RESOLUTION: Duration = Duration::from_secs(2);

/// Searches until the integration is found, or the server has had its time. The result is the integration, or `null`.
pub async fn find_created(
    context: &Arc<Context>,
    create: &UnconfirmedCreate,
    options: CallOptions,
) -> Result<Response<CheckedBody>, Error> {
    let deadline = options.deadline();
    let late = Duration::from_millis(millis(SystemTime::now()).saturating_sub(create.failed));
    let until = (Instant::now() + options.reconcile_timeout.saturating_sub(late)).min(deadline);
    let mut pauses = Pauses::new();
    let mut attempts = Vec::new();
    loop {
        // The last search must begin when the server has had its time.
        let is_last = Instant::now() >= until;
        let options = options.until(deadline);
        let Matches { mut matches, last } =
            find_by_name(context, &create.name, &create.provider_id, options, &mut attempts).await?;
        let earliest = earliest(create, &last);
        matches.retain(|found| created(found).is_none_or(|at| at >= earliest));
        let found = match matches.as_slice() {
            [one] => one.text.get(),
            [] if is_last => "null",
            [] => {
                pauses.wait(until).await;
                continue;
            }
            _ => return Err(duplicate(&create.name, &matches).with_attempts(attempts)),
        };
        return Ok(last.with_value(CheckedBody::composed(found.to_owned())).with_attempts(attempts));
    }
}

/// Returns the time before which nothing was created by this create, by the server's clock.
fn earliest(create: &UnconfirmedCreate, page: &Response<CheckedBody>) -> SystemTime {
    let began = UNIX_EPOCH + Duration::from_millis(create.began);
    let date = page.headers.get(reqwest::header::DATE).and_then(|value| value.to_str().ok());
    match date.and_then(|text| httpdate::parse_http_date(text).ok()) {
        Some(theirs) => match theirs.duration_since(SystemTime::now()) {
            Ok(ahead) => began + ahead - RESOLUTION,
            Err(behind) => began - behind.duration() - RESOLUTION,
        },
        None => began - UNKNOWN_SKEW,
    }
}

/// Reads the time of creation, where the server sent it: `2021-10-29 12:47:00`, in GMT.
fn created(found: &Match) -> Option<SystemTime> {
    let text = found.fields.get("create_time")?.as_str()?;
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
    use serde_json::json;

    use super::*;
    use serde_json::value::RawValue;
    use serde_json::{Map, Value};

    fn found(create_time: Value) -> Match {
        let fields = Map::from_iter([("create_time".to_owned(), create_time)]);
        Match { id: "1".into(), fields, text: RawValue::from_string("{}".into()).expect("JSON") }
    }

    #[test]
    fn documented_time_is_read() {
        let at = created(&found(json!("2021-10-29 12:47:00"))).expect("a time");
        assert_eq!(at, UNIX_EPOCH + Duration::from_secs(1_635_511_620));
        for text in ["", "2021-13-29 12:47:00", "yesterday", "2021-10-29", "0-0-0 0:0:0"] {
            assert!(created(&found(json!(text))).is_none(), "{text}");
        }
        assert!(created(&found(json!(7))).is_none());
    }
}
