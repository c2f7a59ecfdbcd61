//! The OpenAPI document for the generators: the raw document, its providers, and their examples.

mod examples;
mod providers;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};

use self::examples::Examples;
use self::providers::{common_fields, providers, request_schema};
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

fn read(root: &Path, path: &str) -> Result<String> {
    std::fs::read_to_string(root.join(path)).map_err(|e| format!("{path} was not read: {e}").into())
}
