//! Processes that create integrations, each in its language, and say what became of each.
//!
//! A worker is given a prefix for names, a number of creates, how many may be under way at once, and a timeout in
//! seconds. For each create it prints a line of JSON: `{"name": ..., "id": ..., "outcome": ..., "kind": ...}`, with an
//! outcome and a kind only where it failed. Base URL, token and the request come from the environment.

use std::ffi::OsString;
use std::process::Stdio;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use ocamba_hood::{Client, NewIntegration, Provider, ProviderInfo, providers, reveal};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};

use crate::Result;

/// What became of one create, in its worker's words.
#[derive(Debug, Deserialize, Serialize)]
pub struct Report {
    pub name: String,
    /// Of the integration, where it was created.
    pub id: Option<String>,
    /// What the error said, where it was not.
    pub outcome: Option<String>,
    pub kind: Option<String>,
}

/// What workers are started with.
pub struct Task<'a> {
    pub base_url: &'a str,
    pub creates: usize,
    pub in_flight: usize,
    pub timeout: f64,
    /// More of the environment.
    pub environment: Vec<(&'static str, OsString)>,
}

/// A worker that was started.
pub struct Worker {
    pub prefix: String,
    pub child: Child,
}

/// The languages that are there: Rust always, the others where their packages are said to be.
pub fn languages() -> Vec<&'static str> {
    let there = |name: &str| std::env::var_os(name).is_some();
    let mut all = vec!["rust"];
    all.extend(there("TORTURE_PYTHON").then_some("python"));
    all.extend(there("TORTURE_NODE").then_some("node"));
    all
}

impl Worker {
    /// Starts one. `prefix` begins its names.
    pub fn start(language: &str, prefix: String, task: &Task<'_>) -> Result<Self> {
        let here = concat!(env!("CARGO_MANIFEST_DIR"), "/");
        let mut command = match language {
            "python" => {
                let mut command = Command::new(std::env::var_os("TORTURE_PYTHON").ok_or("TORTURE_PYTHON is not set")?);
                command.args(["-I", &format!("{here}worker.py")]);
                command
            }
            "node" => {
                let mut command = Command::new("node");
                // Modules are looked for beside the file that wants them, so it is taken from where they are.
                let folder = std::env::var_os("TORTURE_NODE").ok_or("TORTURE_NODE is not set")?;
                let script = std::path::Path::new(&folder).join("torture-worker.mjs");
                std::fs::copy(format!("{here}worker.mjs"), &script)?;
                command.arg(script);
                command
            }
            _ => {
                let mut command = Command::new(std::env::current_exe()?);
                command.arg("worker");
                command
            }
        };
        let Task { base_url, creates, in_flight, timeout, environment } = task;
        command.args([&prefix, &creates.to_string(), &in_flight.to_string(), &timeout.to_string()]);
        command.env("OCAMBA_BASE_URL", base_url).env("OCAMBA_TOKEN", "torture");
        command.env("TORTURE_REQUEST", reveal(|| serde_json::to_string(&request("x")))?);
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        Ok(Self { prefix, child: command.spawn().map_err(|e| format!("cannot start a worker in {language}: {e}"))? })
    }

    /// What it said, once it has ended; one that was killed has said what it could.
    pub async fn reports(mut self) -> Result<Vec<Report>> {
        let mut text = String::new();
        if let Some(mut stdout) = self.child.stdout.take() {
            stdout.read_to_string(&mut text).await?;
        }
        self.child.wait().await?;
        Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
    }
}

/// The worker in Rust.
pub async fn work(prefix: &str, creates: usize, in_flight: usize, timeout: Duration) -> Result {
    let client = Client::builder().timeout(timeout).build()?;
    let mut under_way = FuturesUnordered::new();
    let mut names = (0..creates).map(|index| format!("{prefix}{index}"));
    loop {
        while under_way.len() < in_flight {
            let Some(name) = names.next() else { break };
            let client = &client;
            under_way.push(async move {
                let created = client.integrations().create(request(&name)).await;
                let (id, error) = (created.as_ref().ok().map(|i| i.id.clone()), created.err());
                Report {
                    name,
                    id,
                    outcome: error.as_ref().map(|e| e.outcome().to_string()),
                    kind: error.as_ref().map(|e| e.code().to_owned()),
                }
            });
        }
        match under_way.next().await {
            Some(report) => println!("{}", serde_json::to_string(&report)?),
            None => return Ok(()),
        }
    }
}

/// A sound request to the first provider there is.
pub fn request(name: &str) -> NewIntegration {
    let provider = &providers()[0];
    NewIntegration::new(name, sound_settings(provider))
}

fn sound_settings(provider: &ProviderInfo) -> Provider {
    let settings: Map<String, Value> = provider.settings.iter().map(|s| (s.name.to_owned(), json!("12345"))).collect();
    let text = json!({ "name": "x", "provider_id": provider.id, "settings": settings }).to_string();
    match NewIntegration::from_json(&text) {
        Ok(request) => request.provider,
        Err(error) => panic!("the first provider's settings want more than texts: {error}"),
    }
}
