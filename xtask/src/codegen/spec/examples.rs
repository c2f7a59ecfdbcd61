//! The examples in `openapi/examples`.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::{EXAMPLES, OperationExample, read};
use crate::Result;

/// The examples of a document, of which each provider takes its own.
#[derive(Default)]
pub struct Examples {
    /// Request and response, by folder.
    pub providers: BTreeMap<String, (Value, Value)>,
    /// Error responses, by status.
    pub errors: BTreeMap<String, Value>,
    pub operations: Vec<OperationExample>,
}

impl Examples {
    /// Reads the examples below `root`.
    pub fn load(root: &Path) -> Result<Self> {
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
    pub fn take(&mut self, id: &str) -> Option<(String, Value, Value)> {
        let folder = self.providers.iter().find(|(_, (request, _))| request["provider_id"] == id)?.0.clone();
        let (request, response) = self.providers.remove(&folder)?;
        Some((folder, request, response))
    }
}

fn json(root: &Path, path: &str) -> Result<Value> {
    serde_json::from_str(&read(root, path)?).map_err(|e| format!("{path} is not valid JSON: {e}").into())
}

/// The sorted names in a folder, so that the output does not depend on the file system.
fn entries(folder: &Path) -> Result<Vec<String>> {
    let all = std::fs::read_dir(folder).map_err(|e| format!("{} was not read: {e}", folder.display()))?;
    let mut names: Vec<_> = all.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}
