//! An integration as the server returns it, read tolerantly.

use std::fmt;

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use super::generated::exports::{IntegrationType, Provider, Status};
use super::json::Text;
use super::provider_description::ProviderDescription;
use super::provider_info::{ProviderInfo, SettingInfo};
use super::raw_settings::RawSettings;

/// An integration, as the server returned it.
///
/// Only the id is sure to be there. What this version does not understand (a field, a setting, a value of another
/// type) is kept in [`extra`](Self::extra) and [`extra_settings`](Self::extra_settings), and written back with the rest.
///
/// ```
/// use ocamba_hood::{Integration, Provider, Status};
///
/// let text = r#"{"id": "1165", "provider_id": "2000", "settings": {"x": 1}, "status": "paused", "colour": "red"}"#;
/// let integration: Integration = serde_json::from_str(text)?;
/// assert_eq!(integration.id, "1165");
/// assert!(matches!(integration.provider, Provider::Unknown { .. }));
/// assert_eq!(integration.status, Some(Status::Unknown("paused".into())));
/// assert_eq!(integration.extra["colour"], "red");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Integration {
    /// Its id, digits in a string.
    pub id: String,
    /// The account's id, digits in a string.
    pub company_id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// What it sends: `type` on the wire.
    pub kind: Option<IntegrationType>,
    /// The provider and its settings.
    pub provider: Provider,
    /// Whether it is in use.
    pub status: Option<Status>,
    /// Whether it is the account's default for its type.
    pub is_default: Option<bool>,
    /// What the status comes to: not `status` where it was not tested, or its test failed. Not told by a create.
    pub effective_status: Option<Status>,
    /// When it was created, in GMT, as `2021-10-29 12:47:00`. Not told by a create.
    pub create_time: Option<String>,
    /// The provider in the server's own words: `provider` on the wire. Not told by a create.
    pub provider_description: Option<Box<ProviderDescription>>,
    /// Settings that this version does not know, beside those in `provider`.
    pub extra_settings: RawSettings,
    /// Fields that this version does not know, or whose values it did not expect.
    pub extra: Map<String, Value>,
}

impl<'de> Deserialize<'de> for Integration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(IntegrationVisitor)
    }
}

struct IntegrationVisitor;

impl<'de> de::Visitor<'de> for IntegrationVisitor {
    type Value = Integration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integration")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut fields: A) -> Result<Integration, A::Error> {
        let mut known: [Option<Value>; FIELDS.len()] = Default::default();
        let mut extra = Map::new();
        while let Some(Text(name)) = fields.next_key()? {
            match FIELDS.iter().position(|field| *field == name) {
                Some(index) => known[index] = Some(fields.next_value()?),
                None => drop(extra.insert(name.into_owned(), fields.next_value()?)),
            }
        }
        let [
            id,
            company_id,
            name,
            kind,
            provider_id,
            settings,
            status,
            is_default,
            effective,
            create_time,
            description,
        ] = known;
        let id = match id {
            Some(Value::String(id)) => id,
            Some(Value::Number(id)) => id.to_string(),
            _ => return Err(de::Error::custom("an integration needs an `id`")),
        };
        if settings == Some(Value::Null) {
            extra.insert("settings".to_owned(), Value::Null);
        }
        // A value of another type than promised is kept with what is not known.
        let mut text = |name: &str, value: Option<Value>| match value {
            Some(Value::String(text)) => Some(text),
            Some(other) => {
                extra.insert(name.to_owned(), other);
                None
            }
            None => None,
        };
        let provider_id = text("provider_id", provider_id).unwrap_or_default();
        let company_id = text("company_id", company_id);
        let name = text("name", name);
        let kind = text("type", kind).map(IntegrationType::from);
        let status = text("status", status).map(Status::from);
        let effective_status = text("effective_status", effective).map(Status::from);
        let create_time = text("create_time", create_time);
        let provider_description = description.and_then(|value| {
            let read = ProviderDescription::deserialize(&value).ok().map(Box::new);
            if read.is_none() {
                extra.insert("provider".to_owned(), value);
            }
            read
        });
        let (provider, extra_settings) = read_provider(provider_id, settings.unwrap_or_default());
        Ok(Integration {
            id,
            company_id,
            name,
            kind,
            provider,
            status,
            effective_status,
            create_time,
            provider_description,
            is_default: match is_default {
                Some(Value::Bool(is_default)) => Some(is_default),
                Some(other) => {
                    extra.insert("is_default".to_owned(), other);
                    None
                }
                None => None,
            },
            extra_settings,
            extra,
        })
    }
}

