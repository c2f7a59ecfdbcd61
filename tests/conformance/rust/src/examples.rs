//! The document's folder of examples: what cases are written as changes to, and cases by themselves.

use std::collections::BTreeMap;
use std::path::Path;

use ocamba_hood::providers;
use serde_json::{Value, json};

use crate::Result;
use crate::cases::listed;
use crate::plan::{Case, Operation};

/// The first provider's example, and all the others.
pub struct Examples {
    /// The first provider's create.
    pub request: Value,
    /// Its answer.
    pub created: Value,
    /// By the folder's name.
    creates: BTreeMap<String, [Value; 2]>,
    /// By the `operationId`: what is sent, and what is answered, if anything is.
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

    /// The example answer of an operation.
    pub fn answer(&self, operation: Operation) -> Result<&Value> {
        let id = match operation {
            Operation::Create => return Ok(&self.created),
            Operation::Get => "getIntegration",
            Operation::List => "listIntegrations",
            Operation::ListProviders => "listProviders",
            other => return Err(format!("{other:?} has no example of an answer").into()),
        };
        self.operations
            .get(id)
            .and_then(|[_, answer]| answer.as_ref())
            .ok_or_else(|| format!("{id} has no example").into())
    }

    /// The first provider's first secret.
    pub fn secret(&self) -> Result<String> {
        let secret = providers()[0].settings.iter().find(|s| s.secret).ok_or("the first provider has no secret")?.name;
        Ok(self.request["settings"][secret].as_str().ok_or("the first example has no secret")?.to_owned())
    }

    /// The cases that the examples are: each create goes well, each other answer is read, each other request is sent.
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

/// A page, and all items.
fn read_list(operation: &str, answer: &Value) -> Value {
    let filters = json!({});
    json!([
        { "operation": operation, "request": filters, "page": 1, "result": answer, "status": 200 },
        { "operation": operation, "request": filters, "result": answer["items"] },
    ])
}

/// In each folder of a folder, `request.json` and `response.json`.
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
