//! `openapi/hood.json`: the document with its examples and code samples, for tools.

use serde_json::{Map, Value, json};

use super::samples;
use super::spec::{SOURCE, SOURCE_OF_FACT, Spec};
use crate::Result;
use crate::unknowns::{SOURCES, Unknowns};

/// The text of the bundle. JSON has no comments, so the banner is the first member, on the first line.
pub fn generate(spec: &Spec, unknowns: &Unknowns, banner: &str) -> Result<String> {
    let mut document = spec.document.clone();
    let create = operation_of(&mut document, "createIntegration")?;
    examples(&mut create["responses"]["201"], spec.providers.iter().map(|p| (&p.folder, &p.title, &p.response)));
    for example in &spec.operations {
        let operation = operation_of(&mut document, &example.operation)?;
        let summary = super::spec::text(operation, "summary");
        let holder =
            if example.is_request { &mut operation["requestBody"] } else { &mut operation["responses"]["200"] };
        examples(holder, [(&"example".to_owned(), &summary, &example.body)].into_iter());
    }
    for samples in samples::all(spec)? {
        let operation = operation_of(&mut document, &samples.operation)?;
        operation["x-codeSamples"] = samples.samples.into();
        if !samples.requests.is_empty() {
            examples(
                &mut operation["requestBody"],
                samples.requests.iter().map(|(folder, title, body)| (folder, title, body)),
            );
        }
    }
    for (status, body) in &spec.errors {
        let response = response_for(&mut document, status).ok_or_else(|| {
            format!("openapi/examples/errors/{status}.json: the document has no response with this status")
        })?;
        examples(response, [(status, &super::spec::text(body, "title"), body)].into_iter());
    }
    show_sources(&mut document)?;
    document["x-unknowns"] = unknowns.to_json();
    let pretty = serde_json::to_string_pretty(&document)?;
    let body = pretty.strip_prefix("{\n").ok_or("the document is empty")?;
    Ok(format!("{{ \"x-generated\": {},\n{body}\n", Value::from(banner)))
}

/// Adds the source to each description, since the reference does not show extensions.
fn show_sources(value: &mut Value) -> Result {
    let source = value.get(SOURCE_OF_FACT).and_then(Value::as_str);
    let named = |source: &str| {
        let found = SOURCES.iter().find(|(name, _)| *name == source).map(|(_, text)| *text);
        found.ok_or_else(|| format!("{SOURCE}: `{SOURCE_OF_FACT}: {source}` is unknown"))
    };
    let source = source.map(named).transpose()?;
    if let Some(source) = source {
        value["description"] = format!("{}\n\n*Source: {source}.*", super::spec::text(value, "description")).into();
    }
    match value {
        Value::Object(map) => map.values_mut().try_for_each(show_sources),
        Value::Array(all) => all.iter_mut().try_for_each(show_sources),
        _ => Ok(()),
    }
}

/// The operation with this `operationId`.
fn operation_of<'a>(document: &'a mut Value, id: &str) -> Result<&'a mut Value> {
    let paths = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    paths
        .filter_map(Value::as_object_mut)
        .flat_map(Map::values_mut)
        .find(|operation| operation["operationId"] == id)
        .ok_or_else(|| format!("{SOURCE} has no operation {id}, but examples of it exist").into())
}

/// Adds `examples` to the JSON body of a request or response.
fn examples<'a>(holder: &mut Value, all: impl Iterator<Item = (&'a String, &'a String, &'a Value)>) {
    let named: Map<String, Value> =
        all.map(|(name, summary, value)| (name.clone(), json!({ "summary": summary, "value": value }))).collect();
    holder["content"]["application/json"]["examples"] = Value::Object(named);
}

/// The response of the create with this status: a component, or inline.
fn response_for<'a>(document: &'a mut Value, status: &str) -> Option<&'a mut Value> {
    let pointer = format!("/paths/~1v1~1hood~1integrations/post/responses/{status}");
    let reference = document.pointer(&pointer)?["$ref"].as_str().map(|r| r.trim_start_matches('#').to_owned());
    document.pointer_mut(reference.as_deref().unwrap_or(&pointer))
}
