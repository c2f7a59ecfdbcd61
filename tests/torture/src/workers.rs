//! Processes that make calls, in each language, and report the results.
//!
//! The arguments of a worker are the number of concurrent calls, the timeout in seconds, and the number of retries. Each
//! line of its input is a name to create, or another operation, an ID and a name, as `update:1165:name`. Workers in Python and
//! Node also make creates that end early, after some seconds, as `cancel:0.002:name`. It prints a history of its calls, in
//! which each `return` is a [`Report`]. Base URL, token and request are in the environment.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Seek};
use std::process::Stdio;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use ocamba_history::{Event, Operation};
use ocamba_hood::{Client, NewIntegration, Provider, ProviderInfo, UpdateIntegration, providers, reveal};
use ocamba_sandbox::Sandbox;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::Result;
use crate::history::{Recorder, Report, check_history};
use crate::support::counted;

/// Default number of retries.
pub const RETRIES: u32 = 3;

/// Settings of a worker.
pub struct Task<'a> {
    pub base_url: &'a str,
    pub in_flight: usize,
    pub timeout: f64,
    pub max_retries: u32,
    /// Additional environment variables.
    pub environment: Vec<(&'static str, OsString)>,
}

/// A running worker.
pub struct Worker {
    pub child: Child,
    names: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
    history: Vec<Event>,
    /// Its standard error: a file, since a full pipe would block the worker.
    complaints: File,
}

/// Returns the available languages: Rust, and those whose packages the environment names.
pub fn languages() -> Vec<&'static str> {
    let there = |name: &str| std::env::var_os(name).is_some();
    let mut all = vec!["rust"];
    all.extend(there("TORTURE_PYTHON").then_some("python"));
    all.extend(there("TORTURE_NODE").then_some("node"));
    all
}

/// Has a worker make `creates` creates in a sandbox, which may end them so late, and checks its history. Returns the reports,
/// and what to print.
pub async fn checked_creates(
    language: &str,
    task: &Task<'_>,
    (prefix, creates): (&str, usize),
    sandbox: &Sandbox,
    late: Duration,
) -> Result<(Vec<Report>, String)> {
    let started = Instant::now();
    let mut worker = Worker::start(language, task)?;
    worker.create_all(prefix, creates);
    let (reports, history) = worker.reports().await?;
    let outcomes = counted(reports.iter().map(|report| report.outcome));
    if reports.len() != creates {
        return Err(format!("{} of {creates} creates were reported, with {outcomes}", reports.len()).into());
    }
    let seconds = started.elapsed().as_secs_f64();
    let summary = check_history(sandbox, &history, late).await.map_err(|e| format!("{outcomes}: {e}"))?;
    Ok((reports, format!("{creates} creates in {seconds:.0} s: {outcomes}; {summary}")))
}

impl Worker {
    /// Starts a worker.
    pub fn start(language: &str, task: &Task<'_>) -> Result<Self> {
        let here = concat!(env!("CARGO_MANIFEST_DIR"), "/");
        let mut command = match language {
            "python" => {
                let mut command = Command::new(std::env::var_os("TORTURE_PYTHON").ok_or("TORTURE_PYTHON is not set")?);
                command.args(["-I", &format!("{here}worker.py")]);
                command
            }
            "node" => {
                let mut command = Command::new("node");
                // Node looks for modules in the folder of the script, so the script must be in the folder of the packages.
                let folder = std::env::var_os("TORTURE_NODE").ok_or("TORTURE_NODE is not set")?;
                let script = std::path::Path::new(&folder).join("torture-worker.mjs");
                let source = std::fs::read(format!("{here}worker.mjs"))?;
                // Another worker may be reading it.
                if std::fs::read(&script).ok().as_ref() != Some(&source) {
                    std::fs::write(&script, source)?;
                }
                command.arg(script);
                command
            }
            _ => {
                let mut command = Command::new(std::env::current_exe()?);
                command.arg("worker");
                command
            }
        };
        let Task { base_url, in_flight, timeout, max_retries, environment } = task;
        command.args([in_flight.to_string(), timeout.to_string(), max_retries.to_string()]);
        command.env("OCAMBA_BASE_URL", base_url).env("OCAMBA_TOKEN", "torture");
        command.env("TORTURE_REQUEST", reveal(|| serde_json::to_string(&request("x")))?);
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        let complaints = tempfile::tempfile()?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(complaints.try_clone()?).kill_on_drop(true);
        let mut child = command.spawn().map_err(|e| format!("cannot start a worker in {language}: {e}"))?;
        let (names, lines) = (child.stdin.take(), child.stdout.take().ok_or("a worker has no output")?);
        Ok(Self { child, names, lines: BufReader::new(lines).lines(), history: Vec::new(), complaints })
    }

