//! The runner in Rust.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::join_all;
use ocamba_hood::{Client, Error, Proxy, RateLimit, Tier};
use serde::Serialize;

use crate::Result;
use crate::call::{self, Ended};
use crate::judge;
use crate::plan::{Case, Plan, Settings};
use crate::sandbox::Sandbox;

/// Results of a run, which `cargo xtask` compares between the languages.
#[derive(Default, Serialize)]
pub struct Results {
    pub observed: Vec<Observed>,
    /// What is wrong with each case that failed.
    pub failed: BTreeMap<String, Vec<String>>,
}

/// What a case led to.
#[derive(Serialize)]
pub struct Observed {
    name: String,
    calls: Vec<ObservedCall>,
    requests: usize,
    commits: usize,
}

#[derive(Serialize)]
struct ObservedCall {
    /// Error code, or `ok` for a result.
    code: String,
    outcome: Option<String>,
    status: Option<u16>,
}

/// Runs the cases in order.
pub async fn all(plan: &Plan) -> Result<Results> {
    let sandbox = Sandbox { base_url: &plan.sandbox, http: reqwest::Client::new() };
    let mut results = Results::default();
    for case in &plan.cases {
        let mut attempts = 0;
        let (observed, complaints) = loop {
            attempts += 1;
            let ended = AssertUnwindSafe(run(&sandbox, plan, case)).catch_unwind().await;
            let ended = ended.unwrap_or_else(|_| Ok(panicked(case))).map_err(|e| format!("{}: {e}", case.name))?;
            if ended.1.is_empty() || attempts >= case.attempts {
                break ended;
            }
        };
        for complaint in &complaints {
            println!("FAILED {}: {complaint}", case.name);
        }
        if !complaints.is_empty() {
            results.failed.insert(case.name.clone(), complaints);
        }
        results.observed.push(observed);
    }
    Ok(results)
}

async fn run(sandbox: &Sandbox<'_>, plan: &Plan, case: &Case) -> Result<(Observed, Vec<String>)> {
    sandbox.prepare(case).await?;
    let started = Instant::now();
    let ended = match client(&case.client) {
        Ok(client) if case.at_once => join_all(case.calls.iter().map(|one| call::make(&client, one, &[]))).await,
        Ok(client) => {
            let mut ended = Vec::new();
            for one in &case.calls {
                ended.push(call::make(&client, one, &ended).await);
            }
            ended
        }
        Err(error) => vec![Err(error)],
    };
    let took = started.elapsed();
    let journal = sandbox.journal(case.requests, case.commits).await?;
    let complaints = judge::complaints(plan, case, &ended, took, &journal);
    let observed = Observed {
        name: case.name.clone(),
        calls: ended.iter().map(observed).collect(),
        requests: journal.len(),
        commits: journal.iter().filter(|entry| entry.committed).count(),
    };
    Ok((observed, complaints))
}

/// Fails a case that panicked, so that the others still run.
fn panicked(case: &Case) -> (Observed, Vec<String>) {
    let observed = Observed { name: case.name.clone(), calls: Vec::new(), requests: 0, commits: 0 };
    (observed, vec!["it panicked".to_owned()])
}

fn client(settings: &Settings) -> std::result::Result<Client, Error> {
    let Settings { token, base_url, proxy, timeout_ms, connect_timeout_ms, .. } = settings;
    let Settings { max_retries, max_response_bytes, rate_limit_tier, .. } = settings;
    let rate_limit = rate_limit_tier
        .map_or_else(RateLimit::off, |t| RateLimit::memory().tier(Tier { burst: t.burst, steady: t.steady }));
    let mut builder = Client::builder().rate_limit(rate_limit);
    if let Some(token) = token {
        builder = builder.token(token.as_str());
    }
    if let Some(base_url) = base_url {
        builder = builder.base_url(base_url);
    }
    if let Some(proxy) = proxy {
        builder = builder.proxy(Proxy::url(proxy.as_str()));
    }
    if let Some(timeout) = timeout_ms {
        builder = builder.timeout(Duration::from_millis(*timeout));
    }
    if let Some(timeout) = connect_timeout_ms {
        builder = builder.connect_timeout(Duration::from_millis(*timeout));
    }
    if let Some(retries) = max_retries {
        builder = builder.max_retries(*retries);
    }
    if let Some(bytes) = max_response_bytes {
        builder = builder.max_response_bytes(*bytes);
    }
    builder.build()
}

fn observed(ended: &Ended) -> ObservedCall {
    match ended {
        Ok(done) => ObservedCall { code: "ok".into(), outcome: None, status: done.status },
        Err(error) => ObservedCall {
            code: error.code().into(),
            outcome: Some(error.outcome().to_string()),
            status: error.status().map(|s| s.as_u16()),
        },
    }
}
