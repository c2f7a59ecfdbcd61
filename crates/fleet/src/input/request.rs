//! The request of a row as JSON text.

use std::fmt;

use ocamba_hood::{ProviderInfo, SettingKind};
use serde::de::{MapAccess, Visitor};
use serde::{Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use crate::input::value;

/// Reads the members of an object in the order of the text, duplicates included.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        std::iter::from_fn(|| members.next_entry().transpose()).collect()
    }
}

/// Why a row is refused: fields, and what is wrong with each; no value is quoted. An empty field is the whole row.
pub type FieldErrors = Vec<(String, String)>;

/// Returns the text of a request with `provider`, an id or a name in any case, replaced by `provider_id`; with settings that
/// were columns (`settings.NAME`) in `settings`; without nulls and ignored columns; and with values of the settings' types.
pub fn normalize(text: &str, is_ignored: &dyn Fn(&str) -> bool) -> Result<String, FieldErrors> {
    let members = members(text).map_err(|error| {
        let message = match error.is_data() {
            true => "must be an object, as {\"name\": …, \"provider_id\": …, \"settings\": {…}}".to_owned(),
            false => format!("is not valid JSON: {error}"),
        };
        vec![(String::new(), message)]
    })?;
    let (mut fields, mut settings, mut errors) = (Vec::new(), None, Vec::new());
    for (name, value) in &members {
        let is_null = value.get() == "null";
        match (name.strip_prefix("settings."), name.as_str()) {
            _ if is_ignored(name) => {}
            (Some(_), _) if is_null => {}
            (Some(setting), _) => settings.get_or_insert_with(Vec::new).push((setting.to_owned(), *value)),
            (None, "settings") if value.get().starts_with('{') => {
                let inner = self::members(value.get()).unwrap_or_default().into_iter();
                let is_kept = |(name, _): &(String, _)| !is_ignored(&format!("settings.{name}"));
                settings.get_or_insert_with(Vec::new).extend(inner.filter(is_kept));
            }
            (None, "name" | "status" | "provider" | "provider_id") if is_null => {}
            (None, "name" | "status" | "provider" | "provider_id") => {
                let field = if name == "provider" { "provider_id" } else { name };
                match value::of_json(Some(SettingKind::String), value) {
                    Ok(text) => fields.push((field, converted(text, value))),
                    Err(message) => errors.push((field.to_owned(), message)),
                }
            }
            _ => fields.push((name, (*value).to_owned())),
        }
    }
    for (_, id) in fields.iter_mut().filter(|(field, _)| *field == "provider_id") {
        if let Ok(text) = serde_json::from_str::<String>(id.get()) {
            *id = converted(Some(provider_id(&text).into()), id);
        }
    }
    let id = fields.iter().find(|(field, _)| *field == "provider_id");
    let id: Option<String> = id.and_then(|(_, id)| serde_json::from_str(id.get()).ok());
    let provider = id.as_deref().and_then(ProviderInfo::of);
    let settings = settings.map(|settings| {
        let is_kept = |(_, value): &(String, &RawValue)| provider.is_none() || value.get() != "null";
        let convert = |(name, value): (String, &RawValue)| {
            let kind = provider.and_then(|provider| provider.setting(&name)).map(|setting| setting.kind);
            let text =
                value::of_json(kind, value).map_err(|message| errors.push((format!("settings.{name}"), message)));
            (name, converted(text.unwrap_or_default(), value))
        };
        object(settings.into_iter().filter(is_kept).map(convert))
    });
    if !errors.is_empty() {
        return Err(errors);
    }
    let settings = settings.and_then(|text| Some(("settings", RawValue::from_string(text).ok()?)));
    Ok(object(fields.into_iter().chain(settings)))
}

/// Returns JSON of a converted value, or the value as it was.
fn converted(new: Option<Value>, value: &RawValue) -> Box<RawValue> {
    new.and_then(|new| to_raw_value(&new).ok()).unwrap_or_else(|| value.to_owned())
}

/// Returns the members of an object.
fn members(text: &str) -> serde_json::Result<Vec<(String, &RawValue)>> {
    let mut json = serde_json::Deserializer::from_str(text);
    let members = json.deserialize_map(Members)?;
    json.end().map(|()| members)
}

/// Returns the id of a provider given by id or name, in any case. Returns any other text unchanged.
pub fn provider_id(text: &str) -> &str {
    ProviderInfo::find(text).map_or(text, |provider| provider.id)
}

/// Writes a JSON object with its members in this order.
pub fn object(members: impl IntoIterator<Item = (impl Serialize, impl Serialize)>) -> String {
    let mut text = Vec::new();
    // Writing to memory succeeds.
    let _ = serde_json::Serializer::new(&mut text).collect_map(members);
    String::from_utf8(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocamba_hood::providers;

    fn normalize(text: &str) -> Result<String, FieldErrors> {
        super::normalize(text, &|name| name == "notes")
    }

    #[test]
    fn provider_is_found_by_id_or_name_in_any_case() {
        let provider = &providers()[0];
        for text in [provider.id, provider.type_name, &provider.title.to_uppercase()] {
            let request = normalize(&format!(r#"{{"name": "a", "provider": {}}}"#, Value::from(text))).expect("JSON");
            assert_eq!(request, format!(r#"{{"name":"a","provider_id":"{}"}}"#, provider.id));
        }
    }

    #[test]
    fn unreadable_request_is_not_quoted() {
        for text in ["\"canary\"", "[\"canary\"]", "{\"canary\": ", "canary", "{} canary", "12345"] {
            let message = format!("{:?}", normalize(text).expect_err(text));
            assert!(!message.contains("canary") && !message.contains("12345"), "{message}");
        }
    }

    #[test]
    fn duplicate_member_is_kept_for_validation() {
        assert_eq!(
            normalize(r#"{"provider":"x","provider_id":"y"}"#).expect("JSON"),
            r#"{"provider_id":"x","provider_id":"y"}"#
        );
    }

    #[test]
    fn row_of_a_table_becomes_a_request() {
        let provider = &providers()[0];
        let [one, two] = [&provider.settings[0].name, &provider.settings[1].name];
        let table = format!(
            r#"{{"name": 7.0, "provider": {}, "notes": 1, "status": null, "settings.{one}": 12155551234, "settings.{two}": null}}"#,
            provider.id
        );
        let expected =
            format!(r#"{{"name":"7","provider_id":"{}","settings":{{"{one}":"12155551234"}}}}"#, provider.id);
        assert_eq!(normalize(&table), Ok(expected));
        let lost = format!(r#"{{"name": "a", "provider": "{}", "settings": {{"{one}": 1.5e20}}}}"#, provider.id);
        assert_eq!(normalize(&lost).expect_err("lost")[0].0, format!("settings.{one}"));
        // What is unknown is neither left out nor changed.
        let unknown = r#"{"name":"a","provider_id":"?","more":1.50,"settings":{"x":null,"y":1,"y":2}}"#;
        assert_eq!(normalize(unknown).expect("JSON"), unknown);
    }
}
