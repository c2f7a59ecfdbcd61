//! A row's request as JSON text: its provider put in by id, all else as it stood.

use std::fmt;

use ocamba_hood::{ProviderInfo, providers};
use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;

/// The members of an object in the order of the text, the same name twice among them.
pub struct Members<'a>(pub Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::with_capacity(8);
                while let Some(member) = members.next_entry()? {
                    all.push(member);
                }
                Ok(Members(all))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

/// The text of a request, in which `provider` may be an id, or a name in any case: it becomes `provider_id`.
///
/// # Errors
///
/// What is wrong with the text, in words that quote nothing of it.
pub fn normalized(text: &str) -> Result<String, String> {
    let members: Members<'_> = serde_json::from_str(text).map_err(|error| in_words(&error))?;
    let mut out = String::with_capacity(text.len() + 8);
    for (name, value) in &members.0 {
        out.push(if out.is_empty() { '{' } else { ',' });
        let provider = (name == "provider").then(|| serde_json::from_str::<String>(value.get()).ok()).flatten();
        match provider {
            Some(provider) => member(&mut out, "provider_id", &quoted(provider_id(&provider))),
            None => member(&mut out, if name == "provider" { "provider_id" } else { name }, value.get()),
        }
    }
    out.push_str(if out.is_empty() { "{}" } else { "}" });
    Ok(out)
}

/// The parser's error without what stands in the text.
pub fn in_words(error: &serde_json::Error) -> String {
    match error.is_data() {
        true => "must be an object, as {\"name\": …, \"provider_id\": …, \"settings\": {…}}".to_owned(),
        false => format!("is not valid JSON: {error}"),
    }
}

/// The id of a provider that is called by its id, its type's name, or its title. One that is not known stays as it is.
pub fn provider_id(called: &str) -> &str {
    let is_it = |provider: &&ProviderInfo| {
        let names = [provider.id, provider.type_name, provider.title];
        names.iter().any(|name| name.eq_ignore_ascii_case(called.trim()))
    };
    providers().iter().find(is_it).map_or(called, |provider| provider.id)
}

/// `"name":value`, the value being JSON.
pub fn member(out: &mut String, name: &str, json: &str) {
    out.push_str(&quoted(name));
    out.push(':');
    out.push_str(json);
}

/// A text as JSON.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_may_be_called_by_its_name() {
        let provider = &providers()[0];
        for called in [provider.id, provider.type_name, &provider.title.to_uppercase()] {
            let text = normalized(&format!(r#"{{"name": "a", "provider": {}}}"#, quoted(called))).expect("JSON");
            assert_eq!(text, format!(r#"{{"name":"a","provider_id":"{}"}}"#, provider.id));
        }
    }

    #[test]
    fn nothing_is_quoted_of_what_cannot_be_read() {
        for text in ["\"canary\"", "[\"canary\"]", "{\"canary\": ", "canary", "{} canary", "12345"] {
            let message = normalized(text).expect_err(text);
            assert!(!message.contains("canary") && !message.contains("12345"), "{message}");
        }
    }

    #[test]
    fn a_name_that_stands_twice_stays_so_that_it_is_refused() {
        assert_eq!(
            normalized(r#"{"provider":"x","provider_id":"y"}"#).expect("JSON"),
            r#"{"provider_id":"x","provider_id":"y"}"#
        );
    }
}
