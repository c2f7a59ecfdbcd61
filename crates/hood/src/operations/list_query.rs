//! The filters of a list, checked before they are sent.

use serde_json::{Map, Value};

use crate::error::{Error, FieldError};
use crate::model::{IntegrationType, View};

/// Default number of items of a page. The server's maximum is not documented.
const DEFAULT_PAGE_SIZE: u32 = 100;
const MAX_PAGE: u32 = 999_999_999;
const MAX_PAGE_SIZE: u32 = 9_999;
/// Order in which new integrations come last.
const DEFAULT_SORT: &str = "id";
/// Names of the filters and of the page.
pub const ALL_FILTERS: &[&str] =
    &["type", "provider_id", "q", "q_fields", "sort", "fields", "view", "page", "page_size"];
/// Names for a list without filters.
pub const PAGES_ONLY: &[&str] = &["page", "page_size"];

/// Filters of a list, in the form of the URL.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    pub kind: Option<IntegrationType>,
    pub provider_id: Option<String>,
    pub q: Option<String>,
    pub q_fields: Option<String>,
    pub sort: Option<String>,
    pub fields: Option<String>,
    pub view: Option<View>,
    /// Page, from 1.
    pub page: Option<u32>,
    pub page_size: Option<u32>,
}

impl ListQuery {
    /// Reads an object with these names. A list may be a string with commas or an array.
    pub fn from_json(text: &str, names: &[&str]) -> Result<Self, Error> {
        let mut given: Map<String, Value> = match text {
            "" => Map::new(),
            _ => serde_json::from_str(text).map_err(|_| Error::validation("filters", "must be an object"))?,
        };
        given.retain(|_, value| !value.is_null());
        let is_unknown = |name: &&String| !names.contains(&name.as_str());
        let message = format!("is not a filter; use one of {}", names.join(", "));
        let unknown: Vec<_> =
            given.keys().filter(is_unknown).map(|name| FieldError::new(name.as_str(), &message)).collect();
        let mut errors = Vec::new();
        let mut text = |name: &str| match given.remove(name)? {
            Value::String(text) => Some(text),
            Value::Array(items) if name.ends_with("fields") || name == "sort" => {
                let texts: Option<Vec<_>> = items.iter().map(Value::as_str).collect();
                let joined = texts.map(|texts| texts.join(","));
                if joined.is_none() {
                    errors.push(FieldError::new(name, "must contain only strings"));
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
            // Any other type is as wrong as a number that is too small.
            Some(value.as_u64().map_or(0, |n| u32::try_from(n).unwrap_or(u32::MAX)))
        };
        (query.page, query.page_size) = (number("page"), number("page_size"));
        errors.extend(unknown);
        errors.extend(query.field_errors());
        if errors.is_empty() { Ok(query) } else { Err(Error::invalid(errors)) }
    }

    /// Returns the errors of the filters.
    pub fn field_errors(&self) -> Vec<FieldError> {
        let number = |name, value: Option<u32>, most: u32| {
            let wrong = value.is_some_and(|value| !(1..=most).contains(&value));
            wrong.then(|| FieldError::new(name, format!("must be a whole number from 1 to {most}")))
        };
        let names = |name, value: &Option<String>, minus: bool| {
            let wrong = value.as_ref().is_some_and(|text| !text.split(',').all(|field| is_field(field, minus)));
            let example = if minus { "name,-id" } else { "id,name" };
            wrong.then(|| FieldError::new(name, format!("must be field names, as {example}")))
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

    /// Returns the number of items of a full page.
    pub fn size(&self) -> u32 {
        self.page_size.unwrap_or(DEFAULT_PAGE_SIZE)
    }

    /// Returns `page` of the URL.
    pub fn wire_page(&self) -> String {
        format!("{},{}", self.page.unwrap_or(1), self.size())
    }

    /// Returns `sort` of the URL. It is always sent: without an order, pages may overlap.
    pub fn wire_sort(&self) -> &str {
        self.sort.as_deref().unwrap_or(DEFAULT_SORT)
    }

    /// Returns `fields` of the URL, with the ID, which identifies items, and with the provider if it is filtered.
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

    #[test]
    fn arrays_are_joined_and_the_id_is_always_requested() {
        let query = ListQuery::from_json(r#"{"fields": ["name", "status"], "sort": ["-id"], "q": null}"#, ALL_FILTERS)
            .expect("valid");
        assert_eq!((query.wire_fields().as_deref(), query.wire_sort()), (Some("id,name,status"), "-id"));
        let query = ListQuery::from_json("", ALL_FILTERS).expect("valid");
        assert_eq!((query.wire_page().as_str(), query.wire_sort(), query.wire_fields()), ("1,100", "id", None));
    }
}
