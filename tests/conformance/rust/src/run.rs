//! The runner in Rust.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::join_all;
use ocamba_hood::{Body, Client, Error, Integration, Lane, Response, Tier};
use serde::Serialize;

use crate::Result;
use crate::judge;
use crate::plan::{Call, Case, Plan, Settings};
use crate::sandbox::Sandbox;

/// How a call ended.
pub type Ended = std::result::Result<Response<Integration>, Error>;

/// What is held against the other languages.
#[derive(Serialize)]
pub struct Observed {
    name: String,
    calls: Vec<ObservedCall>,
    requests: usize,
    commits: usize,
}

#[derive(Serialize)]
struct ObservedCall {
    /// `created` for a result.
    code: String,
    outcome: Option<String>,
    status: Option<u16>,
}

/// Runs one case after another, and says how many failed.
pub async fn all(plan: &Plan) -> Result<(Vec<Observed>, usize)> {
    let sandbox = Sandbox { base_url: &plan.sandbox, http: reqwest::Client::new() };
    let (mut all, mut failed) = (Vec::new(), 0);
    for case in &plan.cases {
        let ended = AssertUnwindSafe(run(&sandbox, case)).catch_unwind().await;
        let (observed, complaints) =
            ended.unwrap_or_else(|_| Ok(panicked(case))).map_err(|e| format!("{}: {e}", case.name))?;
        for complaint in &complaints {
            println!("FAILED {}: {complaint}", case.name);
        }
        failed += usize::from(!complaints.is_empty());
        all.push(observed);
    }
    Ok((all, failed))
}

async fn run(sandbox: &Sandbox<'_>, case: &Case) -> Result<(Observed, Vec<String>)> {
    sandbox.prepare(&case.faults).await?;
    let started = Instant::now();
    let ended = match client(&case.client) {
        Ok(client) if case.at_once => join_all(case.calls.iter().map(|c| call(&client, c))).await,
        Ok(client) => {
            let mut ended = Vec::new();
            for one in &case.calls {
                ended.push(call(&client, one).await);
            }
            ended
        }
        Err(error) => vec![Err(error)],
    };
    let took = started.elapsed();
    let journal = sandbox.journal(case.requests, case.commits).await?;
    let complaints = judge::complaints(case, &ended, took, &journal);
    let observed = Observed {
        name: case.name.clone(),
        calls: ended.iter().map(observed).collect(),
        requests: journal.len(),
        commits: journal.iter().filter(|entry| entry.committed).count(),
    };
    Ok((observed, complaints))
}

/// The case fails, and the others go on.
fn panicked(case: &Case) -> (Observed, Vec<String>) {
    (Observed { name: case.name.clone(), calls: Vec::new(), requests: 0, commits: 0 }, vec!["it panicked".to_owned()])
}

fn client(settings: &Settings) -> std::result::Result<Client, Error> {
    let Settings { token, base_url, timeout_ms, connect_timeout_ms, max_retries, max_response_bytes, lane } = settings;
    let lane = lane.map_or_else(Lane::off, |t| Lane::memory().tier(Tier { burst: t.burst, steady: t.steady }));
    let mut builder = Client::builder().lane(lane);
    if let Some(token) = token {
        builder = builder.token(token.as_str());
    }
    if let Some(base_url) = base_url {
        builder = builder.base_url(base_url);
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

async fn call(client: &Client, call: &Call) -> Ended {
    let body = Body::new_integration(&call.request.to_string(), call.allow_unknown_provider)?;
    let mut create = client.integrations().create_body(body);
    if let Some(timeout) = call.timeout_ms {
        create = create.timeout(Duration::from_millis(timeout));
    }
    if let Some(retries) = call.max_retries {
        create = create.max_retries(retries);
    }
    create.with_response().await
}

fn observed(ended: &Ended) -> ObservedCall {
    match ended {
        Ok(response) => ObservedCall { code: "created".into(), outcome: None, status: Some(response.status.as_u16()) },
        Err(error) => ObservedCall {
            code: error.code().into(),
            outcome: Some(error.outcome().to_string()),
            status: error.status().map(|s| s.as_u16()),
        },
    }
}
