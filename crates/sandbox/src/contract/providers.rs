//! The providers of the document, and how the API describes them.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::contract::document::{self, Document, InvalidDocument};
use crate::contract::error_response::capitalized;
use crate::contract::schema::Schema;
use crate::contract::violations::Violations;

/// Every provider, in the order of the document.
pub struct Providers(Vec<Provider>);

pub struct Provider {
    id: String,
    /// The provider in responses.
    pub description: Value,
    /// The schema of the settings.
    settings: Schema,
    names: Vec<String>,
    secrets: Vec<String>,
}

impl Providers {
    /// Reads the providers. Their types come from the example responses of a create.
    pub fn new<'a>(document: &Document, examples: impl Iterator<Item = &'a Value>) -> Result<Self, InvalidDocument> {
        let kinds: HashMap<_, _> = examples.filter_map(|it| Some((it["provider_id"].as_str()?, &it["type"]))).collect();
        let providers = document.providers().map(|it| Provider::new(document, &it, kinds.get(it.id).copied()));
        providers.collect::<Result<_, _>>().map(Self)
    }

    pub fn get(&self, id: &str) -> Option<&Provider> {
        self.0.iter().find(|provider| provider.id == id)
    }

    pub fn descriptions(&self) -> Vec<&Value> {
        self.0.iter().map(|provider| &provider.description).collect()
    }
}

impl Provider {
    fn new(document: &Document, it: &document::Provider<'_>, kind: Option<&Value>) -> Result<Self, InvalidDocument> {
        let all = || it.settings["properties"].as_object().into_iter().flatten();
        let required = |name: &str| it.settings["required"].as_array().is_some_and(|all| all.iter().any(|r| r == name));
        let setting = |(name, schema): (&String, &Value)| {
            json!({
                "title": title(name),
                "name": name,
                "type": schema["type"],
                "required": required(name),
                "deprecated": schema["deprecated"] == true,
            })
        };
        let mut description = json!({ "id": it.id });
        if let Some(kind) = kind {
            description["type"] = kind.clone();
        }
        description["name"] = it.title.into();
        description["logo"] = Value::Null;
        description["settings"] = all().map(setting).collect();
        let schema = json!({ "properties": { "settings": { "properties": it.settings["properties"] } } });
        Ok(Self {
            id: it.id.to_owned(),
            description,
            settings: document.schema(&schema)?,
            names: all().map(|(name, _)| name.clone()).collect(),
            secrets: all().filter(|(_, it)| it["format"] == "password").map(|(name, _)| name.clone()).collect(),
        })
    }

    /// Returns the settings of an update that this provider has. The error names the invalid ones.
    ///
    /// The effect of `null` is not documented: it is accepted for any setting.
    pub fn check_update(&self, mut settings: Map<String, Value>) -> Result<Map<String, Value>, Violations> {
        settings.retain(|name, _| self.names.contains(name));
        let values: Map<_, _> = settings.clone().into_iter().filter(|(_, value)| !value.is_null()).collect();
        self.settings.check(&json!({ "settings": values })).map(|()| settings)
    }

    /// Returns whether a setting is a secret.
    pub fn has_secret(&self, name: &str) -> bool {
        self.secrets.iter().any(|it| it == name)
    }

    /// Returns whether the provider accepts these credentials: all but secrets that are `invalid`.
    pub fn accepts(&self, settings: &Value) -> bool {
        !self.secrets.iter().any(|name| settings[name] == "invalid")
    }
}

/// Returns the title of a setting: `Account SID` for `account_sid`.
fn title(name: &str) -> String {
    const ABBREVIATIONS: [&str; 6] = ["api", "id", "ip", "sid", "smtp", "url"];
    let words = name.split('_');
    let words = words.map(|it| if ABBREVIATIONS.contains(&it) { it.to_uppercase() } else { it.to_owned() });
    capitalized(&words.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn bundled() -> Providers {
        let document = Document::bundled().unwrap();
        Providers::new(&document, document.operation("createIntegration").unwrap().examples("201")).unwrap()
    }

    #[test]
    fn descriptions_match_the_branches_and_the_examples() {
        let document = Document::bundled().unwrap();
        let schema = document.schema(&json!({ "$ref": "#/components/schemas/ProviderDescription" })).unwrap();
        let providers = bundled();
        assert_eq!(providers.descriptions().len(), document.providers().count());
        for (description, it) in providers.descriptions().into_iter().zip(document.providers()) {
            schema.check(description).unwrap();
            assert_eq!((&description["id"], &description["name"]), (&json!(it.id), &json!(it.title)));
            assert!(description["type"].is_string(), "{description}");
            for setting in description["settings"].as_array().unwrap() {
                let schema = &it.settings["properties"][setting["name"].as_str().unwrap()];
                assert_eq!(setting["type"], schema["type"], "{setting}");
                assert_eq!(
                    setting["required"],
                    it.settings["required"].to_string().contains(&setting["name"].to_string())
                );
            }
        }
    }

    #[test]
    fn title_is_made_from_the_name() {
        for (name, expected) in [
            ("account_sid", "Account SID"),
            ("api_key", "API key"),
            ("default_reply_to_email", "Default reply to email"),
            ("port", "Port"),
            ("épée", "Épée"),
            ("", ""),
        ] {
            assert_eq!(title(name), expected);
        }
    }

    #[test]
    fn update_keeps_known_settings_and_nulls_and_refuses_invalid_values() {
        for provider in bundled().0 {
            for name in provider.names.clone() {
                let change = |value: Value| {
                    let settings = json!({ name.clone(): value, "keyy": ["x"] });
                    provider.check_update(settings.as_object().unwrap().clone())
                };
                assert_eq!(Value::from(change(Value::Null).unwrap()), json!({ name.clone(): null }));
                let message = change(json!([])).unwrap_err().to_string();
                assert!(message.starts_with(&format!("settings.{name} must be a")), "{message}");
                assert!(!message.contains("keyy"), "{message}");
            }
            assert!(provider.check_update(Map::new()).unwrap().is_empty());
        }
    }

    #[test]
    fn credentials_are_not_accepted_when_a_secret_is_invalid() {
        for provider in bundled().0 {
            assert!(!provider.secrets.is_empty());
            assert!(provider.accepts(&json!({})) && provider.accepts(&Value::Null));
            for name in &provider.names {
                let accepted = provider.accepts(&json!({ name: "invalid" }));
                assert_eq!(accepted, !provider.secrets.contains(name), "{name}");
                assert!(provider.accepts(&json!({ name: "valid" })));
            }
        }
    }
}
