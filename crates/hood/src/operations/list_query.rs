//! What a list is asked for, checked before it is sent.

use serde_json::{Map, Value};

use crate::error::{Error, FieldError};
use crate::model::{IntegrationType, View};

/// How many items a page has, unless told otherwise. The most that the server allows is documented nowhere.
const DEFAULT_PAGE_SIZE: u32 = 100;
const MAX_PAGE: u32 = 999_999_999;
const MAX_PAGE_SIZE: u32 = 9_999;
/// An order that new integrations do not disturb: they come last.
const DEFAULT_SORT: &str = "id";
/// The filters by their names on the wire, and what a page is asked for.
pub const ALL_FILTERS: &[&str] =
    &["type", "provider_id", "q", "q_fields", "sort", "fields", "view", "page", "page_size"];
/// Those of a list that has no others.
pub const PAGES_ONLY: &[&str] = &["page", "page_size"];

/// What a list is asked for. Texts are as they go over the wire.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    pub kind: Option<IntegrationType>,
    pub provider_id: Option<String>,
    pub q: Option<String>,
    pub q_fields: Option<String>,
    pub sort: Option<String>,
    pub fields: Option<String>,
    pub view: Option<View>,
    /// From 1 on.
    pub page: Option<u32>,
    pub page_size: Option<u32>,
}

impl ListQuery {
    /// From an object with the names of the wire. Lists may be texts with commas, or arrays.
    pub fn from_json(text: &str, names: &[&str]) -> Result<Self, Error> {
        let mut given: Map<String, Value> = match text {
            "" => Map::new(),
            _ => serde_json::from_str(text).map_err(|_| Error::validation("filters", "must be an object"))?,
        };
        given.retain(|_, value| !value.is_null());
        let is_unknown = |name: &&String| !names.contains(&name.as_str());
        let message = format!("is not a filter; there are {}", names.join(", "));
        let unknown: Vec<_> =
            given.keys().filter(is_unknown).map(|name| FieldError::new(name.as_str(), &message)).collect();
        let mut errors = Vec::new();
        let mut text = |name: &str| match given.remove(name)? {
            Value::String(text) => Some(text),
            Value::Array(items) if name.ends_with("fields") || name == "sort" => {
                let texts: Option<Vec<_>> = items.iter().map(Value::as_str).collect();
                let joined = texts.map(|texts| texts.join(","));
                if joined.is_none() {
                    errors.push(FieldError::new(name, "must have strings only"));
                }
                joined
            }
            _ => {
                errors.push(FieldError::new(name, "must be a string"));
                None
            }
        };
        let mut query = Self {
            kind: text("type").map(IntegrationType::from),
            provider_id: text("provider_id"),
            q: text("q"),
            q_fields: text("q_fields"),
            sort: text("sort"),
            fields: text("fields"),
            view: text("view").map(View::from),
            page: None,
            page_size: None,
        };
        let mut number = |name: &str| {
            let value = given.remove(name)?;
            // What is no number is as wrong as one that is too small.
            Some(value.as_u64().map_or(0, |n| u32::try_from(n).unwrap_or(u32::MAX)))
        };
        (query.page, query.page_size) = (number("page"), number("page_size"));
        errors.extend(unknown);
        errors.extend(query.field_errors());
        if errors.is_empty() { Ok(query) } else { Err(Error::invalid(errors)) }
    }

    /// What is wrong with it.
    pub fn field_errors(&self) -> Vec<FieldError> {
        let number = |name, value: Option<u32>, most: u32| {
            let wrong = value.is_some_and(|value| !(1..=most).contains(&value));
            wrong.then(|| FieldError::new(name, format!("must be a whole number from 1 to {most}")))
        };
        let names = |name, value: &Option<String>, minus: bool| {
            let wrong = value.as_ref().is_some_and(|text| !text.split(',').all(|field| is_field(field, minus)));
            let example = if minus { "name,-id" } else { "id,name" };
            wrong.then(|| FieldError::new(name, format!("must be names of fields, as {example}")))
        };
        let text = |name, value: Option<&str>| {
            value.filter(|text| text.is_empty()).map(|_| FieldError::new(name, "must not be empty"))
        };
        [
            text("type", self.kind.as_ref().map(IntegrationType::as_str)),
            text("provider_id", self.provider_id.as_deref()),
            text("q", self.q.as_deref()),
            text("view", self.view.as_ref().map(View::as_str)),
            names("q_fields", &self.q_fields, false),
            names("sort", &self.sort, true),
            names("fields", &self.fields, false),
            number("page", self.page, MAX_PAGE),
            number("page_size", self.page_size, MAX_PAGE_SIZE),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// `page` on the wire.
    pub fn wire_page(&self) -> String {
        format!("{},{}", self.page.unwrap_or(1), self.page_size.unwrap_or(DEFAULT_PAGE_SIZE))
    }

    /// `sort` on the wire: always one, since pages of a list without an order need not fit together.
    pub fn wire_sort(&self) -> &str {
        self.sort.as_deref().unwrap_or(DEFAULT_SORT)
    }

    /// `fields` on the wire: with the id, by which items are told apart, and the provider where only one is wanted.
    pub fn wire_fields(&self) -> Option<String> {
        let mut fields: Vec<_> = self.fields.as_deref()?.split(',').collect();
        if !fields.contains(&"id") {
            fields.insert(0, "id");
        }
        if self.provider_id.is_some() && !fields.contains(&"provider_id") {
            fields.push("provider_id");
        }
        Some(fields.join(","))
    }
}

fn is_field(name: &str, minus: bool) -> bool {
    let name = if minus { name.strip_prefix('-').unwrap_or(name) } else { name };
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> Vec<String> {
        ListQuery::from_json(text, ALL_FILTERS)
            .expect_err(text)
            .field_errors()
            .iter()
            .map(|p| p.field.clone())
            .collect()
    }

    #[test]
    fn each_mistake_names_its_filter() {
        assert_eq!(wrong(r#"{"page": 0}"#), ["page"]);
        assert_eq!(wrong(r#"{"page": -1}"#), ["page"]);
        assert_eq!(wrong(r#"{"page": "2"}"#), ["page"]);
        assert_eq!(wrong(r#"{"page_size": 10000}"#), ["page_size"]);
        assert_eq!(wrong(r#"{"colour": "red"}"#), ["colour"]);
        assert_eq!(wrong(r#"{"type": ""}"#), ["type"]);
        assert_eq!(wrong(r#"{"q": 7}"#), ["q"]);
        assert_eq!(wrong(r#"{"sort": "name,--id"}"#), ["sort"]);
        assert_eq!(wrong(r#"{"fields": ["id", 7]}"#), ["fields"]);
        assert_eq!(wrong(r#"{"fields": "id, name"}"#), ["fields"]);
        assert_eq!(wrong("[]"), ["filters"]);
        let providers = ListQuery::from_json(r#"{"type": "sms", "page": 1}"#, PAGES_ONLY).expect_err("refused");
        assert_eq!(providers.field_errors()[0].field, "type");
    }

    #[test]
    fn lists_may_be_arrays_and_the_id_is_always_asked_for() {
        let query = ListQuery::from_json(r#"{"fields": ["name", "status"], "sort": ["-id"], "q": null}"#, ALL_FILTERS)
            .expect("sound");
        assert_eq!((query.wire_fields().as_deref(), query.wire_sort()), (Some("id,name,status"), "-id"));
        let query = ListQuery::from_json("", ALL_FILTERS).expect("sound");
        assert_eq!((query.wire_page().as_str(), query.wire_sort(), query.wire_fields()), ("1,100", "id", None));
    }
}
