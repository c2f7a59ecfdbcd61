//! `openapi/hood.json`: the document with its examples folded in, as every tool reads it.

use serde_json::{Map, Value, json};

use super::spec::Spec;
use crate::Result;

/// The bundle's text. JSON has no comments, so the banner is the first member, on the first line.
pub fn generate(spec: &Spec, banner: &str) -> Result<String> {
    let mut document = spec.document.clone();
    let operation = &mut document["paths"]["/v1/hood/integrations"]["post"];
    examples(&mut operation["requestBody"], spec.providers.iter().map(|p| (&p.folder, &p.title, &p.request)));
    examples(&mut operation["responses"]["201"], spec.providers.iter().map(|p| (&p.folder, &p.title, &p.response)));
    for (status, body) in &spec.errors {
        let response = response_for(&mut document, status).ok_or_else(|| {
            format!("openapi/examples/errors/{status}.json: no response of the document has this status")
        })?;
        examples(response, [(status, &super::spec::text(body, "title"), body)].into_iter());
    }
    let pretty = serde_json::to_string_pretty(&document)?;
    let body = pretty.strip_prefix("{\n").ok_or("the document is empty")?;
    Ok(format!("{{ \"x-generated\": {},\n{body}\n", Value::from(banner)))
}

/// Adds `examples` to the JSON body of a request or response.
fn examples<'a>(holder: &mut Value, all: impl Iterator<Item = (&'a String, &'a String, &'a Value)>) {
    let named: Map<String, Value> =
        all.map(|(name, summary, value)| (name.clone(), json!({ "summary": summary, "value": value }))).collect();
    holder["content"]["application/json"]["examples"] = Value::Object(named);
}

/// The response of the create with this status: a component, or written in place.
fn response_for<'a>(document: &'a mut Value, status: &str) -> Option<&'a mut Value> {
    let pointer = format!("/paths/~1v1~1hood~1integrations/post/responses/{status}");
    let reference = document.pointer(&pointer)?["$ref"].as_str().map(|r| r.trim_start_matches('#').to_owned());
    document.pointer_mut(reference.as_deref().unwrap_or(&pointer))
}
