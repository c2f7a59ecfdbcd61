//! Creates with every kind of fault: no duplicates, and every outcome must be true.

use std::collections::HashMap;
use std::time::Instant;

use ocamba_sandbox::Sandbox;
use ocamba_sandbox::faults::Faults;
use serde_json::{Value, json};

use crate::Result;
use crate::support::counted;
use crate::workers::{RETRIES, Report, Task, Worker, languages};

/// Timeout in seconds, shorter than the faults that stall.
const TIMEOUT: f64 = 0.4;
const IN_FLIGHT: usize = 32;

/// Makes `creates` creates in each language.
pub async fn run(creates: usize, seed: u64) -> Result {
    for language in languages() {
        let faults: Faults = faults(seed).to_string().parse()?;
        let sandbox = Sandbox::builder().no_limits().journal(creates * 6).faults(faults).start().await?;
        let base_url = sandbox.base_url();
        let environment = vec![("OCAMBA_RATE_LIMIT", "off".into())];
        let task =
            Task { base_url: &base_url, in_flight: IN_FLIGHT, timeout: TIMEOUT, max_retries: RETRIES, environment };
        let started = Instant::now();
        let mut worker = Worker::start(language, &task)?;
        worker.create_all("dup-", creates);
        let reports = worker.reports().await?;
        if reports.len() != creates {
            return Err(format!("{language}: {} of {creates} creates were reported", reports.len()).into());
        }
        let summary = check(&sandbox, &reports).map_err(|e| format!("{language}: {e}"))?;
        println!("  {language}: {creates} creates in {:.0} s, {summary}", started.elapsed().as_secs_f64());
    }
    Ok(())
}

/// Returns faults that affect three in ten requests. All are truthful: a refused request has no effect, a success has one.
fn faults(seed: u64) -> Value {
    let answer = |status: u16, more: Value| {
        let mut answer = json!({ "status": status });
        answer.as_object_mut().into_iter().zip(more.as_object()).for_each(|(all, more)| all.extend(more.clone()));
        json!({ "answer": answer })
    };
    let kinds = vec![
        answer(400, json!({})),
        answer(401, json!({ "body": { "html": "<h1>no</h1>" } })),
        answer(429, json!({ "headers": { "Retry-After": "0" } })),
        answer(429, json!({ "headers": { "Retry-After": "-1" } })),
        answer(429, json!({ "headers": { "Retry-After": "soon" } })),
        answer(500, json!({})),
        answer(500, json!({ "at": "commit" })),
        answer(503, json!({ "body": { "text": "" } })),
        answer(302, json!({ "headers": { "Location": "/elsewhere" } })),
        answer(201, json!({ "at": "commit", "body": { "text": "{\"id\": " } })),
        answer(201, json!({ "at": "commit", "body": { "hex": "fffe00" } })),
        answer(201, json!({ "at": "commit", "body": { "html": "<p>done</p>" } })),
        json!({ "delay": { "ms": 100 } }),
        json!({ "delay": { "ms": 1_000 } }),
        json!({ "delay": { "ms": 1_000, "at": "commit" } }),
        json!({ "hang": {} }),
        json!({ "hang": { "at": "commit" } }),
        json!({ "close": { "at": "arrival" } }),
        json!({ "close": { "at": { "request": 200 } } }),
        json!({ "close": { "at": "read" } }),
        json!({ "close": { "at": "commit" } }),
        json!({ "close": { "at": { "answer": 40 } } }),
        json!({ "close": { "at": { "answer": 300 } } }),
        json!({ "reset": { "at": "arrival" } }),
        json!({ "reset": { "at": { "request": 350 } } }),
        json!({ "reset": { "at": "read" } }),
        json!({ "reset": { "at": "commit" } }),
        json!({ "reset": { "at": { "answer": 150 } } }),
        json!({ "change": { "set": { "/status": "asleep", "/provider_id": "9999", "/colour": "red", "/company_id": null } } }),
    ];
    let each = 0.3 / kinds.len() as f64;
    let rules: Vec<_> = kinds.into_iter().map(|fault| json!({ "probability": each, "fault": fault })).collect();
    json!({ "seed": seed, "faults": rules })
}

/// Compares the reports with the journal.
fn check(sandbox: &Sandbox, reports: &[Report]) -> Result<String> {
    let journal = sandbox.journal();
    let mut committed: HashMap<&str, usize> = HashMap::new();
    for name in journal.iter().filter(|entry| entry.committed).filter_map(|entry| entry.name.as_deref()) {
        *committed.entry(name).or_default() += 1;
    }
    let mut outcomes = Vec::new();
    for report in reports {
        let times = committed.get(report.name.as_str()).copied().unwrap_or_default();
        let outcome = report.outcome.as_deref().unwrap_or("created");
        let agrees = match outcome {
            "created" | "applied" => times == 1,
            "not_sent" | "rejected" => times == 0,
            "unknown" => times <= 1,
            _ => false,
        };
        if !agrees {
            let seen: Vec<_> = journal.iter().filter(|e| e.name.as_deref() == Some(&report.name)).collect();
            return Err(format!("{report:?}, and the journal has {times} commits: {seen:#?}").into());
        }
        outcomes.push(outcome);
    }
    let faulted = journal.iter().filter(|entry| entry.fault.is_some()).count();
    Ok(format!("{faulted} requests with faults, 0 duplicates: {}", counted(outcomes)))
}
