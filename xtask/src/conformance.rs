//! The conformance suite: the same cases in Rust, Python and Node, and the same observations in all of them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::run::{command, isolate, run};
use crate::server::Server;
use crate::{Result, node, python, root};

const SUITE: &str = "tests/conformance";
pub const LANGUAGES: [&str; 3] = ["rust", "python", "node"];

/// Runs the suite in each language, against what the steps before have installed, and compares what they saw.
pub fn test() -> Result {
    let plan = root().join("target/conformance/plan.json");
    let _sandbox = prepare(&plan)?;
    let mut seen = Vec::new();
    let mut failed = Vec::new();
    for language in LANGUAGES {
        let (passed, results) = run_in(language, &plan)?;
        if !passed {
            failed.push(language);
        }
        seen.extend(results.map(|results| (language, results)));
    }
    let differences = compare(&read(&plan)?["cases"], &seen);
    if failed.is_empty() && differences == 0 {
        return Ok(());
    }
    Err(format!("cases failed in {failed:?}, and the languages disagree in {differences} cases").into())
}

/// Starts a sandbox, and makes the plan for it.
pub fn prepare(plan: &Path) -> Result<Server> {
    run(command("cargo build --quiet --package ocamba-cli --package ocamba-conformance"))?;
    std::fs::create_dir_all(plan.parent().unwrap_or(plan))?;
    let sandbox = Server::sandbox(&["--no-limits"])?;
    let mut make = suite("plan");
    make.arg(&sandbox.url).arg(plan);
    run(make)?;
    Ok(sandbox)
}

/// Runs a plan in one language: whether all ended as it must, and what was seen, unless it came to an early end.
pub fn run_in(language: &str, plan: &Path) -> Result<(bool, Option<Value>)> {
    let mut runner = match language {
        "python" => in_python()?,
        "node" => in_node()?,
        _ => suite("run"),
    };
    let results = plan.with_file_name(format!("{language}.json"));
    let _ = std::fs::remove_file(&results);
    println!("  {language}:");
    runner.arg(plan).arg(&results).stdin(Stdio::null());
    isolate(&mut runner);
    // What `ensure` notes of a name that it left in doubt would have the same case of the next language wait.
    let notes = plan.with_file_name(format!("{language}-notes"));
    let _ = std::fs::remove_dir_all(&notes);
    runner.env("OCAMBA_RATE_LIMIT_DIR", &notes);
    let passed = run(runner).is_ok();
    Ok((passed, results.exists().then(|| read(&results)).transpose()?))
}

/// Prints each case that was not seen alike in all languages, and counts them.
fn compare(cases: &Value, seen: &[(&str, Value)]) -> usize {
    let cases = cases.as_array().map(Vec::as_slice).unwrap_or_default();
    let differ = |index: &usize| seen.windows(2).any(|pair| pair[0].1[index] != pair[1].1[index]);
    let different: Vec<_> = (0..cases.len()).filter(differ).collect();
    for index in &different {
        println!("  DIFFERENT {}", cases[*index]["name"]);
        for (language, results) in seen {
            println!("    {language}: {}", results[index]);
        }
    }
    different.len()
}

/// The part of the suite that is in Rust.
fn suite(word: &str) -> Command {
    let mut suite = Command::new(root().join("target/debug/ocamba-conformance"));
    suite.arg(word);
    suite
}

fn in_python() -> Result<Command> {
    let mut runner = Command::new(there(python::installed())?);
    runner.arg("-I").arg(root().join(SUITE).join("runner.py"));
    Ok(runner)
}

fn in_node() -> Result<Command> {
    // Modules are looked for beside the file that wants them, so it is taken from where they are.
    let script = there(node::installed())?.join("conformance-runner.mjs");
    std::fs::copy(root().join(SUITE).join("runner.mjs"), &script)?;
    let mut runner = Command::new("node");
    runner.arg(script);
    Ok(runner)
}

/// A path, if something is there.
pub fn there(path: PathBuf) -> Result<PathBuf> {
    if path.exists() {
        return Ok(path);
    }
    Err(format!("there is no {}, which `cargo xtask test python node` builds", path.display()).into())
}

pub fn read(file: &Path) -> Result<Value> {
    Ok(serde_json::from_slice(&std::fs::read(file)?)?)
}
