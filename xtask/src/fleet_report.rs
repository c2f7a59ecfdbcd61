//! The same files of rows through the command line, Python and Node: the same plan, report and row errors.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};

use crate::run::{command, program, run};
use crate::server::{Server, TOKEN};
use crate::{Result, conformance, node, python, root};

const RUNNERS: &str = "tests/fleet";
const INTERFACES: [&str; 3] = ["command line", "python", "node"];
const NEW: &str = "new";
const EXISTING: &str = "existing";
const CHANGED: &str = "changed";
const DUPLICATE: &str = "duplicate";
const REJECTED: &str = "rejected";
const LOST: &str = "lost";
/// The name and the outcome of each row, in the order of the file.
const ROWS: [(&str, &str); 6] = [
    (NEW, "created"),
    (EXISTING, "adopted"),
    (CHANGED, "updated"),
    (DUPLICATE, "conflict"),
    (REJECTED, "failed"),
    (LOST, "created"),
];

/// A file of rows, and the outcomes in its report; none where its rows are invalid.
struct Input {
    file: PathBuf,
    outcomes: Option<Vec<&'static str>>,
}

/// Runs all files with the installed packages.
pub fn test() -> Result {
    run(&mut command("cargo build --quiet --package ocamba-cli"))?;
    let work = root().join("target/fleet-report");
    let _ = std::fs::remove_dir_all(&work);
    std::fs::create_dir_all(&work)?;
    let requests = requests()?;
    for Input { file, outcomes } in inputs(&work, &requests)? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut seen = Vec::new();
        for interface in INTERFACES {
            let result = results(interface, &file, &requests);
            seen.push(result.map_err(|error| format!("{name} through {interface}: {error}"))?);
        }
        if let Some((interface, other)) = INTERFACES.iter().zip(&seen).find(|(_, other)| **other != seen[0]) {
            return Err(format!("{name} differs:\n{}: {:#}\n{interface}: {other:#}", INTERFACES[0], seen[0]).into());
        }
        let rows = seen[0]["report"]["rows"].as_array();
        let found: Option<Vec<_>> =
            rows.map(|rows| rows.iter().map(|row| row["outcome"].as_str().unwrap_or_default()).collect());
        if found != outcomes {
            return Err(format!("{name}: the outcomes are {found:?} instead of {outcomes:?}").into());
        }
        let errors = seen[0]["row_errors"].as_array().map_or(0, Vec::len);
        let rows = found.map_or(0, |found| found.len());
        if rows + errors == 0 {
            return Err(format!("{name}: no row and no error was reported").into());
        }
        println!("  {name}: {rows} rows and {errors} errors, the same through {}", INTERFACES.join(", "));
    }
    Ok(())
}

/// A request for each row, of one provider after the other.
fn requests() -> Result<Vec<Value>> {
    let examples = std::fs::read_dir(root().join("openapi/examples"))?.flatten();
    let mut files: Vec<_> = examples.map(|entry| entry.path().join("request.json")).collect();
    files.retain(|file| file.exists());
    files.sort();
    let mut requests = Vec::new();
    for ((name, _), file) in ROWS.iter().zip(files.iter().cycle()) {
        let mut request = conformance::read(file)?;
        request["name"] = (*name).into();
        requests.push(request);
    }
    if requests.is_empty() { Err("openapi/examples has no requests".into()) } else { Ok(requests) }
}

fn inputs(work: &Path, requests: &[Value]) -> Result<Vec<Input>> {
    let outcomes: Vec<_> = ROWS.iter().map(|(_, outcome)| *outcome).collect();
    let lines = |requests: &[Value]| requests.iter().map(|request| format!("{request}\n")).collect::<String>();
    let mut wrong = requests.to_vec();
    wrong.push(requests[0].clone());
    wrong.push(json!({ "name": "", "provider": "nobody" }));
    wrong.push(json!(7));
    let all = [
        ("fleet.csv", csv(requests), Some(outcomes.clone())),
        ("fleet.jsonl", lines(requests), Some(outcomes)),
        ("wrong.csv", csv(&wrong[..wrong.len() - 1]), None),
        ("wrong.jsonl", lines(&wrong), None),
    ];
    let written = |(name, text, outcomes)| {
        let file = work.join::<&str>(name);
        std::fs::write(&file, String::as_str(&text))?;
        Ok(Input { file, outcomes })
    };
    all.into_iter().map(written).collect()
}

