//! The request of a row as JSON text.

use std::fmt;

use ocamba_hood::ProviderInfo;
use serde::de::{MapAccess, Visitor};
use serde::{Deserializer, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

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

/// Returns the text of a request with `provider`, an id or a name in any case, replaced by `provider_id`.
///
/// # Errors
///
/// What is wrong with the text; no value is quoted.
pub fn normalize(text: &str) -> Result<String, String> {
    let mut json = serde_json::Deserializer::from_str(text);
    let members = json.deserialize_map(Members).and_then(|members| json.end().map(|()| members));
    let members = members.map_err(|error| match error.is_data() {
        true => "must be an object, as {\"name\": …, \"provider_id\": …, \"settings\": {…}}".to_owned(),
        false => format!("is not valid JSON: {error}"),
    })?;
    let id = |value: &RawValue| to_raw_value(provider_id(&serde_json::from_str::<String>(value.get()).ok()?)).ok();
    Ok(object(members.into_iter().map(|(name, value)| match name.as_str() {
        "provider" => ("provider_id".to_owned(), id(value).unwrap_or_else(|| value.to_owned())),
        _ => (name, value.to_owned()),
    })))
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
    use ocamba_hood::providers;
    use serde_json::Value;

    use super::*;

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
            let message = normalize(text).expect_err(text);
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
}
