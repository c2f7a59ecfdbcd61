//! Finds what is wrong with a request before it is sent, all of it at once, without quoting any value.

use serde_json::{Map, Value};

use crate::error::Problem;
use crate::provider_info::{ProviderInfo, SettingInfo, providers};
use crate::secret::REDACTED;

/// The greatest number of characters of a name.
const MAX_NAME: usize = 100;

/// Checks the JSON of a create. A provider that this version does not know is refused, unless it is meant.
pub(crate) fn new_integration(request: &Value, allow_unknown_provider: bool) -> Vec<Problem> {
    let Value::Object(request) = request else {
        return vec![Problem::new("request", format!("must be an object, not {}", kind_of(request)))];
    };
    let mut problems = Vec::new();
    unknown_fields(request, &["name", "provider_id", "settings", "status"], &mut problems);
    let name = request.get("name").map_or(Some("is required".to_owned()), |name| text(name, 1, MAX_NAME));
    let status = request.get("status").and_then(|status| text(status, 1, usize::MAX));
    problems.extend(name.map(|message| Problem::new("name", message)));
    problems.extend(status.map(|message| Problem::new("status", message)));
    match request.get("provider_id") {
        None => problems.push(Problem::new("provider_id", format!("is required; one of {}", known_providers()))),
        Some(Value::String(id)) => match ProviderInfo::of(id) {
            Some(provider) => known_settings(provider, request.get("settings"), &mut problems),
            None if allow_unknown_provider && !id.is_empty() => {
                unknown_settings(request.get("settings"), &mut problems)
            }
            None => problems.push(Problem::new(
                "provider_id",
                format!(
                    "{id:?} is not a provider that this version knows; one of {}, or allow unknown providers",
                    known_providers()
                ),
            )),
        },
        Some(other) => problems.push(Problem::new("provider_id", format!("must be a string, not {}", kind_of(other)))),
    }
    problems
}

fn known_settings(provider: &ProviderInfo, settings: Option<&Value>, problems: &mut Vec<Problem>) {
    let settings = match settings {
        Some(Value::Object(settings)) => settings,
        Some(other) => {
            return problems.push(Problem::new("settings", format!("must be an object, not {}", kind_of(other))));
        }
        None => return problems.push(Problem::new("settings", "is required")),
    };
    for setting in provider.settings {
        let wrong = match settings.get(setting.name) {
            Some(value) => setting_value(setting, value),
            None => setting.required.then(|| format!("is required by {}", provider.title)),
        };
        problems.extend(wrong.map(|message| Problem::new(format!("settings.{}", setting.name), message)));
    }
    for name in settings.keys().filter(|name| provider.setting(name).is_none()) {
        let known: Vec<_> = provider.settings.iter().map(|s| s.name).collect();
        let message = format!("is not a setting of {}; it has {}", provider.title, known.join(", "));
        problems.push(Problem::new(format!("settings.{name}"), message));
    }
}

fn unknown_settings(settings: Option<&Value>, problems: &mut Vec<Problem>) {
    match settings {
        Some(Value::Object(_) | Value::Null) => {}
        Some(other) => {
            problems.push(Problem::new("settings", format!("must be an object, not {}", kind_of(other))));
        }
        None => problems.push(Problem::new("settings", "is required")),
    }
}

fn setting_value(setting: &SettingInfo, value: &Value) -> Option<String> {
    let SettingInfo { kind, secret, one_of, min_length, max_length, .. } = *setting;
    if !kind.fits(value) {
        return Some(format!("must be {}, not {}", kind.in_words(), kind_of(value)));
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
fn text(value: &Value, min: usize, max: usize) -> Option<String> {
    match value {
        Value::String(text) => length(text, min, max),
        _ => Some(format!("must be a string, not {}", kind_of(value))),
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

fn unknown_fields(object: &Map<String, Value>, known: &[&str], problems: &mut Vec<Problem>) {
    for name in object.keys().filter(|name| !known.contains(&name.as_str())) {
        problems
            .push(Problem::new(name.as_str(), format!("is not a field of the request; it has {}", known.join(", "))));
    }
}

fn known_providers() -> String {
    let all: Vec<_> = providers().iter().map(|p| format!("{:?} ({})", p.id, p.title)).collect();
    all.join(", ")
}

/// What a JSON value is, in words.
fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
        let problems = new_integration(&request, false);
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
    fn all_mistakes_are_told_at_once() {
        assert_eq!(new_integration(&json!({}), false).len(), 2);
        assert_eq!(new_integration(&json!([]), false)[0].field, "request");
    }

    #[test]
    fn a_name_is_measured_in_characters() {
        assert!(wrong(|r, _| r["name"] = json!("é".repeat(100))).is_empty());
        assert_eq!(wrong(|r, _| r["name"] = json!("é".repeat(101))), ["name"]);
    }

    #[test]
    fn an_unknown_provider_can_be_meant() {
        let request = json!({ "name": "Bot", "provider_id": "2000", "settings": { "bot_token": "x" } });
        assert!(new_integration(&request, true).is_empty());
    }

    #[test]
    fn a_redacted_secret_is_not_sent() {
        let provider = providers().iter().find(|p| p.settings.iter().any(|s| s.secret)).expect("a secret");
        let settings: Map<String, Value> =
            provider.settings.iter().map(|s| (s.name.to_owned(), json!(REDACTED))).collect();
        let request = json!({ "name": "Example", "provider_id": provider.id, "settings": settings });
        let secrets = provider.settings.iter().filter(|s| s.secret).count();
        let found = new_integration(&request, false).iter().filter(|p| p.message.contains(REDACTED)).count();
        assert_eq!(found, secrets);
    }
}
