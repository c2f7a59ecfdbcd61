//! The OpenAPI document: where its operations are, what they take, and the examples of what they answer.

use axum::routing::MethodFilter;
use serde_json::{Map, Value};

use crate::Error;
use crate::schema::Schema;

/// The document that every other face of the API is made from too.
pub struct Document(Value);

/// One method of one path.
pub struct Operation<'a> {
    /// With `{parameters}`, as the router wants it.
    pub path: &'a str,
    pub method: MethodFilter,
    definition: &'a Value,
    document: &'a Value,
}

impl Document {
    /// The document that is built into this crate.
    pub fn bundled() -> Result<Self, Error> {
        serde_json::from_str(include_str!("../hood.json")).map(Self).map_err(|e| Error::Document(e.to_string()))
    }

    /// The operation with this `operationId`.
    pub fn operation(&self, id: &str) -> Result<Operation<'_>, Error> {
        let missing = || Error::Document(format!("it has no operation {id}"));
        let (path, method, definition) = self
            .members("/paths")
            .flat_map(|(path, item)| item.as_object().into_iter().flatten().map(move |(name, it)| (path, name, it)))
            .find(|(_, _, it)| it["operationId"] == id)
            .ok_or_else(missing)?;
        let method = match method.as_str() {
            "get" => MethodFilter::GET,
            "post" => MethodFilter::POST,
            "put" => MethodFilter::PUT,
            "patch" => MethodFilter::PATCH,
            "delete" => MethodFilter::DELETE,
            other => return Err(Error::Document(format!("{id} has the method {other}, which is not served"))),
        };
        Ok(Operation { path, method, definition, document: &self.0 })
    }

    /// The `operationId`, method and path of every operation.
    pub fn operations(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.members("/paths").flat_map(|(path, item)| {
            let methods = item.as_object().into_iter().flatten();
            methods.filter_map(move |(method, it)| {
                Some((it.get("operationId")?.as_str()?, method.as_str(), path.as_str()))
            })
        })
    }

    fn members(&self, pointer: &str) -> impl Iterator<Item = (&String, &Value)> {
        self.0.pointer(pointer).and_then(Value::as_object).into_iter().flatten()
    }
}

impl<'a> Operation<'a> {
    /// What the body of a request must be.
    pub fn request(&self) -> Result<Schema, Error> {
        Schema::new(&self.definition["requestBody"]["content"]["application/json"]["schema"], self.document)
    }

    /// The example answers with this status.
    pub fn examples(&self, status: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
        let content = &self.definition["responses"][status]["content"]["application/json"];
        content["examples"].as_object().into_iter().flat_map(Map::values).map(|example| &example["value"])
    }
}

#[cfg(test)]
impl Document {
    /// A document that a test has changed.
    pub fn from_value(value: Value) -> Self {
        Self(value)
    }

    pub fn value(&self) -> &Value {
        &self.0
    }

    /// The examples of answers that are shared by operations: errors.
    pub fn error_examples(&self) -> Vec<&Value> {
        self.members("/components/responses")
            .flat_map(|(_, response)| response["content"]["application/json"]["examples"].as_object())
            .flat_map(Map::values)
            .map(|example| &example["value"])
            .collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Everything with a schema and examples for it, wherever it is in the document.
    fn exemplified<'a>(value: &'a Value, at: String, found: &mut Vec<(String, &'a Value, &'a Value)>) {
        if let (Some(schema), Some(examples)) = (value.get("schema"), value.get("examples").and_then(Value::as_object))
        {
            found.extend(examples.iter().map(|(name, e)| (format!("{at}/examples/{name}"), schema, &e["value"])));
        }
        match value {
            Value::Object(members) => members.iter().for_each(|(k, v)| exemplified(v, format!("{at}/{k}"), found)),
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(i, v)| exemplified(v, format!("{at}/{i}"), found))
            }
            _ => {}
        }
    }

    #[test]
    fn every_example_fits_its_schema() {
        let document = Document::bundled().unwrap();
        let mut found = Vec::new();
        exemplified(document.value(), String::new(), &mut found);
        for kind in ["/requestBody/", "/responses/201/", "/components/responses/"] {
            assert!(found.iter().any(|(at, ..)| at.contains(kind)), "no examples in {kind}");
        }
        for (at, schema, example) in found {
            let schema = Schema::new(schema, document.value()).unwrap();
            assert_eq!(schema.check(example), Ok(()), "{at}");
        }
    }

    #[test]
    fn an_operation_that_is_missing_is_named() {
        let document = Document::bundled().unwrap();
        let error = document.operation("eatIntegration").err().unwrap();
        assert!(error.to_string().ends_with("it has no operation eatIntegration"), "{error}");
    }
}
