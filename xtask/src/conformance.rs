//! The conformance suite: the same cases in Rust, Python and Node, with the same observations in all of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::run::{command, program, run};
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
pub fn test() -> Result {
    run(&mut command("cargo build --quiet --package ocamba-proxy"))?;
    let mut seen = Vec::new();
    let mut failed = Vec::new();
    for column in COLUMNS {
        println!("  {}:", column.name);
        let plan = root().join("target/conformance").join(column.name).join("plan.json");
        let sandbox = prepare(&plan, if column.tls { &["--tls"] } else { &[] }, column.themes)?;
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
        for language in LANGUAGES {
            let before = proxy.as_ref().map(tunnels).transpose()?;
            let (passed, results) = run_in(language, &plan, &environment)?;
            let label = format!("{language} {}", column.name);
            if before.is_some() && before == proxy.as_ref().map(tunnels).transpose()? {
                return Err(format!("{label}: nothing passed the proxy").into());
            }
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

/// The number of tunnels through a proxy.
fn tunnels(proxy: &Server) -> Result<usize> {
    let counts: Value = serde_json::from_str(&proxy.request("GET", "/", "")?)?;
    Ok(counts["tunnels"].as_array().map_or(0, Vec::len))
}

/// Starts a sandbox with these options, and writes the plan for it.
pub fn prepare(plan: &Path, options: &[&str], themes: &[&str]) -> Result<Server> {
    run(&mut command("cargo build --quiet --package ocamba-cli --package ocamba-conformance"))?;
    std::fs::create_dir_all(plan.parent().unwrap_or(plan))?;
    let sandbox = Server::sandbox(&[&["--no-limits"], options].concat())?;
    run(suite("plan").arg(&sandbox.url).arg(plan).args(themes))?;
    Ok(sandbox)
}

/// Runs a plan in one language, with these variables of the environment. Returns whether all cases passed, and the
/// results, if the run was complete.
pub fn run_in(language: &str, plan: &Path, environment: &[(&str, String)]) -> Result<(bool, Option<Value>)> {
    println!("  {language}:");
    let (mut runner, results) = runner(language, plan)?;
    let passed = run(runner.envs(environment.iter().map(|(name, value)| (name, value)))).is_ok();
    Ok((passed, results.exists().then(|| read(&results)).transpose()?))
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
    runner.arg(plan).arg(&results).env("OCAMBA_RATE_LIMIT_DIR", &notes);
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
