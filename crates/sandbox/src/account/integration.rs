//! An integration: its fields, how an update changes them, and its JSON.

use std::borrow::Cow;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::account::time;

/// The request of a create.
#[derive(Deserialize)]
pub struct NewIntegration {
    pub name: String,
    pub provider_id: String,
    pub settings: Value,
    pub status: Option<String>,
}

/// The request of an update.
#[derive(Default, Deserialize)]
pub struct Update {
    pub name: Option<String>,
    pub status: Option<String>,
    pub settings: Option<Map<String, Value>>,
}

/// An integration. The fields are in the order of the documented response to a create.
#[derive(Clone, Serialize)]
pub struct Integration {
    pub id: String,
    pub company_id: String,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub provider_id: String,
    pub settings: Value,
    pub status: String,
    pub is_default: bool,
    // The response to a create does not have the rest.
    #[serde(skip)]
    pub create_time: SystemTime,
    /// Whether a test message was sent with these settings.
    #[serde(skip)]
    pub tested: bool,
}

/// The current state of an integration that was created, without its settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Created {
    /// The id in the response.
    pub id: String,
    /// The name, as requested or updated.
    pub name: String,
    /// The provider, as requested.
    pub provider_id: String,
    /// The time of its creation.
    #[serde(skip)]
    pub create_time: SystemTime,
}

/// A field's value for sorting and searching. Ids are compared as numbers where possible.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldValue<'a> {
    Id(Option<u64>, &'a str),
    Text(&'a str),
    Flag(bool),
    Time(SystemTime),
}

impl Integration {
    /// Returns all fields of a list or a get, except the provider.
    pub fn to_json(&self) -> Map<String, Value> {
        let Ok(Value::Object(mut json)) = serde_json::to_value(self) else { return Map::new() };
        json.insert("effective_status".into(), self.effective_status().into());
        json.insert("create_time".into(), time::text(self.create_time).into());
        json
    }

    /// Returns the size of its texts, in bytes.
    pub fn bytes(&self) -> usize {
        fn of(value: &Value) -> usize {
            match value {
                Value::String(text) => text.len(),
                Value::Array(items) => items.iter().map(|it| of(it) + size_of::<Value>()).sum(),
                Value::Object(members) => members.iter().map(|(name, it)| name.len() + of(it)).sum(),
                _ => 0,
            }
        }
        self.name.len() + of(&self.settings)
    }

    /// The fields that are no objects: what [`field`](Self::field) has.
    pub const FIELDS: [&str; 9] =
        ["id", "company_id", "name", "type", "provider_id", "status", "is_default", "effective_status", "create_time"];

    pub fn field(&self, field: &str) -> Option<FieldValue<'_>> {
        let id = |text| FieldValue::Id(str::parse(text).ok(), text);
        Some(match field {
            "id" => id(self.id.as_str()),
            "company_id" => id(&self.company_id),
            "provider_id" => id(&self.provider_id),
            "name" => FieldValue::Text(&self.name),
            "type" => FieldValue::Text(&self.kind),
            "status" => FieldValue::Text(&self.status),
            "effective_status" => FieldValue::Text(self.effective_status()),
            "is_default" => FieldValue::Flag(self.is_default),
            "create_time" => FieldValue::Time(self.create_time),
            _ => return None,
        })
    }

    /// Applies an update. Settings that change are untested.
    pub fn apply(&mut self, update: Update) {
        self.name = update.name.unwrap_or_else(|| std::mem::take(&mut self.name));
        self.status = update.status.unwrap_or_else(|| std::mem::take(&mut self.status));
        for (name, value) in update.settings.into_iter().flatten() {
            if self.settings.get(&name) != Some(&value) {
                self.tested = false;
                self.settings[name] = value;
            }
        }
    }

    /// The documentation says that it differs from the status before a test, but not which word it is.
    fn effective_status(&self) -> &str {
        if self.tested { &self.status } else { "untested" }
    }
}

