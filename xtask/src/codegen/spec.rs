//! The OpenAPI document for the generators: the raw document, its providers, and their examples.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::Result;

/// The hand-written source of all generated files.
pub const SOURCE: &str = "openapi/hood.yaml";
/// The extension that names the source of a description.
pub const SOURCE_OF_FACT: &str = "x-source";
/// The extension of a parameter with the pattern of all texts that the server takes, where its type has only some.
const PATTERN: &str = "x-pattern";
/// The extension with the documented values of an open enum. As an `enum`, generated clients would refuse all others.
pub const KNOWN_VALUES: &str = "x-extensible-enum";
/// The schema that joins the requests of all providers.
pub const UNION: &str = "CreateIntegration";
/// Contains a folder for each provider, `errors`, and `operations`.
pub const EXAMPLES: &str = "openapi/examples";

/// The checked contents of `hood.yaml` and the examples.
pub struct Spec {
    /// The document, in its own order.
    pub document: Value,
    /// One for each request of the schema [`UNION`], in its order.
    pub providers: Vec<Provider>,
    /// Example bodies of error responses, by status.
    pub errors: BTreeMap<String, Value>,
    /// Example bodies of operations that do not depend on the provider.
    pub operations: Vec<OperationExample>,
}

/// `operations/<operationId>/request.json` or `response.json`.
pub struct OperationExample {
    pub operation: String,
    /// Whether it is a request, or else a response.
    pub is_request: bool,
    pub body: Value,
}

/// A provider: its request, its settings, and its examples.
pub struct Provider {
    /// The value of `provider_id`.
    pub id: String,
    /// The name of the settings schema, and so of the type in every language.
    pub schema: String,
    /// The name for people.
    pub title: String,
    /// The type of its messages: `type` in the example response.
    pub channel: String,
    pub description: String,
    /// The settings, in the schema's order.
    pub settings: Vec<Setting>,
    /// The folder of its examples.
    pub folder: String,
    pub request: Value,
    pub response: Value,
}

/// One property of a settings schema.
pub struct Setting {
    /// The name on the wire.
    pub name: String,
    /// The type: `string`, `integer`, `number` or `boolean`.
    pub kind: String,
    pub required: bool,
    /// Has `format: password`.
    pub secret: bool,
    pub min_length: Option<u64>,
    pub max_length: Option<u64>,
    /// The allowed values; empty if all are.
    pub one_of: Vec<String>,
    pub description: String,
}

/// A schema of an open enum: any string, with the documented values in [`KNOWN_VALUES`].
pub struct OpenEnum {
    pub name: String,
    pub description: String,
    /// The documented values.
    pub known: Vec<String>,
}

impl Provider {
    /// The name of the schema of its request.
    pub fn request_schema(&self) -> String {
        request_schema(&self.schema)
    }
}

impl Spec {
    /// Reads the document and the examples below `root`.
    pub fn load(root: &Path) -> Result<Self> {
        let text = read(root, SOURCE)?;
        let document: Value = serde_saphyr::from_str(&text).map_err(|e| format!("{SOURCE} is not valid YAML: {e}"))?;
        serde_json::from_value::<openapiv3::OpenAPI>(document.clone())
            .map_err(|e| format!("{SOURCE} is not a valid OpenAPI 3.0 document: {e}"))?;
        let mut examples = Examples::load(root)?;
        let providers = providers(&document, &mut examples)?;
        if let Some(folder) = examples.providers.keys().next() {
            let request = format!("that of no request of `{UNION}` in {SOURCE}, or that of another folder");
            return Err(format!("{EXAMPLES}/{folder}: its `provider_id` is {request}").into());
        }
        distinct_names(&document)?;
        Ok(Self { document, providers, errors: examples.errors, operations: examples.operations })
    }

    /// The component schemas, by name.
    pub fn schemas(&self) -> &Map<String, Value> {
        self.document["components"]["schemas"].as_object().expect("providers() looked into it")
    }

    /// The fields of a create that do not depend on the provider.
    pub fn new_integration(&self) -> Value {
        let first = reference(&self.schemas()[UNION]["oneOf"][0]).unwrap_or_default();
        common_fields(&self.schemas()[first])
    }

    /// The `operationId` and the path of each operation.
    pub fn operations_and_paths(&self) -> impl Iterator<Item = (&str, &str)> {
        let paths = self.document["paths"].as_object().into_iter().flatten();
        paths.flat_map(|(path, item)| {
            let methods = item.as_object().into_iter().flatten();
            methods.filter_map(move |(_, operation)| Some((operation["operationId"].as_str()?, path.as_str())))
        })
    }

