//! The OpenAPI document: its operations and what they take, the providers, and the example responses.

use serde_json::{Map, Value, json};

use crate::contract::reference::resolve;
use crate::contract::schema::Schema;

/// The generated document.
pub const TEXT: &str = include_str!("../../hood.json");

/// The document. All other faces of the API are made from it too.
pub struct Document(Value);

/// An error in the document. It is a bug in this crate, since the document is part of it.
#[derive(Debug)]
pub struct InvalidDocument(pub String);

/// One method of one path.
pub struct Operation<'a> {
    /// The `operationId`.
    pub id: &'a str,
    /// In lower case.
    pub method: &'a str,
    /// The path template, with `{parameters}`.
    pub path: &'a str,
    /// The path item, which all methods of the path share.
    item: &'a Value,
    definition: &'a Value,
    document: &'a Value,
}

/// A provider, and the schema of its settings.
pub struct Provider<'a> {
    pub id: &'a str,
    pub title: &'a str,
    pub settings: &'a Value,
}

impl Document {
    /// Returns the document that is built into this crate.
    pub fn bundled() -> Result<Self, InvalidDocument> {
        serde_json::from_str(TEXT).map(Self).map_err(|e| InvalidDocument(e.to_string()))
    }

    /// Finds the operation with this `operationId`.
    pub fn operation(&self, id: &str) -> Result<Operation<'_>, InvalidDocument> {
        let missing = || InvalidDocument(format!("it has no operation {id}"));
        self.operations().find(|operation| operation.id == id).ok_or_else(missing)
    }

    pub fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        members(&self.0["paths"]).flat_map(move |(path, item)| {
            members(item).filter_map(move |(method, definition)| {
                let id = definition.get("operationId")?.as_str()?;
                Some(Operation { id, method, path, item, definition, document: &self.0 })
            })
        })
    }

    /// Returns one provider for each request of the schema `CreateIntegration`.
    pub fn providers(&self) -> impl Iterator<Item = Provider<'_>> {
        let requests = self.0.pointer("/components/schemas/CreateIntegration/oneOf").and_then(Value::as_array);
        requests.into_iter().flatten().filter_map(|request| {
            let properties = &resolve(&self.0, request)["properties"];
            let settings = resolve(&self.0, &properties["settings"]);
            let id = resolve(&self.0, &properties["provider_id"])["enum"][0].as_str()?;
            Some(Provider { id, title: settings["title"].as_str()?, settings })
        })
    }

    /// Returns the fields of each unknown, by its id.
    pub fn unknown_fields(&self) -> impl Iterator<Item = (&String, &Value)> {
        members(&self.0["x-unknowns"])
    }

    /// Compiles a schema, which may refer to those of the document.
    pub fn schema(&self, schema: &Value) -> Result<Schema, InvalidDocument> {
        Schema::new(schema, &self.0).map_err(InvalidDocument)
    }

    /// Returns every field that a request body may have, at any depth, with its schema.
    pub fn fields_of_requests(&self) -> Vec<(&str, &Value)> {
        let mut found = Vec::new();
        let mut seen = Vec::new();
        for body in self.operations().filter_map(|it| it.body()) {
            self.fields_below(body, &mut seen, &mut found);
        }
        found
    }

    /// Returns every field that a response may have, at any depth, with its schema.
    pub fn fields_of_responses(&self) -> Vec<(&str, &Value)> {
        let mut found = Vec::new();
        let mut seen = Vec::new();
        for operation in self.operations() {
            for (_, response) in members(&operation.definition["responses"]) {
                let schema = &resolve(&self.0, response)["content"]["application/json"]["schema"];
                self.fields_below(schema, &mut seen, &mut found);
            }
        }
        found
    }

    fn fields_below<'a>(&'a self, schema: &'a Value, seen: &mut Vec<&'a str>, found: &mut Vec<(&'a str, &'a Value)>) {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            if !seen.contains(&reference) {
                seen.push(reference);
                self.fields_below(resolve(&self.0, schema), seen, found);
            }
            return;
        }
        for (name, field) in members(&schema["properties"]) {
            found.push((name, resolve(&self.0, field)));
            self.fields_below(field, seen, found);
        }
        for several in ["oneOf", "anyOf", "allOf"] {
            let schemas = schema[several].as_array().into_iter().flatten();
            schemas.for_each(|schema| self.fields_below(schema, seen, found));
        }
        if let Some(items) = schema.get("items") {
            self.fields_below(items, seen, found);
        }
    }
}

