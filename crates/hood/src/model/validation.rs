//! Finds what is wrong with a request before it is sent, all of it at once, without quoting any value.

use std::collections::HashSet;

use super::json::{Json, Object, Text, get};
use super::known_providers::providers;
use super::provider_info::{ProviderInfo, SettingInfo};
use crate::error::FieldError;
use crate::secret::REDACTED;

/// The greatest number of characters of a name.
const MAX_NAME: usize = 100;

/// Checks the JSON of a create. A provider that this version does not know is refused, unless it is meant.
pub(crate) fn new_integration(request: &Json<'_>, allow_unknown_provider: bool) -> Vec<FieldError> {
    let Json::Object(request) = request else {
        return vec![FieldError::new("request", format!("must be an object, not {}", request.in_words()))];
    };
    let mut problems = Vec::new();
    repeated("", request, &mut problems);
    unknown_fields(request, &["name", "provider_id", "settings", "status"], &mut problems);
    let name = get(request, "name").map_or(Some("is required".to_owned()), |name| text(name, 1, MAX_NAME));
    let status = get(request, "status").and_then(|status| text(status, 1, usize::MAX));
    problems.extend(name.map(|message| FieldError::new("name", message)));
    problems.extend(status.map(|message| FieldError::new("status", message)));
    match get(request, "provider_id") {
        None => problems.push(FieldError::new("provider_id", format!("is required; one of {}", known_providers()))),
        Some(Json::String(Text(id))) => match ProviderInfo::of(id) {
            Some(provider) => known_settings(provider, get(request, "settings"), &mut problems),
            None if allow_unknown_provider && !id.is_empty() => {
                unknown_settings(get(request, "settings"), &mut problems)
            }
            None => problems.push(unknown_provider(id)),
        },
        Some(other) => {
            problems.push(FieldError::new("provider_id", format!("must be a string, not {}", other.in_words())))
        }
    }
    problems
}

/// Checks the JSON of an update. Which settings there may be is told by `provider_id`, which is not sent.
pub(crate) fn update(update: &Json<'_>, allow_unknown_provider: bool) -> Vec<FieldError> {
    let Json::Object(update) = update else {
        return vec![FieldError::new("update", format!("must be an object, not {}", update.in_words()))];
    };
    let mut problems = Vec::new();
    repeated("", update, &mut problems);
    unknown_fields(update, &["name", "provider_id", "settings", "status"], &mut problems);
    let name = get(update, "name").and_then(|name| text(name, 1, MAX_NAME));
    let status = get(update, "status").and_then(|status| text(status, 1, usize::MAX));
    problems.extend(name.map(|message| FieldError::new("name", message)));
    problems.extend(status.map(|message| FieldError::new("status", message)));
    let provider = match get(update, "provider_id") {
        Some(Json::String(Text(id))) => Some(&**id),
        Some(other) => {
            problems.push(FieldError::new("provider_id", format!("must be a string, not {}", other.in_words())));
            return problems;
        }
        None => None,
    };
    let Some(settings) = get(update, "settings") else {
        if ["name", "status"].iter().all(|field| get(update, field).is_none()) {
            problems
                .push(FieldError::new("update", "changes nothing; it needs at least one of name, settings, status"));
        }
        return problems;
    };
    match settings {
        Json::Object(settings) if settings.is_empty() => problems.push(FieldError::new("settings", "change nothing")),
        Json::Object(settings) => repeated("settings.", settings, &mut problems),
        other => {
            problems.push(FieldError::new("settings", format!("must be an object, not {}", other.in_words())));
            return problems;
        }
    }
    match (provider, provider.and_then(ProviderInfo::of), settings) {
        (None, ..) if !allow_unknown_provider => problems
            .push(FieldError::new("provider_id", "is required with settings, which are checked by it; it is not sent")),
        (Some(id), None, _) if !allow_unknown_provider => problems.push(unknown_provider(id)),
        (_, Some(provider), Json::Object(settings)) => changed_settings(provider, settings, &mut problems),
        _ => {}
    }
    problems
}

