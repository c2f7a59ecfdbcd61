//! The same sheet through the command line, Python and Node: the same plan, the same report, the same mistakes.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Map, Value, json};

use crate::run::{command, isolate, run};
use crate::server::{Server, TOKEN};
use crate::{Result, conformance, node, python, root};

const RUNNERS: &str = "tests/fleet";
const FACES: [&str; 3] = ["command line", "python", "node"];
/// What becomes of a row, by how it is called.
const NEW: &str = "new";
const THERE: &str = "there";
const CHANGED: &str = "changed";
const TWICE: &str = "twice";
const REFUSED: &str = "refused";
const LOST: &str = "lost";
/// The outcome of each, and one of each in the order of the sheet.
const ROWS: [(&str, &str); 6] = [
    (NEW, "created"),
    (THERE, "adopted"),
    (CHANGED, "updated"),
    (TWICE, "conflict"),
    (REFUSED, "failed"),
    (LOST, "created"),
];

/// A sheet, and the outcomes in its report; none where it has mistakes.
struct Sheet {
    file: PathBuf,
    outcomes: Option<Vec<&'static str>>,
}

/// Runs all with what the steps before have installed.
pub fn test() -> Result {
    run(command("cargo build --quiet --package ocamba-cli"))?;
    let work = root().join("target/fleet-report");
    let _ = std::fs::remove_dir_all(&work);
    std::fs::create_dir_all(&work)?;
    let requests = requests()?;
    for Sheet { file, outcomes } in sheets(&work, &requests)? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut seen = Vec::new();
        for face in FACES {
            seen.push(through(face, &file, &requests).map_err(|error| format!("{name} through {face}: {error}"))?);
        }
        if let Some((face, other)) = FACES.iter().zip(&seen).find(|(_, other)| **other != seen[0]) {
            return Err(format!("{name} differs:\n{}: {:#}\n{face}: {other:#}", FACES[0], seen[0]).into());
        }
        let rows = seen[0]["report"]["rows"].as_array();
        let told =
            rows.map(|rows| rows.iter().map(|row| row["outcome"].as_str().unwrap_or_default()).collect::<Vec<_>>());
        if told != outcomes {
            return Err(format!("{name}: {told:?} came of it, and not {outcomes:?}").into());
        }
        let errors = seen[0]["row_errors"].as_array().map_or(0, Vec::len);
        let rows = told.map_or(0, |told| told.len());
        if rows + errors == 0 {
            return Err(format!("{name}: nothing came of it").into());
        }
        println!("  {name}: {rows} rows and {errors} errors, the same through {}", FACES.join(", "));
    }
    Ok(())
}

/// A request for each row, of one provider after the other.
fn requests() -> Result<Vec<Value>> {
    let examples = root().join("openapi/examples");
    let mut files: Vec<_> =
        std::fs::read_dir(examples)?.flatten().map(|entry| entry.path().join("request.json")).collect();
    files.retain(|file| file.exists());
    files.sort();
    let mut requests = Vec::new();
    for ((name, _), file) in ROWS.iter().zip(files.iter().cycle()) {
        let mut request = conformance::read(file)?;
        request["name"] = (*name).into();
        requests.push(request);
    }
    if requests.is_empty() { Err("there are no examples".into()) } else { Ok(requests) }
}

fn sheets(work: &Path, requests: &[Value]) -> Result<Vec<Sheet>> {
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
    all.into_iter()
        .map(|(name, text, outcomes)| written(work.join(name), &text).map(|file| Sheet { file, outcomes }))
        .collect()
}

fn written(file: PathBuf, text: &str) -> Result<PathBuf> {
    std::fs::write(&file, text)?;
    Ok(file)
}

/// Settings in columns, empty where a provider has none of the name.
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

