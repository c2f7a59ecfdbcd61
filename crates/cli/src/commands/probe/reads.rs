//! The questions that reading can answer: errors, headers, and the form of integrations.

use ocamba_hood::{ProviderInfo, Tier, text_of_id};
use serde_json::Value;
use std::time::{Duration, SystemTime};

use super::answers::{Answers, Found};
use super::ask::{Asker, Form, INTEGRATIONS, Seen, fields};
use crate::shared::failure::Failure;

/// An id that no integration is likely to have.
const NO_ID: &str = "999999999999999999";

/// Reads an integration that does not exist.
pub async fn missing(asker: &mut Asker<'_>, answers: &mut Answers) -> Result<(), Failure> {
    let seen = asker.get(&format!("{INTEGRATIONS}/{NO_ID}"), &[]).await?;
    answers.add("not_found_status", Found::is(seen.status));
    answers.add("not_found_body", body(&seen));
    Ok(())
}

/// Reads with a token that is not valid.
pub async fn unauthorized(stranger: &mut Asker<'_>, answers: &mut Answers) -> Result<(), Failure> {
    let seen = stranger.list(&[("page", "1,1")]).await?;
    answers.add("unauthorized_status", Found::is(seen.status));
    answers.add("unauthorized_body", body(&seen));
    Ok(())
}

/// Judges the headers of all responses.
pub fn headers(asker: &Asker<'_>, tier: Tier, answers: &mut Answers) {
    let windows: Vec<_> = asker.windows.iter().filter(|it| it.limit.is_some()).collect();
    if windows.is_empty() {
        answers.add("rate_headers", Found::is("none"));
        answers.add("rate_reset", Found::Nothing("there are no such headers"));
        return;
    }
    let is_unix = |reset: u64| reset > 1_000_000_000;
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs();
    let resets = || windows.iter().filter_map(|it| it.reset);
    let seconds_left = |reset: u64| if is_unix(reset) { reset.saturating_sub(now) } else { reset };
    answers.add(
        "rate_reset",
        match resets().next() {
            None => Found::Other("the header is missing".into()),
            Some(reset) if is_unix(reset) => Found::is("unix_time"),
            Some(_) => Found::is("seconds"),
        },
    );
    let first = windows[0].limit;
    // Longer than any window of a second, also by a clock that is some seconds wrong.
    let is_minute = resets().map(seconds_left).max() > Some(5);
    let has_room = windows.iter().any(|it| it.remaining > Some(tier.burst.into()));
    answers.add(
        "rate_headers",
        match (windows.iter().any(|it| it.limit != first), is_minute) {
            (true, _) => Found::is("scarcest"),
            // The window of a second would have been the scarcer one.
            (false, true) if has_room => Found::is("minute"),
            (false, true) => Found::one_of(["scarcest", "minute"]),
            (false, false) => Found::one_of(["scarcest", "second"]),
        },
    );
}

/// Judges the trace ids of all error objects.
pub fn trace_ids(all: &[Option<String>], answers: &mut Answers) {
    let is_uuid = |id: &String| {
        let parts: Vec<_> = id.split('-').map(str::len).collect();
        parts == [8, 4, 4, 4, 12] && id.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
    };
    let found = match all {
        [] => Found::Nothing("no response was an error object"),
        all if all.iter().all(Option::is_none) => Found::is("missing"),
        all if all.iter().flatten().all(is_uuid) => Found::is("uuid"),
        _ => Found::is("text"),
    };
    answers.add("trace_id", found);
}

/// Judges the ids in integrations and providers.
pub fn ids(all: &[&Value], answers: &mut Answers) {
    let ids = all.iter().flat_map(|it| ["id", "company_id", "provider_id"].map(|name| &it[name]));
    let ids: Vec<_> = ids.filter(|id| !id.is_null()).collect();
    let found = match ids.as_slice() {
        [] => Found::Nothing("there are no integrations and no providers"),
        ids if ids.iter().all(|id| id.is_string()) => Found::is("strings"),
        ids if ids.iter().all(|id| id.is_number()) => Found::is("numbers"),
        _ => Found::Other("some are strings, others not".into()),
    };
    answers.add("ids", found);
}