/// Settings of which each may be missing, or null.
fn changed_settings(provider: &ProviderInfo, settings: &Object<'_>, problems: &mut Vec<FieldError>) {
    for (Text(name), value) in settings {
        let wrong = match (provider.setting(name), value) {
            (None, _) => Some(foreign(provider)),
            (Some(_), Json::Null) => None,
            (Some(setting), value) => setting_value(setting, value),
        };
        problems.extend(wrong.map(|message| FieldError::new(format!("settings.{name}"), message)));
    }
}

/// What is wrong with a setting that the provider does not have.
fn foreign(provider: &ProviderInfo) -> String {
    let known: Vec<_> = provider.settings.iter().map(|s| s.name).collect();
    format!("is not a setting of {}; it has {}", provider.title, known.join(", "))
}

fn unknown_provider(id: &str) -> FieldError {
    let message = format!(
        "{id:?} is not a provider that this version knows; one of {}, or allow unknown providers",
        known_providers()
    );
    FieldError::new("provider_id", message)
}

fn known_settings(provider: &ProviderInfo, settings: Option<&Json<'_>>, problems: &mut Vec<FieldError>) {
    let settings = match settings {
        Some(Json::Object(settings)) => settings,
        Some(other) => {
            return problems.push(FieldError::new("settings", format!("must be an object, not {}", other.in_words())));
        }
        None => return problems.push(FieldError::new("settings", "is required")),
    };
    repeated("settings.", settings, problems);
    for setting in provider.settings {
        let wrong = match get(settings, setting.name) {
            Some(value) => setting_value(setting, value),
            None => setting.required.then(|| format!("is required by {}", provider.title)),
        };
        problems.extend(wrong.map(|message| FieldError::new(format!("settings.{}", setting.name), message)));
    }
    for (Text(name), _) in settings.iter().filter(|(name, _)| provider.setting(&name.0).is_none()) {
        problems.push(FieldError::new(format!("settings.{name}"), foreign(provider)));
    }
}

fn unknown_settings(settings: Option<&Json<'_>>, problems: &mut Vec<FieldError>) {
    match settings {
        Some(Json::Object(settings)) => repeated("settings.", settings, problems),
        Some(Json::Null) => {}
        Some(other) => {
            problems.push(FieldError::new("settings", format!("must be an object, not {}", other.in_words())));
        }
        None => problems.push(FieldError::new("settings", "is required")),
    }
}

fn setting_value(setting: &SettingInfo, value: &Json<'_>) -> Option<String> {
    let SettingInfo { kind, secret, one_of, min_length, max_length, .. } = *setting;
    if !kind.admits(value) {
        return Some(format!("must be {}, not {}", kind.in_words(), value.in_words()));
    }
    let text = value.as_str()?;
    if secret && text == REDACTED {
        return Some(format!("is {REDACTED}; put the real secret in its place"));
    }
    if !one_of.is_empty() && !one_of.contains(&text) {
        return Some(format!("must be one of {}", one_of.join(", ")));
    }
    length(text, min_length, max_length)
}

/// What is wrong with a text of so many characters.
fn text(value: &Json<'_>, min: usize, max: usize) -> Option<String> {
    match value {
        Json::String(Text(text)) => length(text, min, max),
        _ => Some(format!("must be a string, not {}", value.in_words())),
    }
}

fn length(text: &str, min: usize, max: usize) -> Option<String> {
    let length = text.chars().count();
    if (min..=max).contains(&length) {
        return None;
    }
    Some(match (min, max) {
        (1, usize::MAX) => "must not be empty".to_owned(),
        (_, usize::MAX) => format!("must have at least {min} characters, and has {length}"),
        _ => format!("must have {min} to {max} characters, and has {length}"),
    })
}

fn unknown_fields(object: &Object<'_>, known: &[&str], problems: &mut Vec<FieldError>) {
    for (Text(name), _) in object.iter().filter(|(name, _)| !known.contains(&&*name.0)) {
        problems.push(FieldError::new(&**name, format!("is not a field of the request; it has {}", known.join(", "))));
    }
}

/// The text is sent as it is, so a name that appears twice would leave the choice to the server.
fn repeated(path: &str, object: &Object<'_>, problems: &mut Vec<FieldError>) {
    let mut seen = HashSet::with_capacity(object.len());
    for (Text(name), _) in object {
        if !seen.insert(&**name) {
            problems.push(FieldError::new(format!("{path}{name}"), "appears more than once"));
        }
    }
}

