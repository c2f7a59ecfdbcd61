//! Finds every invalid field of a request before it is sent, without quoting any value.

use std::collections::BTreeSet;

use super::json::{Json, Object, Text, get};
use super::known_providers::providers;
use super::provider_info::{ProviderInfo, SettingInfo};
use super::suggestion::did_you_mean;
use crate::error::FieldError;
use crate::secret::REDACTED;

/// Maximum number of characters of a name.
const MAX_NAME: usize = 100;
const FIELDS: [&str; 4] = ["name", "provider_id", "settings", "status"];

/// Checks the JSON of a create. A provider that this version does not know is refused, unless it is allowed.
pub(crate) fn new_integration(request: &Json<'_>, allow_unknown_provider: bool) -> Vec<FieldError> {
    let mut checks = Checks::default();
    let Some(request) = checks.object("request", request) else { return checks.0 };
    checks.fields(request);
    if get(request, "name").is_none() {
        checks.error("name", "is required");
    }
    let settings = get(request, "settings");
    match checks.provider_id(request) {
        Ok(Some(id)) => match (ProviderInfo::of(id), settings) {
            (None, _) if !allow_unknown_provider || id.is_empty() => checks.unknown_provider(id),
            (_, None) => checks.error("settings", "is required"),
            (None, Some(Json::Null)) => {}
            (provider, Some(settings)) => {
                if let Some(settings) = checks.object("settings", settings) {
                    checks.repeated("settings.", settings);
                    checks.settings(provider, settings, false);
                }
            }
        },
        Ok(None) => checks.error("provider_id", format!("is required; one of {}", known_providers())),
        Err(()) => {}
    }
    checks.0
}

/// Checks the JSON of an update. Its `provider_id`, which is not sent, says whose the settings are.
pub(crate) fn update(update: &Json<'_>, allow_unknown_provider: bool) -> Vec<FieldError> {
    let mut checks = Checks::default();
    let Some(update) = checks.object("update", update) else { return checks.0 };
    checks.fields(update);
    let Ok(id) = checks.provider_id(update) else { return checks.0 };
    let Some(settings) = get(update, "settings") else {
        if ["name", "status"].iter().all(|field| get(update, field).is_none()) {
            checks.error("update", "changes nothing; it needs at least one of name, settings, status");
        }
        return checks.0;
    };
    let Some(settings) = checks.object("settings", settings) else { return checks.0 };
    if settings.is_empty() {
        checks.error("settings", "change nothing");
    }
    checks.repeated("settings.", settings);
    match (id, id.and_then(ProviderInfo::of)) {
        (None, _) if !allow_unknown_provider => {
            checks.error("provider_id", "is required with settings, which are checked by it; it is not sent");
        }
        (Some(id), None) if !allow_unknown_provider => checks.unknown_provider(id),
        (_, provider) => checks.settings(provider, settings, true),
    }
    checks.0
}

/// The errors so far.
#[derive(Default)]
struct Checks(Vec<FieldError>);

impl Checks {
    fn error(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(FieldError::new(field, message));
    }

    /// Returns the members of an object.
    fn object<'v, 'a>(&mut self, field: &str, value: &'v Json<'a>) -> Option<&'v Object<'a>> {
        match value {
            Json::Object(object) => Some(object),
            other => {
                self.error(field, format!("must be an object, not {}", other.in_words()));
                None
            }
        }
    }

    /// Checks the fields that a create and an update have in common.
    fn fields(&mut self, request: &Object<'_>) {
        self.repeated("", request);
        for (Text(name), _) in request.iter().filter(|(name, _)| !FIELDS.contains(&&*name.0)) {
            let meant = did_you_mean(name, FIELDS);
            self.error(&**name, format!("is not a field of the request; it has {}{meant}", FIELDS.join(", ")));
        }
        for (field, max) in [("name", MAX_NAME), ("status", usize::MAX)] {
            let error = match get(request, field) {
                Some(Json::String(Text(text))) => length(text, 1, max),
                Some(other) => Some(format!("must be a string, not {}", other.in_words())),
                None => None,
            };
            error.into_iter().for_each(|message| self.error(field, message));
        }
    }

