//! Reads the cases, and makes the plan of them. See ../../README.md for how they are written.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use ocamba_hood::providers;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Result;
use crate::plan::{Case, Plan};
use crate::template::{Template, fill};

/// The token of the sandbox, and so of each client that is not given another.
const TOKEN: &str = "token-canary";
/// The time of a call where none is given, so that a runner does not hang for long.
const TIMEOUT_MS: u64 = 10_000;

/// All the cases of the files, and one for each example.
pub fn plan(sandbox: &str) -> Result<Plan> {
    let examples = examples()?;
    let first = examples.iter().find(|example| example.request["provider_id"] == providers()[0].id);
    let first = first.ok_or("the first provider has no example")?;
    let words = words(sandbox, first)?;
    let mut cases: Vec<Case> = examples.iter().map(Example::case).collect::<Result<_>>()?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cases");
    for file in listed(&folder)? {
        let theme = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let all: Vec<Value> = serde_json::from_slice(&std::fs::read(&file)?).map_err(|e| format!("{theme}: {e}"))?;
        for case in all {
            let name = format!("{theme}: {}", case["name"].as_str().unwrap_or_default());
            let case = expand(fill(case, &words), first).map_err(|e| format!("{name}: {e}"))?;
            cases.push(Case { name, ..case });
        }
    }
    let mut names = HashSet::new();
    if let Some(twice) = cases.iter().find(|case| !names.insert(&case.name)) {
        return Err(format!("{} stands there twice", twice.name).into());
    }
    for case in &mut cases {
        let client = &mut case.client;
        client.token.get_or_insert_with(|| TOKEN.to_owned());
        client.base_url.get_or_insert_with(|| sandbox.to_owned());
        client.timeout_ms.get_or_insert(TIMEOUT_MS);
    }
    Ok(Plan { sandbox: sandbox.to_owned(), cases })
}

/// A request and its answer, from the document's folder of examples.
struct Example {
    name: String,
    request: Value,
    response: Value,
}

impl Example {
    /// The case that each example is.
    fn case(&self) -> Result<Case> {
        let Self { name, request, response } = self;
        Ok(serde_json::from_value(json!({
            "name": format!("examples: {name} is created"),
            "calls": [{ "request": request, "result": response, "id_from_journal": true, "status": 201 }],
            "requests": 1,
            "commits": 1,
        }))?)
    }
}

fn examples() -> Result<Vec<Example>> {
    let mut all = Vec::new();
    for folder in listed(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../openapi/examples"))? {
        if !folder.join("request.json").exists() {
            continue;
        }
        let read = |name| -> Result<Value> { Ok(serde_json::from_slice(&std::fs::read(folder.join(name))?)?) };
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        all.push(Example { name, request: read("request.json")?, response: read("response.json")? });
    }
    Ok(all)
}

/// What is in a folder, sorted. An empty one is an error: a suite of no cases would pass.
fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut all = std::fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<std::io::Result<Vec<_>>>()?;
    all.sort();
    if all.is_empty() { Err(format!("{} is empty", folder.display()).into()) } else { Ok(all) }
}

/// What the words in braces stand for.
fn words(sandbox: &str, example: &Example) -> Result<Vec<(&'static str, String)>> {
    let settings = providers()[0].settings;
    let required = settings.iter().find(|s| s.required).ok_or("the first provider requires no setting")?.name;
    let secret = settings.iter().find(|s| s.secret).ok_or("the first provider has no secret")?.name;
    let value = example.request["settings"][secret].as_str().ok_or("the first example has no secret")?;
    Ok(vec![
        ("{sandbox}", sandbox.to_owned()),
        ("{address}", sandbox.trim_start_matches("http://").to_owned()),
        ("{token}", TOKEN.to_owned()),
        ("{required}", required.to_owned()),
        ("{secret}", secret.to_owned()),
        ("{secret value}", value.to_owned()),
        // Of letters that have two bytes: it is characters that count.
        ("{100 letters}", "é".repeat(100)),
        ("{101 letters}", "é".repeat(101)),
    ])
}

/// An answer that the sandbox is to give after it has created the integration.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    #[serde(default = "created")]
    status: u16,
    #[serde(default)]
    body: Template,
}

fn created() -> u16 {
    201
}

/// Makes of what is written what is meant.
fn expand(mut case: Value, example: &Example) -> Result<Case> {
    let mut expected = (201, example.response.clone());
    let answer = case.as_object_mut().ok_or("a case is an object")?.remove("answer");
    let answered = answer.is_some();
    if let Some(answer) = answer {
        let Answer { status, body } = serde_json::from_value(answer)?;
        expected = (status, body.apply(&example.response)?);
        let fault = json!({ "answer": { "status": status, "body": { "json": expected.1 }, "at": "commit" } });
        case["faults"] = json!([{ "fault": fault }]);
    }
    let mut calls = Vec::new();
    for mut call in case["calls"].as_array().cloned().unwrap_or_default() {
        let fields = call.as_object_mut().ok_or("a call is an object")?;
        let mut take = |name: &str| fields.remove(name);
        let times = take("times").map_or(Some(1), |times| times.as_u64()).ok_or("times is a count")?;
        let request: Template = take("request").map(serde_json::from_value).transpose()?.unwrap_or_default();
        let result: Template = take("result").map(serde_json::from_value).transpose()?.unwrap_or_default();
        call["request"] = request.apply(&example.request)?;
        if call["error"].is_null() {
            call["result"] = result.apply(&expected.1)?;
            call["status"] = call.get("status").cloned().unwrap_or_else(|| expected.0.into());
            // An answer that is not the sandbox's own says which id it has.
            call["id_from_journal"] = call.get("id_from_journal").cloned().unwrap_or_else(|| (!answered).into());
        }
        calls.extend((0..times).map(|_| call.clone()));
    }
    case["calls"] = calls.into();
    Ok(serde_json::from_value(case)?)
}
