//! Masks the parts of a request or a response that may be secrets.

use std::collections::HashSet;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::contract::document::Document;

/// The replacement for a masked value.
pub const MASK: &str = "••••••••";

/// Headers whose values are not secrets. All others may be, as the key of a gateway.
const PLAIN_HEADERS: [&str; 24] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "allow",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "expect",
    "host",
    "origin",
    "retry-after",
    "server",
    "te",
    "traceparent",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "vary",
    "www-authenticate",
    "x-request-id",
    "x-trace-id",
];
const PLAIN_PREFIXES: [&str; 3] = ["sec-fetch-", "sec-ch-", "x-ratelimit-"];

/// The names whose values are not secrets, according to the document. All others may be: a misspelt password is a password.
pub struct Masking {
    fields: HashSet<String>,
    response_fields: HashSet<String>,
    parameters: HashSet<String>,
}

impl Masking {
    pub fn new(document: &Document) -> Self {
        let (mut plain, mut secret) = (HashSet::new(), HashSet::new());
        for (name, schema) in document.fields_of_requests() {
            // A name that is a secret anywhere is one everywhere.
            if schema["format"] == "password" { &mut secret } else { &mut plain }.insert(name);
        }
        let mut of_responses = plain.clone();
        for (name, schema) in document.fields_of_responses() {
            if schema["format"] == "password" { &mut secret } else { &mut of_responses }.insert(name);
        }
        let parameters = document.operations().filter_map(|it| it.parameters("query"));
        let names = |parameters: Value| parameters["properties"].as_object().map(|all| all.keys().cloned().collect());
        Self {
            fields: plain.difference(&secret).map(|name| (*name).to_owned()).collect(),
            response_fields: of_responses.difference(&secret).map(|name| (*name).to_owned()).collect(),
            parameters: parameters.filter_map(names).flat_map(|names: Vec<_>| names).collect(),
        }
    }

    /// Masks possible secrets in the body of a request, and returns their JSON pointers.
    pub fn mask(&self, body: &mut Value) -> Vec<String> {
        mask(&self.fields, body)
    }

    /// Masks possible secrets in the body of a response, and returns their JSON pointers.
    pub fn mask_response(&self, body: &mut Value) -> Vec<String> {
        mask(&self.response_fields, body)
    }

    /// Returns the value of a header, unless it may be a secret.
    pub fn header<'a>(&self, name: &str, value: &'a str) -> &'a str {
        let is_plain = PLAIN_HEADERS.contains(&name) || PLAIN_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        if is_plain { value } else { MASK }
    }

    /// Masks possible secrets in a query.
    pub fn query(&self, query: &str) -> String {
        let parts = query.split('&').map(|part| match part.split_once('=') {
            Some((name, _)) if !self.has_parameter(name) => format!("{name}={MASK}"),
            // A name without a value may be anything.
            None if !part.is_empty() && !self.has_parameter(part) => MASK.to_owned(),
            _ => part.to_owned(),
        });
        parts.collect::<Vec<_>>().join("&")
    }

    fn has_parameter(&self, name: &str) -> bool {
        percent_decode_str(name).decode_utf8().is_ok_and(|name| self.parameters.contains(&*name))
    }
}

fn mask(plain: &HashSet<String>, body: &mut Value) -> Vec<String> {
    let mut masked = Vec::new();
    match body {
        Value::Object(_) => walk(plain, body, String::new(), &mut masked),
        // No body of the API is anything but an object.
        _ => hide(body, String::new(), &mut masked),
    }
    masked
}

fn walk(plain: &HashSet<String>, value: &mut Value, at: String, masked: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                if plain.contains(name) { walk(plain, value, at, masked) } else { hide(value, at, masked) }
            }
        }
        Value::Array(items) => {
            items.iter_mut().enumerate().for_each(|(index, it)| walk(plain, it, format!("{at}/{index}"), masked));
        }
        _ => {}
    }
}