    /// Returns the provider's id, if there is one that is a string.
    fn provider_id<'v>(&mut self, request: &'v Object<'_>) -> Result<Option<&'v str>, ()> {
        match get(request, "provider_id") {
            None => Ok(None),
            Some(Json::String(Text(id))) => Ok(Some(id)),
            Some(other) => {
                self.error("provider_id", format!("must be a string, not {}", other.in_words()));
                Err(())
            }
        }
    }

    fn unknown_provider(&mut self, id: &str) {
        let known = known_providers();
        let meant = did_you_mean(id, providers().iter().flat_map(|provider| [provider.title, provider.type_name]));
        self.error(
            "provider_id",
            format!("{id:?} is unknown to this version; one of {known}, or allow unknown providers{meant}"),
        );
    }

    /// Checks settings against a known provider. In an update each of them may be missing, or null.
    fn settings(&mut self, provider: Option<&ProviderInfo>, settings: &Object<'_>, is_update: bool) {
        let Some(provider) = provider else { return };
        for setting in provider.settings {
            let error = match get(settings, setting.name) {
                Some(Json::Null) if is_update => None,
                Some(value) => setting_error(setting, value),
                None => (setting.required && !is_update).then(|| format!("is required by {}", provider.title)),
            };
            error.into_iter().for_each(|message| self.error(format!("settings.{}", setting.name), message));
        }
        for (Text(name), _) in settings.iter().filter(|(name, _)| provider.setting(&name.0).is_none()) {
            let known: Vec<_> = provider.settings.iter().map(|s| s.name).collect();
            let meant = did_you_mean(name, known.iter().copied());
            let message = format!("is not a setting of {}; it has {}{meant}", provider.title, known.join(", "));
            self.error(format!("settings.{name}"), message);
        }
    }

    /// Refuses a name that appears twice: the text is sent unchanged, and the server would have the choice.
    fn repeated(&mut self, path: &str, object: &Object<'_>) {
        let mut seen = BTreeSet::new();
        for (Text(name), _) in object {
            if !seen.insert(&**name) {
                self.error(format!("{path}{name}"), "appears more than once");
            }
        }
    }
}

fn setting_error(setting: &SettingInfo, value: &Json<'_>) -> Option<String> {
    let SettingInfo { kind, secret, one_of, min_length, max_length, .. } = *setting;
    if !kind.admits(value) {
        return Some(format!("must be {}, not {}", kind.in_words(), value.in_words()));
    }
    let text = value.as_str()?;
    if secret && text == REDACTED {
        return Some(format!("is {REDACTED}; replace it with the real secret"));
    }
    if !one_of.is_empty() && !one_of.contains(&text) {
        return Some(format!("must be one of {}", one_of.join(", ")));
    }
    length(text, min_length, max_length)
}

fn length(text: &str, min: usize, max: usize) -> Option<String> {
    let length = text.chars().count();
    if (min..=max).contains(&length) {
        return None;
    }
    Some(match (min, max) {
        (1, usize::MAX) => "must not be empty".to_owned(),
        (_, usize::MAX) => format!("must have at least {min} characters, not {length}"),
        _ => format!("must have {min} to {max} characters, not {length}"),
    })
}

fn known_providers() -> String {
    let all: Vec<_> = providers().iter().map(|p| format!("{:?} ({})", p.id, p.title)).collect();
    all.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(request: &str) -> Vec<String> {
        let errors = new_integration(&serde_json::from_str(request).expect("JSON"), true);
        errors.into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn repeated_field_is_refused() {
        let request = r#"{"name": "a", "name": "b", "provider_id": "x", "settings": {"c": 1, "c": 2}}"#;
        assert_eq!(fields(request), ["name", "settings.c"]);
    }

    #[test]
    fn repeated_setting_of_an_update_is_reported_beside_a_missing_provider() {
        let request = r#"{"settings": {"c": 1, "c": 2}}"#;
        let errors = update(&serde_json::from_str(request).expect("JSON"), false);
        let fields: Vec<_> = errors.into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["settings.c", "provider_id"]);
    }

    #[test]
    fn name_is_measured_in_characters() {
        let named = |name: String| fields(&format!(r#"{{"name": "{name}", "provider_id": "x", "settings": {{}}}}"#));
        assert!(named("é".repeat(100)).is_empty());
        assert_eq!(named("é".repeat(101)), ["name"]);
    }
}
