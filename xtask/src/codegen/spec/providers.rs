//! The providers of the document: the requests of the union, their settings, and their examples.

use serde_json::{Map, Value};

use super::examples::Examples;
use super::{EXAMPLES, Provider, SOURCE, Setting, UNION, reference, text};
use crate::Result;

/// Reads and checks the provider of each request in the union.
pub fn providers(document: &Value, examples: &mut Examples) -> Result<Vec<Provider>> {
    let schemas = &document["components"]["schemas"];
    let union = &schemas[UNION];
    let requests =
        union["oneOf"].as_array().filter(|_| union["discriminator"]["propertyName"] == "provider_id").ok_or_else(
            || format!("{SOURCE}: components.schemas.{UNION} must be a `oneOf` discriminated by `provider_id`"),
        )?;
    let mapping = &union["discriminator"]["mapping"];
    if mapping.as_object().map(Map::len) != Some(requests.len()) {
        return Err(format!("{SOURCE}: the mapping of {UNION} must have one id for each of its requests").into());
    }
    let common = reference(&requests[0]).map(|first| common_fields(&schemas[first]));
    requests
        .iter()
        .map(|branch| {
            let name = reference(branch).ok_or_else(|| format!("{SOURCE}: the requests of {UNION} must be $refs"))?;
            let (at, request) = (format!("{SOURCE}: components.schemas.{name}"), &schemas[name]);
            let id = reference(&request["properties"]["provider_id"]).map(|id| &schemas[id]["enum"]);
            let id = match id.and_then(Value::as_array).map(Vec::as_slice) {
                Some([Value::String(id)]) => id.clone(),
                _ => return Err(format!("{at}: `provider_id` must be a $ref to an enum of exactly one string").into()),
            };
            if mapping[&id] != branch["$ref"] {
                return Err(format!("{at}: the mapping of {UNION} must map \"{id}\" to it").into());
            }
            let schema = reference(&request["properties"]["settings"])
                .ok_or_else(|| format!("{at}: `settings` must be a $ref to a component schema"))?
                .to_owned();
            if name != request_schema(&schema) {
                let expected = request_schema(&schema);
                return Err(format!("{at}: its name must be `{expected}`, from that of its settings").into());
            }
            if common.as_ref() != Some(&common_fields(request)) {
                return Err(format!("{at}: only `provider_id` and `settings` may differ from other requests").into());
            }
            let body = schemas[&schema].as_object().ok_or_else(|| format!("{at}: the schema `{schema}` is missing"))?;
            let (folder, request, response) = examples
                .take(&id)
                .ok_or_else(|| format!("{at}: no request.json in {EXAMPLES} has the `provider_id` \"{id}\""))?;
            let channel = response["type"]
                .as_str()
                .ok_or_else(|| format!("{EXAMPLES}/{folder}/response.json: `type` must be a string"))?
                .to_owned();
            let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
            Ok(Provider {
                title: text("title").unwrap_or_else(|| schema.clone()),
                description: text("description").unwrap_or_default(),
                settings: settings(&schema, body)?,
                id,
                schema,
                channel,
                folder,
                request,
                response,
            })
        })
        .collect()
}

/// The name of a request's schema, from that of its settings.
pub fn request_schema(settings: &str) -> String {
    format!("New{settings}Integration")
}

/// The schema of a request without what depends on the provider.
pub fn common_fields(request: &Value) -> Value {
    let mut fields = request.clone();
    if let Some(properties) = fields["properties"].as_object_mut() {
        properties.retain(|name, _| name != "provider_id" && name != "settings");
    }
    if let Some(schema) = fields.as_object_mut() {
        schema.shift_remove("description");
    }
    fields
}

fn settings(schema: &str, body: &Map<String, Value>) -> Result<Vec<Setting>> {
    let at = format!("{SOURCE}: components.schemas.{schema}");
    if body.get("additionalProperties") != Some(&Value::Bool(false)) {
        return Err(format!("{at}: settings need `additionalProperties: false`, to reject misspelt names").into());
    }
    let properties =
        body.get("properties").and_then(Value::as_object).ok_or_else(|| format!("{at}: settings need `properties`"))?;
    let required = body.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    properties
        .iter()
        .map(|(name, property)| {
            let kind = text(property, "type");
            if !matches!(kind.as_str(), "string" | "integer" | "number" | "boolean") {
                return Err(format!("{at}.{name}: a setting must be a string, integer, number or boolean").into());
            }
            let strings = property["enum"].as_array().cloned().unwrap_or_default();
            Ok(Setting {
                name: name.clone(),
                required: required.iter().any(|r| r == name),
                secret: property["format"] == "password",
                min_length: property["minLength"].as_u64(),
                max_length: property["maxLength"].as_u64(),
                one_of: strings.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
                description: text(property, "description").replace('\n', " "),
                kind,
            })
        })
        .collect()
}