/// The fields that this version knows, in the order of the document.
const FIELDS: [&str; 11] = [
    "id",
    "company_id",
    "name",
    "type",
    "provider_id",
    "settings",
    "status",
    "is_default",
    "effective_status",
    "create_time",
    "provider",
];

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
        // An empty id stands for one that was not there, and null settings for none: a null that came is in `extra`.
        let there = |(name, value): &(&String, &Value)| match name.as_str() {
            "settings" => !value.is_null(),
            _ => !self.provider.id().is_empty(),
        };
        for (name, value) in provider.as_object().into_iter().flatten().filter(there) {
            map.serialize_entry(name, value)?;
        }
        entry(&mut map, "status", &self.status)?;
        entry(&mut map, "is_default", &self.is_default)?;
        entry(&mut map, "effective_status", &self.effective_status)?;
        entry(&mut map, "create_time", &self.create_time)?;
        entry(&mut map, "provider", &self.provider_description)?;
        for (name, value) in &self.extra {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// Writes a field that is there.
fn entry<M: SerializeMap>(map: &mut M, name: &str, value: &Option<impl Serialize>) -> Result<(), M::Error> {
    value.as_ref().map_or(Ok(()), |value| map.serialize_entry(name, value))
}

/// The provider, typed as far as its settings are known, and the rest of its settings.
fn read_provider(provider_id: String, settings: Value) -> (Provider, RawSettings) {
    // A setting that is missing or of another type makes it unknown: then all of it is kept as it is.
    let sound = |settings: &Map<String, Value>| {
        let info = ProviderInfo::of(&provider_id)?;
        let fits = |s: &SettingInfo| settings.get(s.name).map_or(!s.required, |value| s.kind.fits(value));
        info.settings.iter().all(fits).then_some(info)
    };
    let unknown = |provider_id, settings| {
        (Provider::Unknown { provider_id, settings: RawSettings::new(settings) }, RawSettings::default())
    };
    let Some(info) = settings.as_object().and_then(sound) else { return unknown(provider_id, settings) };
    let is_foreign = |name: &String| info.setting(name).is_none();
    if settings.as_object().is_none_or(|all| !all.keys().any(is_foreign)) {
        return match Provider::known(&provider_id, &settings) {
            Some(Ok(provider)) => (provider, RawSettings::default()),
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

    /// An answer for the first provider.
    fn answer() -> Value {
        let value = |secret| json!(if secret { "canary" } else { "plain" });
        let settings: Map<String, Value> =
            providers()[0].settings.iter().map(|s| (s.name.to_owned(), value(s.secret))).collect();
        json!({
            "id": "1165", "company_id": "6197120", "name": "Example", "type": "sms",
            "provider_id": providers()[0].id, "settings": settings, "status": "active", "is_default": false,
        })
    }

    #[test]
    fn a_known_provider_is_typed_also_beside_new_settings() {
        let mut value = answer();
        value["settings"]["region"] = json!("eu");
        let integration = read(&value);
        assert!(!matches!(integration.provider, Provider::Unknown { .. }));
        assert_eq!(integration.extra_settings.get("region"), Some(&json!("eu")));
        assert_eq!(written(&integration), value);
    }

    #[test]
    fn whatever_comes_is_read_and_written_back_unchanged() {
        let name = providers()[0].settings[0].name;
        let changes: [fn(&mut Value, &str); 9] = [
            |v, _| v["company_id"] = Value::Null,
            |v, _| v["name"] = json!(7),
            |v, _| v["settings"] = Value::Null,
            |v, _| v["settings"] = json!("text"),
            |v, name| v["settings"][name] = json!(5),
            |v, _| v["provider_id"] = json!(1000),
            |v, _| v["provider_id"] = json!("2000"),
            |v, _| v["is_default"] = json!("no"),
            |v, _| v["colour"] = json!({"deep": [1, 2]}),
        ];
        for change in changes {
            let mut value = answer();
            change(&mut value, name);
            let integration = read(&value);
            assert_eq!(written(&integration), value);
            assert!(!format!("{integration:?}").contains("canary"), "{integration:?}");
            assert!(!serde_json::to_string(&integration).expect("JSON").contains("canary"));
        }
    }

    #[test]
    fn only_the_id_is_needed() {
        for text in
            [r#"{"id":"1","provider_id":"2000"}"#, r#"{"id":"1","provider_id":null,"settings":null,"name":null}"#]
        {
            let value: Value = serde_json::from_str(text).expect("JSON");
            assert_eq!(written(&read(&value)), value);
        }
        assert_eq!(written(&read(&json!({"id": "1"}))), json!({"id": "1"}));
        assert_eq!(read(&json!({"id": 1165})).id, "1165");
        assert!(serde_json::from_str::<Integration>("{}").is_err());
    }
}
