//! Parts that several trials share.

use std::fmt::Display;
use std::hash::Hash;
use std::process::Stdio;
use std::time::Duration;

use ocamba_hood::reveal;
use ocamba_sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::Result;
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