/// What comes of a sheet, in a sandbox in which no other has been.
fn through(face: &str, file: &Path, requests: &[Value]) -> Result<Value> {
    let faults = file.with_file_name("faults.json");
    let refused = json!({ "name": REFUSED, "fault": { "answer": { "status": 400 } } });
    let lost = json!({ "name": LOST, "times": 1, "fault": { "close": { "at": "commit" } } });
    std::fs::write(&faults, json!({ "faults": [refused, lost] }).to_string())?;
    let sandbox = Server::sandbox(&["--no-limits", "--faults", &faults.to_string_lossy()])?;
    for request in requests {
        seed(&sandbox, request)?;
    }
    let mut ledger = file.as_os_str().to_owned();
    ledger.push(format!(".{face}.ledger"));
    let ledger = PathBuf::from(ledger);
    let seen = match face {
        "python" => {
            let mut runner = Command::new(conformance::there(python::installed())?);
            runner.arg("-I").arg(root().join(RUNNERS).join("runner.py"));
            in_language(runner.arg(file).arg(ledger), &sandbox)
        }
        "node" => {
            // Modules are looked for beside the file that wants them, so it is taken from where they are.
            let script = conformance::there(node::installed())?.join("fleet-runner.mjs");
            std::fs::copy(root().join(RUNNERS).join("runner.mjs"), &script)?;
            in_language(Command::new("node").arg(script).arg(file).arg(ledger), &sandbox)
        }
        _ => by_command(file, &ledger, &sandbox),
    };
    seen.map(comparable)
}

/// What is there before.
fn seed(sandbox: &Server, request: &Value) -> Result {
    let name = request["name"].as_str().unwrap_or_default();
    let mut request = request.clone();
    if name == CHANGED {
        request["status"] = "paused".into();
    }
    let times = match name {
        TWICE => 2,
        THERE | CHANGED => 1,
        _ => 0,
    };
    for _ in 0..times {
        let mut create = ocamba(&["integrations", "create", "-"]);
        let mut child = of_account(&mut create, sandbox).stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        // At the end of the statement its end is told.
        child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(request.to_string().as_bytes()))?;
        if !child.wait()?.success() {
            return Err(format!("{name} could not be created before").into());
        }
    }
    Ok(())
}

fn in_language(runner: &mut Command, sandbox: &Server) -> Result<Value> {
    let output = of_account(runner, sandbox).stdin(Stdio::null()).output()?;
    let said = || String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_slice(&output.stdout).map_err(|_| format!("it printed no result, and said: {}", said()).into())
}

/// As the runners of the languages do it.
fn by_command(file: &Path, ledger: &Path, sandbox: &Server) -> Result<Value> {
    let run = |words: &[&str]| -> Result<(Option<Value>, Value)> {
        let mut command = ocamba(words);
        let output =
            of_account(command.arg("--ledger").arg(ledger).arg(file), sandbox).stdin(Stdio::null()).output()?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        let error = stderr
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .find(|it| it["error"].is_object());
        let error = error.map_or(Value::Null, |mut line| line["error"].take());
        Ok((serde_json::from_slice(&output.stdout).ok(), error))
    };
    let (Some(plan), _) = run(&["fleet", "plan", "--output", "json"])? else {
        let (_, error) = run(&["fleet", "apply", "--output", "json"])?;
        return Ok(json!({ "row_errors": error["row_errors"] }));
    };
    let words = ["fleet", "apply", "--output", "json", "--in-flight", "1", "--reconcile-timeout", "0.3"];
    let (Some(rows), error) = run(&words)? else { return Err("there is no report".into()) };
    let counts = error["counts"].as_object().cloned().unwrap_or_default();
    let counts: Map<_, _> = counts.into_iter().filter(|(_, count)| *count != 0).collect();
    Ok(json!({
        "plan": plan,
        "report": { "rows": rows, "counts": counts, "stopped": error["stopped"], "is_complete": error.is_null() },
    }))
}

/// The program of the last build.
fn ocamba(words: &[&str]) -> Command {
    let mut command = Command::new(root().join("target/debug/ocamba"));
    command.args(words);
    command
}

fn of_account<'a>(command: &'a mut Command, sandbox: &Server) -> &'a mut Command {
    isolate(command).env("OCAMBA_TOKEN", TOKEN).env("OCAMBA_BASE_URL", &sandbox.url);
    command.env("OCAMBA_RATE_LIMIT", "off")
}

/// Without what is drawn anew by each sandbox: which traces there are is told, and not their names.
fn comparable(mut seen: Value) -> Value {
    for row in seen["report"]["rows"].as_array_mut().into_iter().flatten() {
        if row["trace_id"].is_string() {
            row["trace_id"] = "a trace".into();
        }
    }
    seen
}
