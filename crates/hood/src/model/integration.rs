//! An integration, read tolerantly.

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use super::generated::exports::{IntegrationType, Provider, Status};
use super::provider_description::ProviderDescription;
use super::provider_info::{ProviderInfo, SettingInfo};
use super::raw_values::RawValues;
use super::tolerant::{keep, keep_id, read_fields};

/// Integration, as the server returned it.
///
/// Only the id is always present. Unknown fields, unknown settings and values of an unexpected type are kept in
/// [`extra`](Self::extra) and [`extra_settings`](Self::extra_settings), and written back with the rest. Any of these may be a
/// secret, so they are redacted unless [revealed](crate::reveal).
///
/// ```
/// use ocamba_hood::{Integration, Provider, Status};
///
/// let text = r#"{"id": "1165", "provider_id": "2000", "settings": {"x": 1}, "status": "paused", "colour": "red"}"#;
/// let integration: Integration = serde_json::from_str(text)?;
/// assert_eq!(integration.id, "1165");
/// assert!(matches!(integration.provider, Provider::Unknown { .. }));
/// assert_eq!(integration.status, Some(Status::Unknown("paused".into())));
/// assert_eq!(integration.extra.get("colour"), Some(&"red".into()));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Integration {
    /// ID: digits in a string.
    pub id: String,
    /// ID of the account: digits in a string.
    pub company_id: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// What it sends: `type` in the JSON.
    pub kind: Option<IntegrationType>,
    /// Provider and its settings.
    pub provider: Provider,
    /// Whether it is in use.
    pub status: Option<Status>,
    /// Whether it is the account's default for its type.
    pub is_default: Option<bool>,
    /// Status in effect: differs from `status` where the integration was not tested, or its test failed. Absent from a
    /// create's response.
    pub effective_status: Option<Status>,
    /// Time of creation, in GMT, as `2021-10-29 12:47:00`. Absent from a create's response.
    pub create_time: Option<String>,
    /// Provider, as the server describes it: `provider` in the JSON. Absent from a create's response.
    pub provider_description: Option<Box<ProviderDescription>>,
    /// Settings that this version does not know.
    pub extra_settings: RawValues,
    /// Fields that this version does not know, or whose values have an unexpected type.
    pub extra: RawValues,
}

impl<'de> Deserialize<'de> for Integration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (mut id, mut company_id, mut name, mut kind, mut provider_id, mut settings) = Default::default();
        let (mut status, mut is_default, mut effective_status) = Default::default();
        let (mut create_time, mut provider_description) = Default::default();
        let extra = read_fields(deserializer, |field, value| match field {
            "id" => keep_id(&mut id, value),
            "company_id" => keep_id(&mut company_id, value),
            "name" => keep(&mut name, value),
            "type" => keep(&mut kind, value),
            "provider_id" => keep_id(&mut provider_id, value),
            "settings" => {
                settings = value;
                // A null is among the others, so that it is written back.
                settings.is_null().then_some(Value::Null)
            }
            "status" => keep(&mut status, value),
            "is_default" => keep(&mut is_default, value),
            "effective_status" => keep(&mut effective_status, value),
            "create_time" => keep(&mut create_time, value),
            "provider" => keep(&mut provider_description, value),
            _ => Some(value),
        })?;
        let id = id.ok_or_else(|| de::Error::custom("an integration needs an `id`"))?;
        let (provider, extra_settings) = read_provider(provider_id.unwrap_or_default(), settings);
        Ok(Self {
            id,
            company_id,
            name,
            kind,
            provider,
            status,
            is_default,
            effective_status,
            create_time,
            provider_description,
            extra_settings,
            extra,
        })
    }
}

impl Serialize for Integration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id)?;
        entry(&mut map, "company_id", &self.company_id)?;
        entry(&mut map, "name", &self.name)?;
        entry(&mut map, "type", &self.kind)?;
        let mut provider = serde_json::to_value(&self.provider).map_err(serde::ser::Error::custom)?;
        let extra = serde_json::to_value(&self.extra_settings).map_err(serde::ser::Error::custom)?;
        if let (Some(settings), Value::Object(extra)) = (provider["settings"].as_object_mut(), extra) {
            settings.extend(extra);
        }
        // An empty id means that there was none, and null settings that there were none: a null that was sent is in `extra`.
        let is_present = |(name, value): &(&String, &Value)| match name.as_str() {
            "settings" => !value.is_null(),
            _ => !self.provider.id().is_empty(),
        };
        for (name, value) in provider.as_object().into_iter().flatten().filter(is_present) {
            map.serialize_entry(name, value)?;
        }
        entry(&mut map, "status", &self.status)?;
        entry(&mut map, "is_default", &self.is_default)?;
        entry(&mut map, "effective_status", &self.effective_status)?;
        entry(&mut map, "create_time", &self.create_time)?;
        entry(&mut map, "provider", &self.provider_description)?;
        let extra = serde_json::to_value(&self.extra).map_err(serde::ser::Error::custom)?;
        for (name, value) in extra.as_object().into_iter().flatten() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// Writes a field that is present.
