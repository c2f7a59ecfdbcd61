//! Differences of a report, as changes of the document and its examples.

use std::path::Path;

use serde_json::Value;

use super::provider::NewProvider;
use super::{Change, Proposal, name, read};
use crate::Result;
use crate::codegen::spec::{EXAMPLES, SOURCE, Spec};

/// Proposes a change for each difference, or only says what to look at.
pub fn propose(root: &Path, differences: &[Value], proposal: &mut Proposal) -> Result {
    let spec = Spec::load(root)?;
    let before = read(root, SOURCE)?;
    let mut after = before.clone();
    let schema_of = |id: &str| spec.providers.iter().find(|it| it.id == id).map(|it| it.schema.clone());
    for entry in differences {
        match entry["kind"].as_str().unwrap_or_default() {
            "provider" => {
                let new = NewProvider::read(entry)?;
                if schema_of(&new.id).is_some() {
                    continue;
                }
                after = new.add_to(&after)?;
                let (request, response) = new.examples();
                for (file, after) in [("request", request), ("response", response)] {
                    let path = format!("{EXAMPLES}/{}/{file}.json", new.folder);
                    proposal.changes.push(Change { path, before: String::new(), after });
                }
                proposal.review.push(format!(
                    "the schema {} is made of the server's description: which settings are secrets is guessed from their \
                     names, and the examples are made up",
                    new.schema
                ));
            }
            "setting" => {
                let (id, setting) = (name(entry, "provider_id")?, name(entry, "name")?);
                let schema = schema_of(id).ok_or_else(|| format!("the document has no provider {id}"))?;
                let is_new =
                    spec.providers.iter().all(|it| it.id != id || it.settings.iter().all(|s| s.name != setting));
                match entry["type"].as_str() {
                    Some(kind) if is_new => {
                        after = with_property(&after, &schema, &setting_text(setting, kind))?;
                        // Whether old clients must send it now, the probe cannot know.
                        proposal.review.push(format!(
                            "{schema}.{setting} is new: describe it; is it a secret, and required? In Rust, literals of \
                             {schema} must have it"
                        ));
                    }
                    _ => proposal.review.push(format!("{schema}.{setting} is described by the server as {entry}")),
                }
            }
            "field" => {
                let (schema, field) = (name(entry, "of")?, name(entry, "name")?);
                if spec.schemas().get(schema).is_none() {
                    return Err(format!("the document has no schema {schema}").into());
                }
                after = with_property(&after, schema, &field_text(field, name(entry, "type")?))?;
                proposal.review.push(format!(
                    "{schema}.{field} is new: describe it; is it a secret? The sandbox has none, and no query of a list \
                     may name it"
                ));
            }
            "value" => {
                let (schema, value) = (name(entry, "of")?, name(entry, "value")?);
                after = with_value(&after, schema, value)?;
            }
            kind => proposal.review.push(format!("{kind}: {entry}")),
        }
    }
    proposal.changes.push(Change { path: SOURCE.into(), before, after });
    Ok(())
}

/// Adds a property at the end of a schema, whose properties come last.
fn with_property(document: &str, schema: &str, property: &str) -> Result<String> {
    let (_, end) = place(document, schema)?;
    Ok(format!("{}{property}{}", &document[..end], &document[end..]))
}

/// Adds a value to an open enum.
fn with_value(document: &str, schema: &str, value: &str) -> Result<String> {
    let (start, end) = place(document, schema)?;
    let list = document[start..end].find("x-extensible-enum: [").map(|at| start + at);
    let close = list.and_then(|list| document[list..end].find(']').map(|at| list + at));
    let close = close.ok_or_else(|| format!("{SOURCE}: the schema {schema} has no enum on one line"))?;
    Ok(format!("{}, {value}{}", &document[..close], &document[close..]))
}

/// Returns where a component schema begins and ends.
fn place(document: &str, schema: &str) -> Result<(usize, usize)> {
    let missing = || format!("{SOURCE} has no schema {schema}");
    let schemas = document.find("\n  schemas:\n").ok_or_else(missing)?;
    let (start, end) = part(&document[schemas..], &format!("    {schema}:\n")).ok_or_else(missing)?;
    Ok((schemas + start, schemas + end))
}

/// Adds lines at the end of the first part of a document that begins with this line.
pub fn with_lines(document: &str, head: &str, lines: &str) -> Result<String> {
    let (_, end) = part(document, head).ok_or_else(|| format!("{SOURCE} has no line {head}"))?;
    Ok(format!("{}{lines}{}", &document[..end], &document[end..]))
}

/// Returns where the first part that begins with this line begins and ends: before the next line that is no deeper.
fn part(text: &str, head: &str) -> Option<(usize, usize)> {
    let start = text.find(&format!("\n{head}"))? + 1;
    let depth = |line: &str| line.len() - line.trim_start().len();
    let lines = text[start + head.len()..].split_inclusive('\n');
    let rest = lines.take_while(|line| line.trim().is_empty() || depth(line) > depth(head));
    Some((start, start + head.len() + rest.map(str::len).sum::<usize>()))
}

/// Returns the property of a setting.
pub fn setting_text(name: &str, kind: &str) -> String {
    let kind = if ["integer", "number", "boolean"].contains(&kind) { kind } else { "string" };
    // The generator reads all of these, and a secret must have nothing else.
    let is_secret = is_secret(name, kind);
    let form = if is_secret { "          format: password\n" } else { "" };
    let length = if kind == "string" { "          minLength: 1\n" } else { "" };
    let secret = if is_secret { ", a secret" } else { "" };
    format!(
        "        {name}:\n          type: {kind}\n{form}{length}          description: To be described{secret}.\n          \
         x-source: probe\n          example: {}\n",
        example(name, kind)
    )
}

/// Returns an example of a setting, as JSON.
pub fn example(name: &str, kind: &str) -> Value {
    match kind {
        "integer" | "number" => 1.into(),
        "boolean" => true.into(),
        _ if is_secret(name, kind) => "example-XXXX".into(),
        _ => "example".into(),
    }
}

/// Guesses whether a setting is a secret.
fn is_secret(name: &str, kind: &str) -> bool {
    ["password", "secret", "token", "key"].iter().any(|word| name.contains(word))
        && !["integer", "number", "boolean"].contains(&kind)
}

fn field_text(name: &str, kind: &str) -> String {
    let more = match kind {
        "array" => "          items: {}\n",
        "string" if is_secret(name, kind) => "          format: password\n",
        _ => "",
    };
    format!(
        "        {name}:\n          type: {kind}\n          nullable: true\n{more}          description: To be described.\n          \
         x-source: probe\n"
    )
}