impl<'a> Operation<'a> {
    /// The schema of the request body, if there is one.
    pub fn body(&self) -> Option<&'a Value> {
        self.definition.get("requestBody").map(|body| &body["content"]["application/json"]["schema"])
    }

    /// Returns the schema of an object of all parameters in `path` or in `query` as texts, if there are any.
    pub fn parameters(&self, place: &str) -> Option<Value> {
        // A parameter of the operation overrides one of the path.
        let all = [self.item, self.definition].map(|it| it["parameters"].as_array().into_iter().flatten());
        let parameters = all.into_iter().flatten().map(|parameter| resolve(self.document, parameter));
        let found: Vec<_> = parameters.filter(|parameter| parameter["in"] == place).collect();
        if found.is_empty() {
            return None;
        }
        let name = |parameter: &Value| parameter["name"].as_str().unwrap_or_default().to_owned();
        let properties: Map<_, _> = found.iter().map(|it| (name(it), text_schema(it))).collect();
        let required: Vec<_> = found.iter().filter(|it| it["required"] == true).map(|it| name(it)).collect();
        let mut schema = json!({ "type": "object", "additionalProperties": false, "properties": properties });
        // Draft 4 requires at least one.
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        Some(schema)
    }

    /// Returns the example responses with this status.
    pub fn examples(&self, status: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
        let content = &self.definition["responses"][status]["content"]["application/json"];
        content["examples"].as_object().into_iter().flat_map(Map::values).map(|example| &example["value"])
    }
}

/// Returns the schema of the texts of a parameter.
fn text_schema(parameter: &Value) -> Value {
    let pattern = parameter.get("x-pattern");
    pattern.map_or_else(|| parameter["schema"].clone(), |it| json!({ "type": "string", "pattern": it }))
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

#[cfg(test)]
impl Document {
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// Returns the names of an object's fields.
    pub fn fields(&self, schema: &str) -> Vec<String> {
        members(&self.0["components"]["schemas"][schema]["properties"]).map(|(name, _)| name.clone()).collect()
    }

    /// Returns a document with a new provider, whose settings are of kinds that no provider has yet.
    pub fn with_one_more_provider() -> Self {
        let Ok(Self(mut value)) = Self::bundled() else { unreachable!() };
        let schemas = &mut value["components"]["schemas"];
        schemas["CreateIntegration"]["oneOf"].as_array_mut().into_iter().for_each(|requests| {
            requests.push(json!({ "$ref": "#/components/schemas/NewPigeonIntegration" }));
        });
        schemas["NewPigeonIntegration"] = json!({
            "type": "object", "required": ["name", "provider_id", "settings"],
            "properties": {
                "name": { "type": "string" },
                "provider_id": { "type": "string", "enum": ["pigeon"] },
                "settings": { "$ref": "#/components/schemas/Pigeon" },
            },
        });
        schemas["Pigeon"] = json!({
            "title": "Carrier Pigeon", "type": "object", "additionalProperties": false, "required": ["loft"],
            "properties": {
                "loft": { "type": "string", "enum": ["north", "south"] },
                "birds": { "type": "integer", "minimum": 1 },
                "ring": { "type": "string", "nullable": true, "pattern": "^[A-Z]+$", "maxLength": 3 },
                "whistle_id": { "type": "string", "format": "password", "deprecated": true },
            },
        });
        let created = &mut value["paths"]["/v1/hood/integrations"]["post"]["responses"]["201"];
        created["content"]["application/json"]["examples"]["pigeon"] = json!({
            "value": { "id": "7", "company_id": "5", "type": "letter", "provider_id": "pigeon" },
        });
        Self(value)
    }

    /// Returns the example error responses, which the operations share.
    pub fn error_examples(&self) -> Vec<&Value> {
        members(&self.0["components"]["responses"])
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

    /// Finds every schema with examples, anywhere in the document.
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
    fn examples_match_their_schemas() {
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
    fn operation_is_named_when_missing() {
        let document = Document::bundled().unwrap();
        let error = document.operation("eatIntegration").err().unwrap();
        assert!(error.0.ends_with("it has no operation eatIntegration"), "{}", error.0);
    }
}
