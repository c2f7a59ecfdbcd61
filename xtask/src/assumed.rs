//! The conformance cases under each other answer to what is not known of the API.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Mutex;
use std::thread::scope;

use serde_json::Value;

use crate::conformance::{LANGUAGES, SUITE, read, runner, suite};
use crate::run::{command, run, run_quietly};
use crate::server::Server;
use crate::unknowns::Unknowns;
use crate::{Result, root};

/// Number of sandboxes at once: the cases mostly wait.
const WORKERS: usize = 8;

/// Runs the suite in each language, with the installed packages, under each other answer. What differs must be in
/// `assumptions.json` with the reason, and what is there must differ, in all languages.
pub fn test() -> Result {
    run(&mut command("cargo build --quiet --package ocamba-cli --package ocamba-conformance"))?;
    // Fails before the first run if a package is not installed.
    LANGUAGES.iter().try_for_each(|language| runner(language, &folder().join("plan.json")).map(drop))?;
    let known = read(&root().join(SUITE).join("assumptions.json"))?;
    let unknowns = Unknowns::load(&root())?.0;
    let others = unknowns.iter().flat_map(|it| {
        let others = it.answers.iter().filter(|(answer, _)| *answer != it.assumed);
        others.map(|(answer, _)| format!("{}={answer}", it.id))
    });
    let flags: Vec<_> = others.collect();
    let runs: Vec<_> = flags.iter().flat_map(|flag| LANGUAGES.map(|language| (flag, language))).collect();
    let (next, problems) = (Mutex::new(runs.iter()), Mutex::new(Vec::new()));
    let take = || next.lock().ok()?.next();
    let work = || {
        while let Some((flag, language)) = take() {
            let label = format!("{flag} in {language}");
            let found = problems_of(flag, language, &known[flag]).unwrap_or_else(|error| vec![error.to_string()]);
            println!("  {label}: {}", if found.is_empty() { "as expected" } else { "FAILED" });
            if let Ok(mut problems) = problems.lock() {
                problems.extend(found.into_iter().map(|problem| format!("{label}: {problem}")));
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
fn problems_of(flag: &str, language: &str, known: &Value) -> Result<Vec<String>> {
    let folder = folder().join(flag).join(language);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let plan = folder.join("plan.json");
    let sandbox = Server::sandbox(&["--no-limits", "--assume", flag])?;
    run_quietly(suite("plan").arg(&sandbox.url).arg(&plan))?;
    let (mut runner, results) = runner(language, &plan)?;
    let ended = runner.output()?;
    let results = read(&results).map_err(|error| format!("{error}; {}", String::from_utf8_lossy(&ended.stderr)))?;
    let differences = results["failed"].as_object().into_iter().flatten().flat_map(|(case, all)| {
        let texts = all.as_array().into_iter().flatten().filter_map(Value::as_str);
        texts.map(move |difference| format!("{case}: {difference}"))
    });
    // A case may have the same difference in several calls.
    let differences: BTreeSet<_> = differences.collect();
    let known: Vec<_> = known["differences"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let new = differences.iter().filter(|it| known.iter().all(|part| !it.contains(part)));
    let stale = known.iter().filter(|part| differences.iter().all(|it| !it.contains(*part)));
    let new = new.map(|it| format!("{it}, without a reason"));
    Ok(new.chain(stale.map(|part| format!("nothing has {part:?}; remove it"))).collect())
}

fn folder() -> PathBuf {
    root().join("target/conformance/assumed")
}
