//! The examples of the OpenAPI document. Cases are changes to them, and each example is a case.

use std::collections::BTreeMap;
use std::path::Path;

use ocamba_hood::providers;
use serde_json::{Value, json};

use crate::Result;
use crate::cases::listed;
use crate::plan::{Case, Operation};

/// All examples, with those of the first provider.
pub struct Examples {
    /// Create request of the first provider.
    pub request: Value,
    /// Response to `request`.
    pub created: Value,
    /// Request and response by folder name.
    creates: BTreeMap<String, [Value; 2]>,
    /// Request and response, if any, by `operationId`.
    operations: BTreeMap<String, [Option<Value>; 2]>,
}

impl Examples {
    pub fn read() -> Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../openapi/examples");
        let mut creates = BTreeMap::new();
        for (name, pair) in pairs(&folder)? {
            if let [Some(request), Some(response)] = pair {
                creates.insert(name, [request, response]);
            }
        }
        let operations = pairs(&folder.join("operations"))?;
        let first = creates.values().find(|[request, _]| request["provider_id"] == providers()[0].id);
        let [request, created] = first.ok_or("the first provider has no example")?.clone();
        Ok(Self { request, created, creates, operations })
    }

    /// Returns the example response of an operation.
    pub fn response(&self, operation: Operation) -> Result<&Value> {
        let id = match operation {
            Operation::Create => return Ok(&self.created),
            Operation::Get => "getIntegration",
            Operation::List => "listIntegrations",
            Operation::ListProviders => "listProviders",
            other => return Err(format!("{other:?} has no example of a response").into()),
        };
        self.operations
            .get(id)
            .and_then(|[_, response]| response.as_ref())
            .ok_or_else(|| format!("{id} has no example").into())
    }

    /// Returns the first secret of the first provider.
    pub fn secret(&self) -> Result<String> {
        let secret = providers()[0].settings.iter().find(|s| s.secret).ok_or("the first provider has no secret")?.name;
        Ok(self.request["settings"][secret].as_str().ok_or("the first example has no secret")?.to_owned())
    }

    /// Returns one case for each example: creates succeed, clients read the other responses and send the other requests.
    pub fn cases(&self) -> Result<Vec<Case>> {
        let creates = self.creates.iter().map(|(name, [request, response])| {
            json!({
                "name": format!("examples: {name} is created"),
                "calls": [{
                    "operation": "create", "request": request, "result": response, "id_from_journal": true, "status": 201,
                }],
                "requests": 1,
                "commits": 1,
            })
        });
        let mut all: Vec<_> = creates.collect();
        for (id, [request, answer]) in &self.operations {
            let calls = match (id.as_str(), request, answer) {
                ("getIntegration", None, Some(answer)) => {
                    json!([{ "operation": "get", "id": answer["id"], "result": answer, "status": 200 }])
                }
                ("listIntegrations", None, Some(answer)) => read_list("list", answer),
                ("listProviders", None, Some(answer)) => read_list("list_providers", answer),
                ("sendTestNotification", Some(request), None) => {
                    json!([{ "operation": "send_test", "id": request["integration"]["id"], "status": 204 }])
                }
                ("updateIntegration", Some(update), None) => {
                    let mut update = update.clone();
                    update["provider_id"] = self.request["provider_id"].clone();
                    json!([{ "operation": "update", "id": self.created["id"], "request": update, "status": 204 }])
                }
                _ => return Err(format!("examples/operations/{id} is not a case yet").into()),
            };
            let answer =
                answer.as_ref().map_or(json!({ "status": 204 }), |it| json!({ "status": 200, "body": { "json": it } }));
            all.push(json!({
                "name": format!("examples: {id} goes well"),
                "faults": [{ "operation": id, "fault": { "answer": answer } }],
                "requests": calls.as_array().map_or(0, Vec::len),
                "commits": 0,
                "calls": calls,
            }));
        }
        all.into_iter().map(|case| Ok(serde_json::from_value(case)?)).collect()
    }
}

/// Returns two calls: one reads a page, the other reads all items.
fn read_list(operation: &str, answer: &Value) -> Value {
    let filters = json!({});
    json!([
        { "operation": operation, "request": filters, "page": 1, "result": answer, "status": 200 },
        { "operation": operation, "request": filters, "result": answer["items"] },
    ])
}

/// Reads `request.json` and `response.json` of each subfolder.
fn pairs(folder: &Path) -> Result<BTreeMap<String, [Option<Value>; 2]>> {
    let mut all = BTreeMap::new();
    for folder in listed(folder)? {
        let read = |name| -> Result<Option<Value>> {
            let file = folder.join(name);
            Ok(if file.exists() { Some(serde_json::from_slice(&std::fs::read(file)?)?) } else { None })
        };
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        all.insert(name, [read("request.json")?, read("response.json")?]);
    }
    Ok(all)
}