    /// The open enums.
    pub fn open_enums(&self) -> Vec<OpenEnum> {
        let open = |(name, schema): (&String, &Value)| {
            let known = schema[KNOWN_VALUES].as_array()?;
            Some(OpenEnum {
                name: name.clone(),
                description: text(schema, "description"),
                known: known.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
            })
        };
        self.schemas().iter().filter_map(open).collect()
    }
}

#[derive(Default)]
struct Examples {
    providers: BTreeMap<String, (Value, Value)>,
    errors: BTreeMap<String, Value>,
    operations: Vec<OperationExample>,
}

impl Examples {
    fn load(root: &Path) -> Result<Self> {
        let mut found = Self::default();
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
                        let body = json(root, &format!("{at}/{operation}/{file}"))?;
                        let (operation, is_request) = (operation.clone(), file == "request.json");
                        found.operations.push(OperationExample { operation, is_request, body });
                    }
                }
            } else {
                let pair = (json(root, &format!("{at}/request.json"))?, json(root, &format!("{at}/response.json"))?);
                found.providers.insert(folder, pair);
            }
        }
        Ok(found)
    }

    /// Removes and returns the folder whose request has this `provider_id`.
    fn take(&mut self, id: &str) -> Option<(String, Value, Value)> {
        let folder = self.providers.iter().find(|(_, (request, _))| request["provider_id"] == id)?.0.clone();
        let (request, response) = self.providers.remove(&folder)?;
        Some((folder, request, response))
    }
}

fn providers(document: &Value, examples: &mut Examples) -> Result<Vec<Provider>> {
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
fn request_schema(settings: &str) -> String {
    format!("New{settings}Integration")
}

/// The schema of a request without what depends on the provider.
fn common_fields(request: &Value) -> Value {
    let mut fields = request.clone();
    if let Some(properties) = fields["properties"].as_object_mut() {
        properties.retain(|name, _| name != "provider_id" && name != "settings");
    }
    if let Some(schema) = fields.as_object_mut() {
        schema.shift_remove("description");
    }
    fields
}

/// Fails if generators would give two schemas the same name: they write each in the case of their language, and that of Go
/// calls the constructor of `X` `NewX`.
fn distinct_names(document: &Value) -> Result {
    let mut seen = BTreeMap::new();
    for name in document["components"]["schemas"].as_object().into_iter().flatten().map(|(name, _)| name) {
        let plain: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        if let Some(other) = seen.insert(plain, name) {
            return Err(format!("{SOURCE}: the schemas {other} and {name} differ only in case").into());
        }
    }
    match seen.iter().find_map(|(plain, name)| Some((seen.get(&format!("new{plain}"))?, name))) {
        Some((new, name)) => Err(format!("{SOURCE}: the schema {new} is called as the constructor of {name}").into()),
        None => Ok(()),
    }
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

/// Gives each parameter the type of all texts that the server takes.
pub fn widen_parameters(document: &mut Value) {
    for parameter in document["components"]["parameters"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        if let Some(pattern) = parameter.get(PATTERN).cloned() {
            parameter["schema"] = json!({ "type": "string", "pattern": pattern });
            parameter.as_object_mut().map(|it| it.shift_remove("example"));
        }
    }
}

/// The component schema that a property refers to, directly or through `allOf`, which permits its own description.
pub fn reference(property: &Value) -> Option<&str> {
    let reference = property["$ref"].as_str().or_else(|| property["allOf"][0]["$ref"].as_str())?;
    reference.strip_prefix("#/components/schemas/")
}

/// A string of an object, trimmed; empty if it is missing.
pub fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().trim().to_owned()
}

fn json(root: &Path, path: &str) -> Result<Value> {
    serde_json::from_str(&read(root, path)?).map_err(|e| format!("{path} is not valid JSON: {e}").into())
}

fn read(root: &Path, path: &str) -> Result<String> {
    std::fs::read_to_string(root.join(path)).map_err(|e| format!("{path} was not read: {e}").into())
}

/// The sorted names in a folder, so that the output does not depend on the file system.
fn entries(folder: &Path) -> Result<Vec<String>> {
    let all = std::fs::read_dir(folder).map_err(|e| format!("{} was not read: {e}", folder.display()))?;
    let mut names: Vec<_> = all.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}
