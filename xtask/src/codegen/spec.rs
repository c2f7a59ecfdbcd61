//! The OpenAPI document as the generators see it: the raw document, its providers, and their examples.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

use crate::Result;

/// The hand-written source of everything that is generated.
pub const SOURCE: &str = "openapi/hood.yaml";
/// The extension that says where a description's facts come from.
pub const SOURCE_OF_FACT: &str = "x-source";
/// A folder for each provider, `errors`, and `operations`.
pub const EXAMPLES: &str = "openapi/examples";

/// `hood.yaml`, read and checked.
pub struct Spec {
    /// The document as written, in its own order.
    pub document: Value,
    /// One for each branch of the `Provider` schema, in its order.
    pub providers: Vec<Provider>,
    /// Example bodies of error answers, by status.
    pub errors: BTreeMap<String, Value>,
    /// Example bodies of operations that are not told provider by provider.
    pub operations: Vec<OperationExample>,
}

/// `operations/<operationId>/request.json` or `response.json`.
pub struct OperationExample {
    /// The `operationId`.
    pub operation: String,
    /// Whether it is a request; else the answer of a success.
    pub is_request: bool,
    /// The body.
    pub body: Value,
}

/// A provider: its branch of the union, its settings, its examples.
pub struct Provider {
    /// The value of `provider_id`.
    pub id: String,
    /// The name of the settings schema, and so of the type in every language.
    pub schema: String,
    /// The name for people.
    pub title: String,
    /// What an integration of it sends: `type` in the example answer.
    pub channel: String,
    /// The settings schema's description.
    pub description: String,
    /// The settings, in the schema's order.
    pub settings: Vec<Setting>,
    /// The folder of its examples.
    pub folder: String,
    /// `request.json`.
    pub request: Value,
    /// `response.json`.
    pub response: Value,
}

/// One property of a settings schema.
pub struct Setting {
    /// The name on the wire.
    pub name: String,
    /// `string`, `integer`, `number` or `boolean`.
    pub kind: String,
    /// Listed in `required`.
    pub required: bool,
    /// `format: password`.
    pub secret: bool,
    /// The least number of characters.
    pub min_length: Option<u64>,
    /// The greatest number of characters.
    pub max_length: Option<u64>,
    /// The only values it may have; empty when any will do.
    pub one_of: Vec<String>,
    /// The description.
    pub description: String,
}

/// A schema of the form "one of these strings, or another": known values first, any other after.
pub struct OpenEnum {
    /// The schema's name.
    pub name: String,
    /// The schema's description.
    pub description: String,
    /// The values that are documented.
    pub known: Vec<String>,
}

impl Spec {
    /// Reads the document and the examples below `root`.
    pub fn load(root: &Path) -> Result<Self> {
        let text = read(root, SOURCE)?;
        let document: Value = serde_saphyr::from_str(&text).map_err(|e| format!("{SOURCE} is not valid YAML: {e}"))?;
        serde_json::from_value::<openapiv3::OpenAPI>(document.clone())
            .map_err(|e| format!("{SOURCE} is not a valid OpenAPI 3.0 document: {e}"))?;
        let mut examples = Examples::load(root)?;
        let errors = std::mem::take(&mut examples.errors);
        let operations = std::mem::take(&mut examples.operations);
        let providers = providers(&document, &mut examples)?;
        if let Some(folder) = examples.providers.into_keys().next() {
            return Err(format!(
                "{EXAMPLES}/{folder}: its `provider_id` is no branch of `Provider` in {SOURCE}, or another folder has it already"
            )
            .into());
        }
        Ok(Self { document, providers, errors, operations })
    }

    /// The component schemas, by name.
    pub fn schemas(&self) -> &Map<String, Value> {
        self.document["components"]["schemas"].as_object().expect("providers() looked into it")
    }

    /// Each `operationId`, and its path.
    pub fn operations_and_paths(&self) -> impl Iterator<Item = (&str, &str)> {
        let paths = self.document["paths"].as_object().into_iter().flatten();
        paths.flat_map(|(path, item)| {
            let methods = item.as_object().into_iter().flatten();
            methods.filter_map(move |(_, operation)| Some((operation["operationId"].as_str()?, path.as_str())))
        })
    }

    /// The schemas of open enums.
    pub fn open_enums(&self) -> Vec<OpenEnum> {
        let open = |(name, schema): (&String, &Value)| {
            let known = schema["anyOf"][0]["enum"].as_array()?;
            (schema["anyOf"][1]["type"] == "string").then(|| OpenEnum {
                name: name.clone(),
                description: text(schema, "description"),
                known: known.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
            })
        };
        self.schemas().iter().filter_map(open).collect()
    }
}

struct Examples {
    providers: BTreeMap<String, (Value, Value)>,
    errors: BTreeMap<String, Value>,
    operations: Vec<OperationExample>,
}

