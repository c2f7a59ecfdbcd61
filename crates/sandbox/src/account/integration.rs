//! An integration: what it is made of, how it changes, and how it is told.

use std::borrow::Cow;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::account::time;

/// What a create asks for.
#[derive(Deserialize)]
pub struct NewIntegration {
    pub name: String,
    pub provider_id: String,
    pub settings: Value,
    pub status: Option<String>,
}

/// What an update asks for.
#[derive(Default, Deserialize)]
pub struct Change {
    pub name: Option<String>,
    pub status: Option<String>,
    pub settings: Option<Map<String, Value>>,
}

/// An integration as a create tells it, in the order of the documented example.
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
    // The rest is not told when it is created.
    #[serde(skip)]
    pub create_time: SystemTime,
    /// Whether a test message was sent with these settings.
    #[serde(skip)]
    pub tested: bool,
}

/// An integration that was created, as it is now, without its settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Created {
    /// As it was answered.
    pub id: String,
    /// As it was asked for, or changed to.
    pub name: String,
    /// As it was asked for.
    pub provider_id: String,
    /// When it was created.
    #[serde(skip)]
    pub create_time: SystemTime,
}

/// A field's value as it is sorted and searched. Ids are numbers where they can be.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub enum Plain<'a> {
    Id(Option<u64>, &'a str),
    Text(&'a str),
    Flag(bool),
    Time(SystemTime),
}

impl Integration {
    /// All that a list or a get tells of it, but for its provider.
    pub fn told(&self) -> Map<String, Value> {
        let Ok(Value::Object(mut told)) = serde_json::to_value(self) else { return Map::new() };
        told.insert("effective_status".into(), self.effective_status().into());
        told.insert("create_time".into(), time::text(self.create_time).into());
        told
    }

    pub fn plain(&self, field: &str) -> Option<Plain<'_>> {
        let id = |text| Plain::Id(str::parse(text).ok(), text);
        Some(match field {
            "id" => id(self.id.as_str()),
            "company_id" => id(&self.company_id),
            "provider_id" => id(&self.provider_id),
            "name" => Plain::Text(&self.name),
            "type" => Plain::Text(&self.kind),
            "status" => Plain::Text(&self.status),
            "effective_status" => Plain::Text(self.effective_status()),
            "is_default" => Plain::Flag(self.is_default),
            "create_time" => Plain::Time(self.create_time),
            _ => return None,
        })
    }

    /// Of the settings, those that are given replace those that are there. Others than before are untested.
    pub fn apply(&mut self, change: Change) {
        self.name = change.name.unwrap_or_else(|| std::mem::take(&mut self.name));
        self.status = change.status.unwrap_or_else(|| std::mem::take(&mut self.status));
        for (name, value) in change.settings.into_iter().flatten() {
            if self.settings.get(&name) != Some(&value) {
                self.tested = false;
                self.settings[name] = value;
            }
        }
    }

    /// It is documented to differ from the status when the integration was not tested, but not by which word.
    fn effective_status(&self) -> &str {
        if self.tested { &self.status } else { "untested" }
    }
}

impl Plain<'_> {
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

    fn change(change: Value) -> Change {
        from_value(change).unwrap()
    }

    #[test]
    fn a_create_tells_the_fields_in_the_order_of_the_documented_example() {
        assert_eq!(
            serde_json::to_string(&Integration::example(7, "n")).unwrap(),
            r#"{"id":"7","company_id":"5","name":"n","type":"owl","provider_id":"one","settings":{"a":"b"},"status":"active","is_default":false}"#
        );
    }

    #[test]
    fn all_documented_fields_are_told_and_the_plain_ones_are_known() {
        let integration = Integration::example(7, "n");
        let mut told: Vec<_> = integration.told().keys().cloned().collect();
        told.push("provider".into());
        assert_eq!(told, Document::bundled().unwrap().fields("Integration"));
        // No others can be named in a query.
        let document = Document::bundled().unwrap();
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
        assert_eq!(names("Fields"), told);
        let plain: Vec<_> = told.into_iter().filter(|field| integration.plain(field).is_some()).collect();
        assert_eq!([names("Sort"), names("SearchFields")], [plain.clone(), plain.clone()]);
        for field in &plain {
            let told = &integration.told()[field];
            let told = told.as_str().map_or_else(|| told.to_string(), str::to_owned);
            assert_eq!(integration.plain(field).unwrap().text(), told, "{field}");
        }
    }

    #[test]
    fn a_change_leaves_what_it_does_not_name() {
        let mut integration = Integration::example(7, "n");
        integration.apply(Change::default());
        assert_eq!(integration.told(), Integration::example(7, "n").told());
        integration.apply(change(json!({ "name": "m" })));
        integration.apply(change(json!({ "status": "asleep" })));
        integration.apply(change(json!({ "settings": { "c": null } })));
        let told = integration.told();
        assert_eq!((&told["name"], &told["status"]), (&json!("m"), &json!("asleep")));
        assert_eq!(told["settings"], json!({ "a": "b", "c": null }));
    }

    #[test]
    fn other_settings_are_untested_and_nothing_else_is() {
        let mut integration = Integration { tested: true, ..Integration::example(7, "n") };
        for same in [json!({ "name": "m" }), json!({ "status": "asleep" }), json!({ "settings": { "a": "b" } })] {
            integration.apply(change(same));
        }
        assert_eq!(integration.told()["effective_status"], "asleep");
        integration.apply(change(json!({ "settings": { "a": "c" } })));
        assert_eq!(integration.told()["effective_status"], "untested");
    }
}