/// Settings in columns, empty where a provider does not have the setting.
fn csv(requests: &[Value]) -> String {
    let settings = |request: &Value| request["settings"].as_object().cloned().unwrap_or_default();
    let names: BTreeMap<_, _> = requests.iter().flat_map(&settings).collect();
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let header = ["name", "provider", "status"].into_iter().map(str::to_owned);
    let header: Vec<_> = header.chain(names.keys().map(|name| format!("settings.{name}"))).collect();
    let mut text = header.join(",") + "\r\n";
    for request in requests {
        let (own, provider) = (settings(request), request.get("provider_id").unwrap_or(&request["provider"]));
        let cells = [&request["name"], provider, &request["status"]].into_iter();
        let cells = cells.chain(names.keys().map(|name| own.get(name).unwrap_or(&Value::Null)));
        let cells: Vec<_> = cells.map(|value| value.as_str().map_or_else(String::new, quoted)).collect();
        text += &(cells.join(",") + "\r\n");
    }
    text
}

/// The results of a file in a new sandbox.
fn results(interface: &str, file: &Path, requests: &[Value]) -> Result<Value> {
    let faults = file.with_file_name("faults.json");
    let rejected = json!({ "name": REJECTED, "fault": { "answer": { "status": 400 } } });
    let lost = json!({ "name": LOST, "times": 1, "fault": { "close": { "at": "commit" } } });
    std::fs::write(&faults, json!({ "faults": [rejected, lost] }).to_string())?;
    let sandbox = Server::sandbox(&["--no-limits", "--faults", &faults.to_string_lossy()])?;
    for request in requests {
        create_existing(&sandbox, request)?;
    }
    let mut ledger = file.as_os_str().to_owned();
    ledger.push(format!(".{interface}.ledger"));
    let mut runner = match interface {
        "python" => python::script(&root().join(RUNNERS).join("runner.py"))?,
        "node" => {
            let mut runner = program("node");
            runner.arg(node::script(&root().join(RUNNERS).join("runner.mjs"))?);
            runner
        }
        _ => return by_command(file, Path::new(&ledger), &sandbox).map(comparable),
    };
    let output = of_account(runner.arg(file).arg(ledger), &sandbox).output()?;
    let error = || format!("it printed no result: {}", String::from_utf8_lossy(&output.stderr));
    Ok(comparable(serde_json::from_slice(&output.stdout).map_err(|_| error())?))
}

/// Creates the integrations that exist before the run.
fn create_existing(sandbox: &Server, request: &Value) -> Result {
    let mut request = request.clone();
    let times = match request["name"].as_str().unwrap_or_default() {
        DUPLICATE => 2,
        EXISTING => 1,
        CHANGED => {
            request["status"] = "paused".into();
            1
        }
        _ => 0,
    };
    (0..times).try_for_each(|_| sandbox.request("POST", "/v1/hood/integrations", &request.to_string()).map(drop))
}

/// Does the same as the runners of the languages.
fn by_command(file: &Path, ledger: &Path, sandbox: &Server) -> Result<Value> {
    let run = |words: &str| -> Result<(Option<Value>, Value)> {
        let mut command = program(root().join("target/debug/ocamba"));
        command.arg("fleet").args(words.split(' ')).args(["--output", "json", "--ledger"]).arg(ledger).arg(file);
        let output = of_account(&mut command, sandbox).output()?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        let mut lines = stderr.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let error = lines.find(|line| line["error"].is_object()).map_or(Value::Null, |mut line| line["error"].take());
        Ok((serde_json::from_slice(&output.stdout).ok(), error))
    };
    let (Some(plan), _) = run("plan")? else {
        return Ok(json!({ "row_errors": run("apply")?.1["row_errors"] }));
    };
    let (Some(rows), error) = run("apply --in-flight 1 --reconcile-timeout 0.3")? else {
        return Err("no report was printed".into());
    };
    let counts = error["counts"].as_object().cloned().unwrap_or_default();
    let counts: Map<_, _> = counts.into_iter().filter(|(_, count)| *count != 0).collect();
    Ok(json!({
        "plan": plan,
        "report": { "rows": rows, "counts": counts, "stopped": error["stopped"], "is_complete": error.is_null() },
    }))
}

fn of_account<'a>(command: &'a mut Command, sandbox: &Server) -> &'a mut Command {
    command.env("OCAMBA_TOKEN", TOKEN).env("OCAMBA_BASE_URL", &sandbox.url).env("OCAMBA_RATE_LIMIT", "off")
}

/// Removes the values of trace ids, which differ from sandbox to sandbox.
fn comparable(mut seen: Value) -> Value {
    for row in seen["report"]["rows"].as_array_mut().into_iter().flatten() {
        if row["trace_id"].is_string() {
            row["trace_id"] = "a trace".into();
        }
    }
    seen
}