impl FieldValue<'_> {
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Id(_, text) | Self::Text(text) => Cow::Borrowed(text),
            Self::Flag(flag) => Cow::Borrowed(if *flag { "true" } else { "false" }),
            Self::Time(at) => Cow::Owned(time::text(*at)),
        }
    }
}

impl From<&Integration> for Created {
    fn from(it: &Integration) -> Self {
        Self {
            id: it.id.clone(),
            name: it.name.clone(),
            provider_id: it.provider_id.clone(),
            create_time: it.create_time,
        }
    }
}

#[cfg(test)]
impl Integration {
    pub fn example(id: u64, name: &str) -> Self {
        Self {
            id: id.to_string(),
            company_id: "5".into(),
            name: name.into(),
            kind: "owl".into(),
            provider_id: "one".into(),
            settings: serde_json::json!({ "a": "b" }),
            status: "active".into(),
            is_default: false,
            create_time: SystemTime::UNIX_EPOCH,
            tested: false,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::contract::document::Document;
    use serde_json::{from_value, json};

    fn update(update: Value) -> Update {
        from_value(update).unwrap()
    }

    #[test]
    fn created_integration_has_the_documented_fields_in_order() {
        assert_eq!(
            serde_json::to_string(&Integration::example(7, "n")).unwrap(),
            r#"{"id":"7","company_id":"5","name":"n","type":"owl","provider_id":"one","settings":{"a":"b"},"status":"active","is_default":false}"#
        );
    }

    #[test]
    fn json_has_all_documented_fields_and_sortable_ones_are_known() {
        let integration = Integration::example(7, "n");
        let mut shown: Vec<_> = integration.to_json().keys().cloned().collect();
        shown.push("provider".into());
        let document = Document::bundled().unwrap();
        // What only a probe has shown, the sandbox has no values for.
        let properties = &document.value()["components"]["schemas"]["Integration"]["properties"];
        let is_described = |field: &String| properties[field]["x-source"] != "probe";
        assert_eq!(shown, document.fields("Integration").into_iter().filter(is_described).collect::<Vec<_>>());
        // A query can name no other fields.
        let parameters = &document.value()["components"]["parameters"];
        let names = |parameter: &str| {
            let pattern = parameters[parameter]["schema"]["pattern"].as_str().unwrap();
            pattern
                .split_once('(')
                .unwrap()
                .1
                .split_once(')')
                .unwrap()
                .0
                .split('|')
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(names("Fields"), shown);
        let plain: Vec<_> = shown.into_iter().filter(|field| integration.field(field).is_some()).collect();
        assert_eq!([names("Sort"), names("SearchFields")], [plain.clone(), plain.clone()]);
        assert_eq!(plain, Integration::FIELDS);
        for field in &plain {
            let shown = &integration.to_json()[field];
            let shown = shown.as_str().map_or_else(|| shown.to_string(), str::to_owned);
            assert_eq!(integration.field(field).unwrap().text(), shown, "{field}");
        }
    }

    #[test]
    fn update_keeps_the_fields_that_it_does_not_have() {
        let mut integration = Integration::example(7, "n");
        integration.apply(Update::default());
        assert_eq!(integration.to_json(), Integration::example(7, "n").to_json());
        integration.apply(update(json!({ "name": "m" })));
        integration.apply(update(json!({ "status": "asleep" })));
        integration.apply(update(json!({ "settings": { "c": null } })));
        let shown = integration.to_json();
        assert_eq!((&shown["name"], &shown["status"]), (&json!("m"), &json!("asleep")));
        assert_eq!(shown["settings"], json!({ "a": "b", "c": null }));
    }

    #[test]
    fn integration_is_untested_only_when_settings_change() {
        let mut integration = Integration { tested: true, ..Integration::example(7, "n") };
        for same in [json!({ "name": "m" }), json!({ "status": "asleep" }), json!({ "settings": { "a": "b" } })] {
            integration.apply(update(same));
        }
        assert_eq!(integration.to_json()["effective_status"], "asleep");
        integration.apply(update(json!({ "settings": { "a": "c" } })));
        assert_eq!(integration.to_json()["effective_status"], "untested");
    }
}
