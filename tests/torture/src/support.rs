//! Parts that several trials share.

use std::ffi::OsString;
use std::fmt::Display;
use std::hash::Hash;
use std::process::Stdio;
use std::time::{Duration, Instant};

use ocamba_hood::reveal;
use ocamba_sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::process::{Child, Command};
use tokio::time::sleep;

use crate::Result;
use crate::redis::unused_port;
use crate::workers::request;

/// The default rate limit: requests in a second and in a minute.
pub const BURST: usize = 10;
pub const STEADY: usize = 150;

/// Returns the minimum time of a number of requests within the default rate limit, in seconds.
pub fn least(total: usize) -> f64 {
    let before = total.saturating_sub(1);
    (before / STEADY * 60) as f64 + (before % STEADY / BURST) as f64
}

/// Returns this program as a worker that uses a sandbox.
pub fn worker(argument: &str, sandbox: &Sandbox) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(argument).env("OCAMBA_BASE_URL", sandbox.base_url()).env("OCAMBA_TOKEN", "torture");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    Ok(command)
}

/// Returns the variable that makes workers trust a sandbox, if it speaks TLS.
pub fn trust(sandbox: &Sandbox) -> Option<(&'static str, OsString)> {
    Some(("OCAMBA_ROOT_CERTIFICATES", sandbox.ca_certificate()?.into()))
}

/// Sends a signal to a process, and returns whether it could.
pub fn signal(process: &Child, name: &str) -> bool {
    let Some(id) = process.id() else { return false };
    std::process::Command::new("kill").args([name, &id.to_string()]).status().is_ok_and(|status| status.success())
}

/// A program that listens on an unused port, and ends with this value.
pub struct LocalServer {
    pub port: u16,
    _child: Child,
}

impl LocalServer {
    /// Starts a program of a Debian package, with the arguments for a port, and waits until it listens.
    pub async fn start(
        program: &str,
        package: &str,
        arguments: impl FnOnce(u16) -> Result<Vec<OsString>>,
    ) -> Result<Self> {
        let port = unused_port();
        let mut command = Command::new(program);
        command.args(arguments(port)?).stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|e| {
            format!("{program} did not start ({e}); install it, on Debian with: sudo apt-get install {package}")
        })?;
        let started = Instant::now();
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            if started.elapsed() > Duration::from_secs(20) || child.try_wait()?.is_some() {
                return Err(format!("{program} did not start").into());
            }
            sleep(Duration::from_millis(10)).await;
        }
        Ok(Self { port, _child: child })
    }
}

/// Returns valid requests with the names `row-0`, `row-1` and so on, as JSON.
pub fn rows(count: usize) -> Result<Vec<String>> {
    (0..count).map(|row| Ok(reveal(|| serde_json::to_string(&request(&format!("row-{row}"))))?)).collect()
}

/// Counts equal values, sorted: `2 created, 1 unknown`.
pub fn counted<T: Display + Eq + Hash>(values: impl IntoIterator<Item = T>) -> String {
    let mut counts = std::collections::HashMap::<T, usize>::new();
    values.into_iter().for_each(|value| *counts.entry(value).or_default() += 1);
    let mut counts: Vec<_> = counts.into_iter().map(|(value, count)| format!("{count} {value}")).collect();
    counts.sort();
    counts.join(", ")
}

/// Returns faults that affect two in ten requests. All are truthful: a refused request has no effect, a success has one.
///
/// One is a late commit, `late_after` its request, with the probability `late`.
pub fn faults(late_after: Duration, late: Option<f64>) -> Vec<Value> {
    let kinds = [
        json!({ "answer": { "status": 429, "headers": { "Retry-After": "0" } } }),
        json!({ "answer": { "status": 500 } }),
        json!({ "answer": { "status": 500, "at": "commit" } }),
        json!({ "answer": { "status": 201, "at": "commit", "body": { "text": "{" } } }),
        json!({ "delay": { "ms": 100 } }),
        json!({ "close": { "at": "arrival" } }),
        json!({ "close": { "at": "read" } }),
        json!({ "close": { "at": "commit" } }),
        json!({ "reset": { "at": "commit" } }),
        json!({ "close": { "at": { "answer": 40 } } }),
    ];
    let share = 0.2 / (kinds.len() + 1) as f64;
    let late = (json!({ "delay": { "ms": late_after.as_millis() as u64, "at": "read" } }), late.unwrap_or(share));
    let all = kinds.into_iter().map(|fault| (fault, share)).chain([late]);
    all.map(|(fault, share)| json!({ "probability": share, "fault": fault })).collect()
}