fn hide(value: &mut Value, at: String, masked: &mut Vec<String>) {
    *value = MASK.into();
    masked.push(at);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn masking() -> Masking {
        Masking::new(&Document::with_one_more_provider())
    }

    #[test]
    fn setting_is_masked_only_when_the_document_calls_it_a_password() {
        let (document, masking) = (Document::with_one_more_provider(), masking());
        for provider in document.providers() {
            let properties = provider.settings["properties"].as_object().unwrap();
            let settings: serde_json::Map<_, _> =
                properties.keys().map(|name| (name.clone(), json!("value"))).collect();
            let mut body = json!({ "name": "n", "provider_id": provider.id, "settings": settings, "status": "active" });
            let before = body.clone();
            let masked = masking.mask(&mut body);
            assert!(!masked.is_empty(), "{}", provider.id);
            for (name, schema) in properties {
                let at = format!("/settings/{name}");
                assert_eq!(masked.contains(&at), schema["format"] == "password", "{at}");
                let expected = if masked.contains(&at) { MASK } else { "value" };
                assert_eq!(body["settings"][name], expected, "{at}");
            }
            body["settings"] = before["settings"].clone();
            assert_eq!(body, before);
        }
    }

    #[test]
    fn field_is_masked_when_unknown() {
        for (body, places) in [
            (json!({ "name": "n", "settings": { "auth_tokne": "canary" } }), vec!["/settings/auth_tokne"]),
            (json!({ "key": "canary", "name": "n" }), vec!["/key"]),
            (json!({ "settings": { "a/b~c": { "port": "canary" } } }), vec!["/settings/a~1b~0c"]),
            (json!({ "settings": { "whistle_id": 7 } }), vec!["/settings/whistle_id"]),
            (json!({ "settings": { "whistle_id": ["canary"] } }), vec!["/settings/whistle_id"]),
            (
                json!({ "integration": { "id": "7", "settings": { "whistle_id": "canary" } } }),
                vec!["/integration/settings/whistle_id"],
            ),
            (json!({ "settings": [{ "whistle_id": "canary" }] }), vec!["/settings/0/whistle_id"]),
            (json!("canary"), vec![""]),
            (json!(["canary"]), vec![""]),
        ] {
            let mut masked = body.clone();
            assert_eq!(masking().mask(&mut masked), places, "{body}");
            assert!(!masked.to_string().contains("canary"), "{masked}");
        }
    }

    #[test]
    fn response_shows_its_documented_fields_without_secrets() {
        let document = Document::with_one_more_provider();
        for example in document.operation("createIntegration").unwrap().examples("201") {
            let mut body = json!({ "total": 1, "items": [example] });
            let masked = masking().mask_response(&mut body);
            // The example of the one more provider has no settings.
            assert_eq!(masked.is_empty(), example.get("settings").is_none(), "{body}");
            assert!(masked.iter().all(|at| at.starts_with("/items/0/settings/")), "{masked:?}");
        }
        let mut error = json!({ "code": 400, "title": "t", "message": "m", "trace_id": "7", "extra": "canary" });
        assert_eq!(masking().mask_response(&mut error), ["/extra"]);
    }

    #[test]
    fn header_is_masked_unless_it_is_known_to_be_none() {
        for (name, expected) in [
            ("authorization", MASK),
            ("cookie", MASK),
            ("x-api-key", MASK),
            ("content-type", "v"),
            ("x-ratelimit-limit", "v"),
            ("user-agent", "v"),
        ] {
            assert_eq!(masking().header(name, "v"), expected, "{name}");
        }
    }

    #[test]
    fn query_shows_only_known_parameters() {
        for (query, expected) in [
            ("page=1,2&sort=-name", "page=1,2&sort=-name"),
            ("page=1&token=canary", &format!("page=1&token={MASK}")),
            ("p%61ge=1&canary", &format!("p%61ge=1&{MASK}")),
            ("token=a=b", &format!("token={MASK}")),
            ("", ""),
        ] {
            assert_eq!(masking().query(query), expected);
        }
    }
}
