//! The conformance cases under each other answer to what is not known of the API.

use std::sync::Mutex;
use std::thread::scope;

use serde_json::Value;

use crate::conformance::{SUITE, read, suite};
use crate::run::{command, run, run_quietly};
use crate::server::Server;
use crate::unknowns::Unknowns;
use crate::{Result, root};

/// Number of sandboxes at once: the cases mostly wait.
const WORKERS: usize = 4;

/// Runs the suite in Rust under each other answer. What differs must be in `assumptions.json` with the reason, and what is
/// there must differ.
pub fn test() -> Result {
    run(&mut command("cargo build --quiet --package ocamba-cli --package ocamba-conformance"))?;
    let known = read(&root().join(SUITE).join("assumptions.json"))?;
    let unknowns = Unknowns::load(&root())?.0;
    let others = unknowns.iter().flat_map(|it| {
        let others = it.answers.iter().filter(|(answer, _)| *answer != it.assumed);
        others.map(|(answer, _)| format!("{}={answer}", it.id))
    });
    let flags: Vec<_> = others.collect();
    let (next, problems) = (Mutex::new(flags.iter()), Mutex::new(Vec::new()));
    let take = || next.lock().ok()?.next();
    let work = || {
        while let Some(flag) = take() {
            let found = problems_of(flag, &known[flag]).unwrap_or_else(|error| vec![error.to_string()]);
            println!("  {flag}: {}", if found.is_empty() { "as expected" } else { "FAILED" });
            if let Ok(mut problems) = problems.lock() {
                problems.extend(found.into_iter().map(|problem| format!("{flag}: {problem}")));
            }
        }
    };
    scope(|scope| (0..WORKERS).for_each(|_| _ = scope.spawn(work)));
    let mut problems = problems.into_inner()?;
    let stale = known.as_object().into_iter().flatten().filter(|(flag, _)| !flags.contains(flag));
    problems.extend(stale.map(|(flag, _)| format!("{flag}: there is no such answer")));
    problems.iter().for_each(|problem| println!("  {problem}"));
    match problems.len() {
        0 => Ok(()),
        count => Err(format!("{count} differences are not as {SUITE}/assumptions.json says").into()),
    }
}

/// Runs the suite under one answer, and compares what differs with what is known to: parts of `case: difference`.
fn problems_of(flag: &str, known: &Value) -> Result<Vec<String>> {
    let folder = root().join("target/conformance/assumed").join(flag);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let (plan, results) = (folder.join("plan.json"), folder.join("rust.json"));
    let sandbox = Server::sandbox(&["--no-limits", "--assume", flag])?;
    run_quietly(suite("plan").arg(&sandbox.url).arg(&plan))?;
    let ended = suite("run").arg(&plan).arg(&results).env("OCAMBA_RATE_LIMIT_DIR", folder.join("notes")).output()?;
    let failed = read(&results.with_extension("failed.json"))
        .map_err(|error| format!("{error}; {}", String::from_utf8_lossy(&ended.stderr)))?;
    let differences = failed.as_object().into_iter().flatten().flat_map(|(case, all)| {
        let texts = all.as_array().into_iter().flatten().filter_map(Value::as_str);
        texts.map(move |difference| format!("{case}: {difference}"))
    });
    let differences: Vec<_> = differences.collect();
    let known: Vec<_> = known["differences"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let new = differences.iter().filter(|it| known.iter().all(|part| !it.contains(part)));
    let stale = known.iter().filter(|part| differences.iter().all(|it| !it.contains(*part)));
    let new = new.map(|it| format!("{it}, without a reason"));
    Ok(new.chain(stale.map(|part| format!("nothing has {part:?}; remove it"))).collect())
}