fn known_providers() -> String {
    let all: Vec<_> = providers().iter().map(|p| format!("{:?} ({})", p.id, p.title)).collect();
    all.join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;

    fn check(request: &Value, allow_unknown_provider: bool) -> Vec<FieldError> {
        let text = request.to_string();
        new_integration(&serde_json::from_str(&text).expect("JSON"), allow_unknown_provider)
    }

    /// A sound request of the first provider, and the name of a required setting.
    fn sound() -> (Value, &'static str) {
        let provider = &providers()[0];
        let settings: Map<String, Value> =
            provider.settings.iter().map(|s| (s.name.to_owned(), json!("canary"))).collect();
        let required = provider.settings.iter().find(|s| s.required).expect("one is required").name;
        (json!({ "name": "Example", "provider_id": provider.id, "settings": settings, "status": "active" }), required)
    }

    /// The fields that are wrong after a change; no message may quote a value.
    fn wrong(change: impl FnOnce(&mut Value, &str)) -> Vec<String> {
        let (mut request, setting) = sound();
        change(&mut request, setting);
        let problems = check(&request, false);
        assert!(!format!("{problems:?}").contains("canary"), "{problems:?}");
        problems.into_iter().map(|p| p.field).collect()
    }

    #[test]
    fn a_sound_request_has_no_problem() {
        assert!(wrong(|_, _| {}).is_empty());
    }

    #[test]
    fn each_mistake_names_its_field() {
        let (_, setting) = sound();
        let path = format!("settings.{setting}");
        assert_eq!(wrong(|r, _| r["name"] = json!("")), ["name"]);
        assert_eq!(wrong(|r, _| r["name"] = json!("n".repeat(101))), ["name"]);
        assert_eq!(wrong(|r, _| r["name"] = json!(5)), ["name"]);
        assert_eq!(wrong(|r, _| r["nmae"] = json!("canary")), ["nmae"]);
        assert_eq!(wrong(|r, _| r["status"] = json!(null)), ["status"]);
        assert_eq!(wrong(|r, _| r["provider_id"] = json!("9999")), ["provider_id"]);
        assert_eq!(wrong(|r, _| r["provider_id"] = json!(1000)), ["provider_id"]);
        assert_eq!(wrong(|r, _| r["settings"] = json!(null)), ["settings"]);
        assert_eq!(wrong(|r, s| r["settings"][s] = json!(12345)), [path.as_str()]);
        assert_eq!(wrong(|r, s| r["settings"][s] = json!("")), [path.as_str()]);
        assert_eq!(wrong(|r, _| r["settings"]["foreign"] = json!("canary")), ["settings.foreign"]);
        assert_eq!(wrong(|r, s| drop(r["settings"].as_object_mut().expect("settings").remove(s))), [path.as_str()]);
    }

    #[test]
    fn a_field_that_stands_twice_is_refused() {
        let request = r#"{"name": "a", "name": "b", "provider_id": "x", "settings": {}}"#;
        assert_eq!(new_integration(&serde_json::from_str(request).expect("JSON"), true)[0].field, "name");
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        assert_eq!(check(&json!({}), false).len(), 2);
        assert_eq!(check(&json!([]), false)[0].field, "request");
    }

    #[test]
    fn a_name_is_measured_in_characters() {
        assert!(wrong(|r, _| r["name"] = json!("é".repeat(100))).is_empty());
        assert_eq!(wrong(|r, _| r["name"] = json!("é".repeat(101))), ["name"]);
    }

    #[test]
    fn an_unknown_provider_can_be_meant() {
        let request = json!({ "name": "Bot", "provider_id": "2000", "settings": { "bot_token": "x" } });
        assert!(check(&request, true).is_empty());
    }

    #[test]
    fn a_redacted_secret_is_not_sent() {
        let provider = providers().iter().find(|p| p.settings.iter().any(|s| s.secret)).expect("a secret");
        let settings: Map<String, Value> =
            provider.settings.iter().map(|s| (s.name.to_owned(), json!(REDACTED))).collect();
        let request = json!({ "name": "Example", "provider_id": provider.id, "settings": settings });
        let secrets = provider.settings.iter().filter(|s| s.secret).count();
        let found = check(&request, false).iter().filter(|p| p.message.contains(REDACTED)).count();
        assert_eq!(found, secrets);
    }
}
