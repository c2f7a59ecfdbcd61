//! The call of a sample: an operation with values from the document's examples.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::super::spec::{Provider, SOURCE, Spec};
use crate::Result;

/// The filters in the sample of a list, if the operation has them.
const FILTERS: [&str; 2] = ["type", "sort"];
/// Characters that a query does not escape.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b',');

/// One call of an operation.
pub struct Call<'a> {
    /// The `operationId`.
    pub operation: String,
    /// In upper case.
    pub method: String,
    /// The address of the API.
    pub server: String,
    /// With parameters, without a query.
    pub path: String,
    /// The integration in the path, if there is one.
    pub id: Option<String>,
    /// The filters, in the order of the document.
    pub filters: Vec<(String, String)>,
    pub body: Option<Value>,
    /// The status of a success.
    pub success: String,
    /// Whether the response of a success has a body.
    pub has_response_body: bool,
    /// The provider of the body.
    pub provider: Option<&'a Provider>,
}

impl Call<'_> {
    /// The path with its query.
    pub fn target(&self) -> String {
        let pairs = self.filters.iter().map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, QUERY)));
        let query = pairs.collect::<Vec<_>>().join("&");
        if query.is_empty() { self.path.clone() } else { format!("{}?{query}", self.path) }
    }

    /// A string of the body.
    pub fn text(&self, pointer: &str) -> Result<&str> {
        let found = self.body.as_ref().and_then(|body| body.pointer(pointer)).and_then(Value::as_str);
        found.ok_or_else(|| format!("the example request of {} has no string at {pointer}", self.operation).into())
    }

    /// The id in the path.
    pub fn id(&self) -> Result<&str> {
        self.id.as_deref().ok_or_else(|| format!("the path of {} has no id", self.operation).into())
    }

    /// The provider.
    pub fn provider(&self) -> Result<&Provider> {
        self.provider.ok_or_else(|| format!("the body of {} has no provider", self.operation).into())
    }
}

/// The calls of each operation, in the document's order: one, or one for each provider.
pub fn all(spec: &Spec) -> Result<Vec<(String, Vec<Call<'_>>)>> {
    let mut all = Vec::new();
    for (path, item) in spec.document["paths"].as_object().into_iter().flatten() {
        for (method, definition) in item.as_object().into_iter().flatten() {
            if let Some(operation) = definition["operationId"].as_str() {
                let of = Operation { spec, id: operation, method, path, item, definition };
                all.push((operation.to_owned(), of.calls()?));
            }
        }
    }
    Ok(all)
}

struct Operation<'a> {
    spec: &'a Spec,
    id: &'a str,
    method: &'a str,
    path: &'a str,
    item: &'a Value,
    definition: &'a Value,
}

impl<'a> Operation<'a> {
    fn calls(&self) -> Result<Vec<Call<'a>>> {
        let schema = &self.definition["requestBody"]["content"]["application/json"]["schema"];
        let by_provider: fn(&Provider) -> Value = match schema["$ref"].as_str() {
            None => return Ok(vec![self.call(None, None)?]),
            Some("#/components/schemas/CreateIntegration") => |provider| provider.request.clone(),
            Some("#/components/schemas/UpdateIntegration") => change,
            Some(_) => {
                let example = self.spec.operations.iter().find(|it| it.operation == self.id && it.is_request);
                let body = example
                    .ok_or_else(|| format!("openapi/examples/operations/{}/request.json is missing", self.id))?;
                return Ok(vec![self.call(Some(body.body.clone()), None)?]);
            }
        };
        self.spec.providers.iter().map(|provider| self.call(Some(by_provider(provider)), Some(provider))).collect()
    }

    fn call(&self, body: Option<Value>, provider: Option<&'a Provider>) -> Result<Call<'a>> {
        let (mut path, mut id) = (self.path.to_owned(), None);
        let mut filters = Vec::new();
        for parameter in self.parameters() {
            let name = parameter["name"].as_str().unwrap_or_default();
            let example = || {
                let own = parameter["example"].as_str();
                let found = own.or_else(|| self.resolve(&parameter["schema"])["example"].as_str());
                found.ok_or_else(|| format!("{SOURCE}: the parameter {name} of {} needs an example", self.id))
            };
            if parameter["in"] == "path" {
                path = path.replace(&format!("{{{name}}}"), example()?);
                id = Some(example()?.to_owned());
            } else if FILTERS.contains(&name) {
                filters.push((name.to_owned(), example()?.to_owned()));
            }
        }
        let server = self.spec.document["servers"][0]["url"].as_str();
        let responses = self.definition["responses"].as_object();
        let success = responses.into_iter().flatten().find(|(status, _)| status.starts_with('2'));
        let (success, response) = success.ok_or_else(|| format!("{SOURCE}: {} has no response of success", self.id))?;
        Ok(Call {
            operation: self.id.to_owned(),
            method: self.method.to_uppercase(),
            server: server.ok_or_else(|| format!("{SOURCE} names no server"))?.to_owned(),
            path,
            id,
            filters,
            body,
            success: success.clone(),
            has_response_body: response.get("content").is_some(),
            provider,
        })
    }

    /// The parameters of the path and of the operation.
    fn parameters(&self) -> impl Iterator<Item = &'a Value> {
        let all = [self.item, self.definition].map(|it| it["parameters"].as_array().into_iter().flatten());
        let spec = self.spec;
        all.into_iter().flatten().map(move |parameter| resolve(&spec.document, parameter))
    }

    fn resolve(&self, value: &'a Value) -> &'a Value {
        resolve(&self.spec.document, value)
    }
}

fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let pointer = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}

/// A change to a setting that changes often: a secret, if there is one.
fn change(provider: &Provider) -> Value {
    let settings = &provider.request["settings"];
    let given = || provider.settings.iter().filter(|setting| !settings[&setting.name].is_null());
    let setting = given().find(|setting| setting.secret).or_else(|| given().next());
    let changed: Map<_, _> = setting.map(|it| (it.name.clone(), settings[&it.name].clone())).into_iter().collect();
    json!({ "settings": changed })
}