fn entry<M: SerializeMap>(map: &mut M, name: &str, value: &Option<impl Serialize>) -> Result<(), M::Error> {
    value.as_ref().map_or(Ok(()), |value| map.serialize_entry(name, value))
}

/// Returns the provider, typed if its settings fit, and the settings that it does not know.
fn read_provider(provider_id: String, settings: Value) -> (Provider, RawValues) {
    // A missing setting, or one of another type, makes the provider unknown: then all settings are kept unchanged.
    let fitting = |settings: &Map<String, Value>| {
        let info = ProviderInfo::of(&provider_id)?;
        let fits = |s: &SettingInfo| settings.get(s.name).map_or(!s.required, |value| s.kind.fits(value));
        info.settings.iter().all(fits).then_some(info)
    };
    let unknown = |provider_id, settings| {
        (Provider::Unknown { provider_id, settings: RawValues::new(settings) }, RawValues::default())
    };
    let Some(info) = settings.as_object().and_then(fitting) else { return unknown(provider_id, settings) };
    let is_foreign = |name: &String| info.setting(name).is_none();
    if settings.as_object().is_none_or(|all| !all.keys().any(is_foreign)) {
        return match Provider::known(&provider_id, &settings) {
            Some(Ok(provider)) => (provider, RawValues::default()),
            _ => unknown(provider_id, settings),
        };
    }
    let all = settings.as_object().cloned().unwrap_or_default();
    let (foreign, known): (Map<_, _>, Map<_, _>) = all.into_iter().partition(|(name, _)| is_foreign(name));
    match Provider::known(&provider_id, &Value::Object(known)) {
        Some(Ok(provider)) => (provider, foreign.into()),
        _ => unknown(provider_id, settings),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::known_providers::providers;
    use crate::secret::reveal;

    fn read(value: &Value) -> Integration {
        serde_json::from_value(value.clone()).expect("an integration")
    }

    fn written(integration: &Integration) -> Value {
        reveal(|| serde_json::to_value(integration)).expect("JSON")
    }

    /// A response with the first provider.
    fn response() -> Value {
        let value = |secret| json!(if secret { "canary" } else { "plain" });
        let settings: Map<String, Value> =
            providers()[0].settings.iter().map(|s| (s.name.to_owned(), value(s.secret))).collect();
        json!({
            "id": "1165", "company_id": "6197120", "name": "Example", "type": "sms",
            "provider_id": providers()[0].id, "settings": settings, "status": "active", "is_default": false,
        })
    }

    #[test]
    fn known_provider_stays_typed_when_it_has_new_settings() {
        let mut value = response();
        value["settings"]["region"] = json!("eu");
        let integration = read(&value);
        assert!(!matches!(integration.provider, Provider::Unknown { .. }));
        assert_eq!(integration.extra_settings.get("region"), Some(&json!("eu")));
        assert_eq!(written(&integration), value);
    }

    #[test]
    fn unexpected_values_are_written_back_unchanged() {
        let name = providers()[0].settings[0].name;
        let changes: [fn(&mut Value, &str); 9] = [
            |v, _| v["company_id"] = Value::Null,
            |v, _| v["name"] = json!(7),
            |v, _| v["settings"] = Value::Null,
            |v, _| v["settings"] = json!("text"),
            |v, name| v["settings"][name] = json!(5),
            |v, _| v["provider_id"] = json!([1000]),
            |v, _| v["provider_id"] = json!("2000"),
            |v, _| v["is_default"] = json!("no"),
            |v, _| v["colour"] = json!({"deep": [1, 2]}),
        ];
        for change in changes {
            let mut value = response();
            change(&mut value, name);
            let integration = read(&value);
            assert_eq!(written(&integration), value);
            assert!(!format!("{integration:?}").contains("canary"), "{integration:?}");
            assert!(!serde_json::to_string(&integration).expect("JSON").contains("canary"));
        }
    }

    #[test]
    fn ids_that_are_numbers_become_strings() {
        let (mut value, expected) = (response(), written(&read(&response())));
        for id in ["id", "company_id", "provider_id"] {
            value[id] = value[id].as_str().and_then(|id| id.parse::<u64>().ok()).into();
        }
        let integration = read(&value);
        assert_eq!(written(&integration), expected);
        assert_eq!(integration.provider.id(), expected["provider_id"]);
    }

    #[test]
    fn last_of_repeated_fields_counts() {
        let read = |fields: &str| -> Integration {
            serde_json::from_str(&format!(r#"{{"id": "1", {fields}}}"#)).expect("an integration")
        };
        let (last, first) = (read(r#""name": "a", "name": 5"#), read(r#""name": 5, "name": "a""#));
        assert_eq!((last.name, last.extra.get("name")), (None, Some(&json!(5))));
        assert_eq!((first.name.as_deref(), first.extra.is_empty()), (Some("a"), true));
        assert_eq!(written(&read(r#""settings": {"a": 1}, "settings": null"#)), json!({"id": "1", "settings": null}));
    }
}