/// Judges how secrets are shown in integrations of the full view.
pub fn secrets(integrations: &[Value], answers: &mut Answers) {
    let secrets = integrations.iter().flat_map(|it| {
        let provider = text_of_id(&it["provider_id"]).and_then(|id| ProviderInfo::of(&id));
        let settings = provider.map_or(&[][..], |provider| provider.settings);
        let has_settings = it["settings"].is_object();
        settings.iter().filter(move |setting| setting.secret && has_settings).map(|it_| &it["settings"][it_.name])
    });
    let is_masked = |text: &str| text.contains("***") || text.contains('•') || text.to_lowercase().contains("redact");
    let forms: Vec<_> = secrets
        .map(|value| match value {
            Value::Null => "missing",
            Value::String(text) if is_masked(text) => "masked",
            _ => "clear",
        })
        .collect();
    let found = match forms.as_slice() {
        [] => Found::Nothing("no integration has a provider that is known"),
        [first, rest @ ..] if rest.iter().all(|form| form == first) => Found::is(first),
        _ => Found::Other("some in full, others not".into()),
    };
    answers.add("secrets", found);
}

/// Judges the form of times, and their time zone where one is in the future.
pub fn create_times(integrations: &[Value], now: Option<SystemTime>, answers: &mut Answers) {
    let Some(time) = integrations.iter().map(|it| &it["create_time"]).find(|time| !time.is_null()) else {
        return answers.add("create_time", Found::Nothing("there is no integration with a time"));
    };
    let latest = integrations.iter().filter_map(|it| parsed(it["create_time"].as_str()?)).max();
    let is_ahead = latest.zip(now).is_some_and(|(latest, now)| latest > now + Duration::from_secs(60));
    answers.add("create_time", form_of_time(time, is_ahead));
}

/// Returns the answers that a time permits.
pub fn form_of_time(time: &Value, is_ahead: bool) -> Found {
    match time {
        Value::Number(_) => Found::is("unix"),
        Value::String(text) => match (shape(text).as_str(), is_ahead) {
            ("0000-00-00 00:00:00", true) => Found::is("local"),
            ("0000-00-00 00:00:00", false) => Found::one_of(["gmt", "local"]),
            (shape, _) if shape.starts_with("0000-00-00T00:00:00") => Found::is("iso8601"),
            _ => Found::Other("a text of another form".into()),
        },
        _ => Found::Other("neither a text nor a number".into()),
    }
}

/// Parses a time as `2021-10-29 12:47:00`, as if it were in GMT.
pub fn parsed(text: &str) -> Option<SystemTime> {
    if shape(text) != "0000-00-00 00:00:00" {
        return None;
    }
    let number = |range: std::ops::Range<usize>| text[range].parse::<u8>().ok();
    let month = time::Month::try_from(number(5..7)?).ok()?;
    let date = time::Date::from_calendar_date(text[..4].parse().ok()?, month, number(8..10)?).ok()?;
    let time = time::Time::from_hms(number(11..13)?, number(14..16)?, number(17..19)?).ok()?;
    Some(time::PrimitiveDateTime::new(date, time).assume_utc().into())
}

/// Judges what an integration of the default view has.
pub fn default_view(integration: Option<&Value>, answers: &mut Answers) {
    let has = |name: &str| fields(integration.unwrap_or(&Value::Null)).any(|(field, _)| field == name);
    let found = match integration {
        None => Found::Nothing("there is no integration"),
        Some(_) if has("provider") => Found::is("all"),
        Some(_) if has("settings") => Found::is("settings"),
        Some(_) => Found::is("plain"),
    };
    answers.add("default_view", found);
}

fn body(seen: &Seen) -> Found {
    match seen.form {
        _ if seen.is_success() => Found::Nothing("the response is a success"),
        Form::ErrorObject => Found::is("error_object"),
        Form::Html => Found::is("html"),
        Form::OtherJson => Found::is("other_json"),
        Form::Empty => Found::is("empty"),
        Form::Other => Found::Other("of another form".into()),
    }
}

fn shape(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect()
}