    /// Makes one call, and returns its report.
    pub async fn call(&mut self, line: &str) -> Result<Report> {
        if let Some(names) = &mut self.names {
            // If the worker has ended, the error below says why.
            let _ = names.write_all(format!("{line}\n").as_bytes()).await;
        }
        match self.report().await? {
            Some(report) => Ok(report),
            None => Err(format!("the worker has ended: {}", self.complaints().await?).into()),
        }
    }

    /// Reads the history until the next call has ended.
    async fn report(&mut self) -> Result<Option<Report>> {
        while let Some(line) = self.lines.next_line().await? {
            // A killed worker may not complete its last line.
            let Ok(event) = serde_json::from_str(&line) else { break };
            let is_end = matches!(event, Event::Return { .. });
            self.history.push(event);
            if is_end {
                return Ok(Some(serde_json::from_str(&line)?));
            }
        }
        Ok(None)
    }

    /// Takes the history so far.
    pub fn take_history(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.history)
    }

    /// Creates `creates` integrations, and ends.
    pub fn create_all(&mut self, prefix: &str, creates: usize) {
        self.call_all((0..creates).map(|index| format!("{prefix}{index}\n")).collect());
    }

    /// Makes the calls of these lines, and ends.
    pub fn call_all(&mut self, lines: String) {
        let Some(mut names) = self.names.take() else { return };
        // A killed worker stops reading.
        tokio::spawn(async move { drop(names.write_all(lines.as_bytes()).await) });
    }

    /// Waits for the end, and returns the remaining reports and the history: of a killed worker, those until the kill.
    pub async fn reports(mut self) -> Result<(Vec<Report>, Vec<Event>)> {
        drop(self.names.take());
        let mut reports = Vec::new();
        while let Some(report) = self.report().await? {
            reports.push(report);
        }
        let complaints = self.complaints().await?;
        match complaints.is_empty() {
            true => Ok((reports, self.history)),
            false => Err(format!("a worker printed an error: {complaints}").into()),
        }
    }

    /// Waits for the end, and returns the standard error, as that of a panic.
    async fn complaints(&mut self) -> Result<String> {
        self.child.wait().await?;
        let mut text = String::new();
        self.complaints.rewind()?;
        self.complaints.read_to_string(&mut text)?;
        Ok(text)
    }
}

/// Runs the worker in Rust.
pub async fn work(in_flight: usize, timeout: Duration, max_retries: u32) -> Result {
    let client = Client::builder().timeout(timeout).max_retries(max_retries).build()?;
    let recorder = Recorder::default();
    let lines = BufReader::new(tokio::io::stdin()).lines();
    let names = stream::unfold(lines, async |mut lines| Some((lines.next_line().await.ok()??, lines)));
    names.for_each_concurrent(in_flight, |line| call(&client, &recorder, line)).await;
    Ok(())
}

async fn call(client: &Client, recorder: &Recorder, line: String) {
    let words: Vec<_> = line.split(':').collect();
    let (operation, id, name) = match words[..] {
        [name] => ("create", "", name),
        [operation, id] => (operation, id, ""),
        [operation, id, name] => (operation, id, name),
        _ => panic!("{line} is not an operation"),
    };
    let kind = match operation {
        "create" => Operation::Create,
        "update" => Operation::Update,
        _ => Operation::Other,
    };
    let mut report = recorder.begin(kind, name);
    let error = match carry_out(client, operation, id, name).await {
        Ok(id) => {
            report.integration = id;
            None
        }
        Err(error) => Some(error),
    };
    recorder.end(report, error.as_ref());
}

/// Makes a call, and returns the ID of the integration, if any.
async fn carry_out(
    client: &Client,
    operation: &str,
    id: &str,
    name: &str,
) -> std::result::Result<Option<String>, ocamba_hood::Error> {
    let integrations = client.integrations();
    match operation {
        "create" => return Ok(Some(integrations.create(request(name)).await?.id)),
        "get" => return Ok(Some(integrations.get(id).await?.id)),
        "list" => drop(integrations.list().all().await?),
        "validate" => integrations.validate(request("x")).await?,
        "update" => integrations.update(id, UpdateIntegration::new().name(name)).await?,
        "send_test" => integrations.send_test(id).await?,
        other => panic!("unknown operation {other}"),
    }
    Ok(None)
}

/// Returns a valid request for the first provider.
pub fn request(name: &str) -> NewIntegration {
    let provider = &providers()[0];
    NewIntegration::new(name, sound_settings(provider))
}

fn sound_settings(provider: &ProviderInfo) -> Provider {
    let settings: Map<String, Value> = provider.settings.iter().map(|s| (s.name.to_owned(), json!("12345"))).collect();
    let text = json!({ "name": "x", "provider_id": provider.id, "settings": settings }).to_string();
    match NewIntegration::from_json(&text) {
        Ok(request) => request.provider,
        Err(error) => panic!("the settings of the first provider are not all strings: {error}"),
    }
}
