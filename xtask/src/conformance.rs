//! The conformance suite: the same cases in Rust, Python and Node, with the same observations in all of them.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::run::{command, program, run};
use crate::server::Server;
use crate::{Result, node, python, root};

const SUITE: &str = "tests/conformance";
pub const LANGUAGES: [&str; 3] = ["rust", "python", "node"];

/// Runs the suite in each language with the installed packages, and compares the observations.
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
    Err(format!("cases failed in {failed:?}, and {differences} cases differ between languages").into())
}

/// Starts a sandbox, and writes the plan for it.
pub fn prepare(plan: &Path) -> Result<Server> {
    run(&mut command("cargo build --quiet --package ocamba-cli --package ocamba-conformance"))?;
    std::fs::create_dir_all(plan.parent().unwrap_or(plan))?;
    let sandbox = Server::sandbox(&["--no-limits"])?;
    run(suite("plan").arg(&sandbox.url).arg(plan))?;
    Ok(sandbox)
}

/// Runs a plan in one language. Returns whether all cases passed, and the observations, if the run was complete.
pub fn run_in(language: &str, plan: &Path) -> Result<(bool, Option<Value>)> {
    let mut runner = match language {
        "python" => python::script(&root().join(SUITE).join("runner.py"))?,
        "node" => {
            let mut runner = program("node");
            runner.arg(node::script(&root().join(SUITE).join("runner.mjs"))?);
            runner
        }
        _ => suite("run"),
    };
    let results = plan.with_file_name(format!("{language}.json"));
    let _ = std::fs::remove_file(&results);
    println!("  {language}:");
    // A name that `ensure` left in doubt would delay the same case of the next language.
    let notes = plan.with_file_name(format!("{language}-notes"));
    let _ = std::fs::remove_dir_all(&notes);
    let passed = run(runner.arg(plan).arg(&results).env("OCAMBA_RATE_LIMIT_DIR", &notes)).is_ok();
    Ok((passed, results.exists().then(|| read(&results)).transpose()?))
}

/// Prints and counts the cases that differ between the languages.
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
fn suite(subcommand: &str) -> Command {
    let mut suite = program(root().join("target/debug/ocamba-conformance"));
    suite.arg(subcommand);
    suite
}

pub fn read(file: &Path) -> Result<Value> {
    Ok(serde_json::from_slice(&std::fs::read(file)?)?)
}
