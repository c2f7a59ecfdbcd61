//! The account's integrations.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Error;

/// Makes integrations. What a request does not say is taken from the example answer of its provider.
///
/// Nothing reads an integration back yet, so none is kept: the state is the next id.
pub struct Store {
    next_id: AtomicU64,
    samples: HashMap<String, Sample>,
}

/// What a create asks for.
#[derive(Deserialize)]
pub struct NewIntegration {
    name: String,
    provider_id: String,
    settings: Value,
    status: Option<String>,
}

/// An integration as the server tells it, in the order of the documented example.
#[derive(Serialize)]
pub struct Integration<'a> {
    id: String,
    company_id: &'a str,
    name: String,
    #[serde(rename = "type")]
    kind: &'a str,
    provider_id: String,
    settings: Value,
    status: String,
    is_default: bool,
}

/// The part of an example answer that the server, not the request, decides.
#[derive(Deserialize)]
struct Sample {
    id: String,
    company_id: String,
    #[serde(rename = "type")]
    kind: String,
    provider_id: String,
}

impl Store {
    /// From the example answers of a create. Ids go on from theirs.
    pub fn new<'a>(examples: impl Iterator<Item = &'a Value>) -> Result<Self, Error> {
        let samples = examples.map(Sample::deserialize).collect::<Result<Vec<_>, _>>();
        let samples = samples.map_err(|e| Error::Document(format!("an example answer of a create: {e}")))?;
        let first_id = samples.iter().filter_map(|sample| sample.id.parse().ok()).min().unwrap_or(1);
        Ok(Self {
            next_id: AtomicU64::new(first_id),
            samples: samples.into_iter().map(|sample| (sample.provider_id.clone(), sample)).collect(),
        })
    }

    /// None when the provider has no example.
    pub fn create(&self, new: NewIntegration) -> Option<Integration<'_>> {
        let sample = self.samples.get(&new.provider_id)?;
        Some(Integration {
            id: self.next_id.fetch_add(1, Ordering::Relaxed).to_string(),
            company_id: &sample.company_id,
            name: new.name,
            kind: &sample.kind,
            provider_id: new.provider_id,
            settings: new.settings,
            status: new.status.unwrap_or_else(|| "active".to_owned()),
            is_default: false,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn new(provider_id: &str) -> NewIntegration {
        NewIntegration {
            name: "n".into(),
            provider_id: provider_id.into(),
            settings: json!({ "a": "b" }),
            status: None,
        }
    }

    fn store() -> Store {
        let examples = [
            json!({ "id": "7", "company_id": "5", "type": "owl", "provider_id": "one" }),
            json!({ "id": "7", "company_id": "5", "type": "pigeon", "provider_id": "two" }),
        ];
        Store::new(examples.iter()).unwrap()
    }

    #[test]
    fn ids_grow_by_one_whatever_the_provider_and_the_type_is_the_providers() {
        let store = store();
        let ids_and_types = ["one", "two", "one"].map(|provider| {
            let created = store.create(new(provider)).unwrap();
            (created.id, created.kind)
        });
        assert_eq!(ids_and_types, [("7".into(), "owl"), ("8".into(), "pigeon"), ("9".into(), "owl")]);
    }

    #[test]
    fn the_fields_are_in_the_order_of_the_documented_example() {
        let store = store();
        let created = serde_json::to_string(&store.create(new("one"))).unwrap();
        assert_eq!(
            created,
            r#"{"id":"7","company_id":"5","name":"n","type":"owl","provider_id":"one","settings":{"a":"b"},"status":"active","is_default":false}"#
        );
    }

    #[test]
    fn a_provider_without_an_example_takes_no_id() {
        let store = store();
        assert!(store.create(new("three")).is_none());
        assert_eq!(store.create(new("one")).unwrap().id, "7");
    }

    #[test]
    fn an_example_that_lacks_a_field_is_refused_at_the_start() {
        let error = Store::new([json!({ "id": "7" })].iter()).err().unwrap();
        assert!(error.to_string().contains("company_id"), "{error}");
    }
}
