//! The conformance suite: the same cases in Rust, Python and Node, with the same observations in all of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::run::{RATE_LIMIT_DIR, command, program, run};
use crate::server::Server;
use crate::{Result, node, python, root};

pub const SUITE: &str = "tests/conformance";
pub const LANGUAGES: [&str; 3] = ["rust", "python", "node"];

/// A way to the sandbox.
struct Column {
    name: &'static str,
    tls: bool,
    /// Options of the proxy.
    proxy: Option<&'static [&'static str]>,
    /// User and password for the proxy, before its host.
    login: &'static str,
    /// Themes of its cases; all if empty.
    themes: &'static [&'static str],
}

const COLUMNS: [Column; 4] = [
    Column { name: "plain", tls: false, proxy: None, login: "", themes: &[] },
    Column { name: "tls", tls: true, proxy: None, login: "", themes: &BYTES },
    Column { name: "proxy", tls: true, proxy: Some(&[]), login: "", themes: &TUNNEL },
    Column { name: "login", tls: true, proxy: Some(&["--login", "user:p w"]), login: "user:p%20w@", themes: &TUNNEL },
];
/// The themes whose results depend on bytes of a connection or on its end. In most others, the sandbox sends whole responses,
/// which are the same by any way; `retries` and `time` mostly wait.
const BYTES: [&str; 4] = ["connections", "find_created", "together", "unreadable"];
/// A tunnel passes the bytes of the column with TLS, so what remains is how connections begin and end.
const TUNNEL: [&str; 2] = ["connections", "together"];

/// Runs the suite in each language with the installed packages, and compares the observations of all languages and columns.
/// The languages run at once, each with its own sandboxes, since most cases wait.
pub fn test() -> Result {
    run(&mut command("cargo build --quiet --package ocamba-proxy --package ocamba-cli --package ocamba-conformance"))?;
    let mut seen = Vec::new();
    let mut failed = Vec::new();
    let all = std::thread::scope(|scope| {
        // Each begins before one is waited for.
        let runs: Vec<_> =
            LANGUAGES.iter().map(|language| scope.spawn(|| run_columns(language).map_err(|e| e.to_string()))).collect();
        runs.into_iter().map(|run| run.join().map_err(|_| "a run panicked".to_owned()).flatten()).collect::<Vec<_>>()
    });
    for of_language in all {
        for (label, passed, results) in of_language? {
            if !passed {
                failed.push(label.clone());
            }
            seen.extend(results.map(|results| (label, results)));
        }
    }
    let differences = compare(&seen);
    if failed.is_empty() && differences == 0 {
        return Ok(());
    }
    Err(format!("cases failed in {failed:?}, and {differences} cases differ").into())
}

/// Runs each column in one language. Returns for each its label, whether all cases passed, and the observations.
fn run_columns(language: &str) -> Result<Vec<(String, bool, Option<Value>)>> {
    let mut seen = Vec::new();
    for column in COLUMNS {
        let plan = root().join("target/conformance").join(column.name).join(language).join("plan.json");
        let sandbox = start(&plan, if column.tls { &["--tls"] } else { &[] }, column.themes)?;
        let mut environment: Vec<_> =
            sandbox.certificate.iter().map(|file| ("OCAMBA_ROOT_CERTIFICATES", file.clone())).collect();
        let proxy = column.proxy.map(|options| {
            let mut proxy = program(root().join("target/debug/ocamba-proxy"));
            proxy.args(options);
            Server::start(proxy)
        });
        let proxy = proxy.transpose()?;
        environment
            .extend(proxy.iter().map(|it| ("OCAMBA_PROXY", it.url.replacen("//", &format!("//{}", column.login), 1))));
        let label = format!("{language} {}", column.name);
        let (passed, results) = run_in(language, &label, &plan, &environment)?;
        if proxy.as_ref().map(tunnels).transpose()? == Some(0) {
            return Err(format!("{label}: nothing passed the proxy").into());
        }
        seen.push((label, passed, results));
    }
    Ok(seen)
}

/// The number of tunnels through a proxy.
fn tunnels(proxy: &Server) -> Result<usize> {
    let counts: Value = serde_json::from_str(&proxy.request("GET", "/", "")?)?;
    Ok(counts["tunnels"].as_array().map_or(0, Vec::len))
}

/// Starts a sandbox with these options, and writes the plan for it.
pub fn prepare(plan: &Path, options: &[&str], themes: &[&str]) -> Result<Server> {
    run(&mut command("cargo build --quiet --package ocamba-cli --package ocamba-conformance"))?;
    start(plan, options, themes)
}

/// The same with the programs of the last build.
fn start(plan: &Path, options: &[&str], themes: &[&str]) -> Result<Server> {
    std::fs::create_dir_all(plan.parent().unwrap_or(plan))?;
    let sandbox = Server::sandbox(&[&["--no-limits"], options].concat())?;
    run(suite("plan").arg(&sandbox.url).arg(plan).args(themes))?;
    Ok(sandbox)
}

/// Runs a plan in one language, with these variables of the environment, and prints what the runner does under a label when
/// it has ended. Returns whether all cases passed, and the observations, if the run was complete.
pub fn run_in(
    language: &str,
    label: &str,
    plan: &Path,
    environment: &[(&str, String)],
) -> Result<(bool, Option<Value>)> {
    let (mut runner, results) = runner(language, plan)?;
    let output = runner.envs(environment.iter().map(|(name, value)| (name, value))).output()?;
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    println!("  {label}:\n{}", text.trim_end());
    Ok((output.status.success(), results.exists().then(|| read(&results)).transpose()?))
}

/// Returns the command that runs a plan in one language, and the file that it writes the results to.
pub fn runner(language: &str, plan: &Path) -> Result<(Command, PathBuf)> {
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
    // A name that `ensure` left in doubt would delay the same case of the next language.
    let notes = plan.with_file_name(format!("{language}-notes"));
    let _ = std::fs::remove_dir_all(&notes);
    runner.arg(plan).arg(&results).env(RATE_LIMIT_DIR, &notes);
    Ok((runner, results))
}

/// Prints and counts the cases whose observations differ.
fn compare(seen: &[(String, Value)]) -> usize {
    let mut cases = BTreeMap::<&str, Vec<_>>::new();
    for (label, results) in seen {
        for observed in results["observed"].as_array().into_iter().flatten() {
            cases.entry(observed["name"].as_str().unwrap_or_default()).or_default().push((label, observed));
        }
    }
    cases.retain(|_, observed| observed.windows(2).any(|pair| pair[0].1 != pair[1].1));
    for (name, observed) in &cases {
        println!("  DIFFERENT {name}");
        for (label, observed) in observed {
            println!("    {label}: {observed}");
        }
    }
    cases.len()
}

/// The part of the suite that is in Rust.
pub fn suite(subcommand: &str) -> Command {
    let mut suite = program(root().join("target/debug/ocamba-conformance"));
    suite.arg(subcommand);
    suite
}

pub fn read(file: &Path) -> Result<Value> {
    Ok(serde_json::from_slice(&std::fs::read(file)?)?)
}
