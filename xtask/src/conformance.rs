//! The conformance suite: the same cases in Rust, Python and Node, and the same observations in all of them.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::run::{command, run};
use crate::{Result, node, python, root};

const SUITE: &str = "tests/conformance";
/// The only token that the sandbox lets in. The plan gives it to the clients.
const TOKEN: &str = "token-canary";

/// Runs the suite in each language, against what the steps before have installed, and compares what they saw.
pub fn test() -> Result {
    run(command("cargo build --quiet --package ocamba-cli --package ocamba-conformance"))?;
    let folder = root().join("target/conformance");
    std::fs::create_dir_all(&folder)?;
    let plan = folder.join("plan.json");
    let sandbox = Sandbox::start()?;
    let mut make = suite("plan");
    make.arg(&sandbox.url).arg(&plan);
    run(make)?;
    let mut seen = Vec::new();
    let mut failed = Vec::new();
    for (language, mut runner) in [("rust", suite("run")), ("python", in_python()?), ("node", in_node()?)] {
        let results = folder.join(format!("{language}.json"));
        let _ = std::fs::remove_file(&results);
        println!("  {language}:");
        runner.arg(&plan).arg(&results).stdin(Stdio::null());
        // Nothing of the machine's own set-up reaches a client.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("OCAMBA_")) {
            runner.env_remove(name);
        }
        if run(runner).is_err() {
            failed.push(language);
        }
        // A runner that came to an early end has seen nothing that could be compared.
        if results.exists() {
            seen.push((language, read(&results)?));
        }
    }
    let differences = compare(&read(&plan)?["cases"], &seen);
    if failed.is_empty() && differences == 0 {
        return Ok(());
    }
    Err(format!("cases failed in {failed:?}, and the languages disagree in {differences} cases").into())
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
    let mut suite = Command::new(built("ocamba-conformance"));
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
    runner.arg(script).env_remove("NODE_OPTIONS");
    Ok(runner)
}

fn there(path: PathBuf) -> Result<PathBuf> {
    if path.exists() {
        return Ok(path);
    }
    Err(format!("there is no {}, which `cargo xtask test python node` builds", path.display()).into())
}

fn built(program: &str) -> PathBuf {
    root().join("target/debug").join(program)
}

fn read(file: &Path) -> Result<Value> {
    Ok(serde_json::from_slice(&std::fs::read(file)?)?)
}

/// A sandbox that ends with this.
struct Sandbox {
    child: Child,
    url: String,
}

impl Sandbox {
    fn start() -> Result<Self> {
        let mut command = Command::new(built("ocamba"));
        command.args(["sandbox", "--no-limits", "--token", TOKEN, "--listen", "127.0.0.1:0"]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut sandbox = Self { child, url: String::new() };
        let mut line = String::new();
        if let Some(stdout) = sandbox.child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let url = line.trim().strip_prefix("listening on ").ok_or("the sandbox did not start")?;
        sandbox.url = url.to_owned();
        Ok(sandbox)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