impl Examples {
    fn load(root: &Path) -> Result<Self> {
        let mut found = Self { providers: BTreeMap::new(), errors: BTreeMap::new(), operations: Vec::new() };
        for folder in entries(&root.join(EXAMPLES))? {
            let at = format!("{EXAMPLES}/{folder}");
            if folder == "errors" {
                for file in entries(&root.join(&at))? {
                    let status = file.trim_end_matches(".json").to_owned();
                    found.errors.insert(status, json(root, &format!("{at}/{file}"))?);
                }
            } else if folder == "operations" {
                for operation in entries(&root.join(&at))? {
                    for file in entries(&root.join(&at).join(&operation))? {
                        let (is_request, body) =
                            (file == "request.json", json(root, &format!("{at}/{operation}/{file}"))?);
                        found.operations.push(OperationExample { operation: operation.clone(), is_request, body });
                    }
                }
            } else {
                let pair = (json(root, &format!("{at}/request.json"))?, json(root, &format!("{at}/response.json"))?);
                found.providers.insert(folder, pair);
            }
        }
        Ok(found)
    }

    /// Takes out the folder whose request has this `provider_id`.
    fn take(&mut self, id: &str) -> Option<(String, Value, Value)> {
        let folder = self.providers.iter().find(|(_, (request, _))| request["provider_id"] == id)?.0.clone();
        let (request, response) = self.providers.remove(&folder)?;
        Some((folder, request, response))
    }
}

fn providers(document: &Value, examples: &mut Examples) -> Result<Vec<Provider>> {
    let schemas = &document["components"]["schemas"];
    let branches = schemas["Provider"]["oneOf"]
        .as_array()
        .ok_or_else(|| format!("{SOURCE}: components.schemas.Provider must be a `oneOf`"))?;
    branches
        .iter()
        .enumerate()
        .map(|(index, branch)| {
            let at = format!("{SOURCE}: branch {index} of components.schemas.Provider");
            let id = match branch["properties"]["provider_id"]["enum"].as_array().map(Vec::as_slice) {
                Some([Value::String(id)]) => id.clone(),
                _ => return Err(format!("{at}: `provider_id` must be an enum of exactly one string").into()),
            };
            let schema = branch["properties"]["settings"]["$ref"]
                .as_str()
                .and_then(|r| r.strip_prefix("#/components/schemas/"))
                .ok_or_else(|| format!("{at}: `settings` must be a $ref to a component schema"))?
                .to_owned();
            let body = schemas[&schema].as_object().ok_or_else(|| format!("{at}: there is no schema `{schema}`"))?;
            let (folder, request, response) = examples.take(&id).ok_or_else(|| {
                format!("{at}: no folder of {EXAMPLES} has a request.json with `provider_id` \"{id}\"")
            })?;
            let channel = response["type"]
                .as_str()
                .ok_or_else(|| format!("{EXAMPLES}/{folder}/response.json: `type` must be a string"))?
                .to_owned();
            Ok(Provider {
                title: branch["title"].as_str().unwrap_or(&schema).to_owned(),
                description: body.get("description").and_then(Value::as_str).unwrap_or_default().to_owned(),
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

fn settings(schema: &str, body: &Map<String, Value>) -> Result<Vec<Setting>> {
    let at = format!("{SOURCE}: components.schemas.{schema}");
    if body.get("additionalProperties") != Some(&Value::Bool(false)) {
        return Err(
            format!("{at}: settings need `additionalProperties: false`, so that a misspelt one is refused").into()
        );
    }
    let properties =
        body.get("properties").and_then(Value::as_object).ok_or_else(|| format!("{at}: settings need `properties`"))?;
    let required = body.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    properties
        .iter()
        .map(|(name, property)| {
            let kind = text(property, "type");
            if !matches!(kind.as_str(), "string" | "integer" | "number" | "boolean") {
                return Err(
                    format!("{at}.{name}: a setting must be a string, an integer, a number or a boolean").into()
                );
            }
            let strings = property["enum"].as_array().cloned().unwrap_or_default();
            Ok(Setting {
                name: name.clone(),
                required: required.iter().any(|r| r == name),
                secret: property["format"] == "password",
                min_length: property["minLength"].as_u64(),
                max_length: property["maxLength"].as_u64(),
                one_of: strings.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
                // One line: where it stands in the document is not of interest.
                description: text(property, "description").replace('\n', " "),
                kind,
            })
        })
        .collect()
}

/// The component schema that a property refers to: alone, or in an `allOf` so that it can have a description of its own.
pub fn reference(property: &Value) -> Option<&str> {
    let reference = property["$ref"].as_str().or_else(|| property["allOf"][0]["$ref"].as_str())?;
    reference.strip_prefix("#/components/schemas/")
}

/// A string of an object, trimmed; empty where there is none.
pub fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().trim().to_owned()
}

fn json(root: &Path, path: &str) -> Result<Value> {
    serde_json::from_str(&read(root, path)?).map_err(|e| format!("{path} is not valid JSON: {e}").into())
}

fn read(root: &Path, path: &str) -> Result<String> {
    std::fs::read_to_string(root.join(path)).map_err(|e| format!("cannot read {path}: {e}").into())
}

/// The names in a folder, sorted, so that what is generated never depends on the file system.
fn entries(folder: &Path) -> Result<Vec<String>> {
    let mut names = std::fs::read_dir(folder)
        .and_then(|all| {
            all.map(|e| e.map(|e| e.file_name().to_string_lossy().into_owned())).collect::<std::io::Result<Vec<_>>>()
        })
        .map_err(|e| format!("cannot list {}: {e}", folder.display()))?;
    names.sort();
    Ok(names)
}
