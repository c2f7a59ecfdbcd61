//! Creates with every kind of fault: no duplicates, and every outcome must be true.

use std::time::Duration;

use ocamba_sandbox::Sandbox;
use ocamba_sandbox::faults::Faults;
use serde_json::{Value, json};

use crate::Result;
use crate::support::trust;
use crate::workers::{RETRIES, Task, checked_creates, languages};

/// Timeout in seconds, shorter than the faults that stall.
const TIMEOUT: f64 = 0.25;
const IN_FLIGHT: usize = 64;
/// Longer than the longest delay before a commit.
const LATE: Duration = Duration::from_millis(1_500);

/// Statuses that a gateway may answer with whatever the API did.
const GATEWAY_STATUSES: [u16; 13] = [200, 201, 204, 302, 403, 408, 409, 429, 499, 500, 502, 503, 504];

/// Makes `creates` creates in each language, in plain HTTP or in TLS.
pub async fn run(creates: usize, seed: u64, tls: bool) -> Result {
    for language in languages() {
        let faults: Faults = faults(seed, tls).to_string().parse()?;
        let sandbox = Sandbox::builder().tls(tls).no_limits().journal(creates * 4).faults(faults).start().await?;
        let base_url = sandbox.base_url();
        let environment = trust(&sandbox).into_iter().chain([("OCAMBA_RATE_LIMIT", "off".into())]).collect();
        let task =
            Task { base_url: &base_url, in_flight: IN_FLIGHT, timeout: TIMEOUT, max_retries: RETRIES, environment };
        let made = checked_creates(language, &task, ("dup-", creates), &sandbox, LATE).await;
        let (_, text) = made.map_err(|e| format!("{language}: {e}"))?;
        let faulted = sandbox.journal().iter().filter(|entry| entry.fault.is_some()).count();
        println!("  {language}, {faulted} requests with faults: {text}");
    }
    Ok(())
}

/// Returns faults of every kind that the sandbox has, for all requests but a few. All are truthful: what the API itself
/// refuses has no effect, and what it answers with success has one. Gateways may answer anything.
fn faults(seed: u64, tls: bool) -> Value {
    let answer = |status: u16, at: &str, more: Value| {
        let mut answer = json!({ "status": status, "at": at });
        answer.as_object_mut().into_iter().zip(more.as_object()).for_each(|(all, more)| all.extend(more.clone()));
        json!({ "answer": answer })
    };
    let html = || json!({ "body": { "html": "<h1>Blocked</h1>" } });
    let wait = |seconds: &str| json!({ "headers": { "Retry-After": seconds } });
    // By the connection. Those within the request come first, since the sandbox decides on them first.
    let ends = |at: Value| {
        let plain = ["close", "reset"].map(|end| json!({ end: { "at": at } }));
        let in_tls = ["alert", "cut_in_record", "half_close", "no_close_notify"]
            .map(|end| json!({ "tls": { end: { "at": at } } }));
        plain.into_iter().chain(in_tls.into_iter().filter(|_| tls)).collect::<Vec<_>>()
    };
    let mut kinds = Vec::new();
    for at in [json!("arrival"), json!({ "request": 200 }), json!({ "request": 300 })] {
        kinds.extend(ends(at));
    }
    // The latter two are within the head and the body.
    for at in [json!("read"), json!("commit"), json!({ "answer": 40 }), json!({ "answer": 300 })] {
        kinds.extend(ends(at));
    }
    for at in ["read", "commit"] {
        kinds.extend([json!({ "delay": { "ms": 1_000, "at": at } }), json!({ "hang": { "at": at } })]);
    }
    kinds.extend([json!({ "delay": { "ms": 40 } }), json!({ "drip": { "ms": 1_000, "after": 150 } })]);
    // By the API.
    kinds.extend([
        answer(400, "read", json!({})),
        answer(403, "read", json!({})),
        answer(429, "read", wait("0")),
        answer(429, "read", wait("-1")),
        answer(429, "read", wait("soon")),
        answer(500, "read", json!({})),
        answer(500, "commit", json!({})),
        answer(201, "commit", json!({ "body": { "text": "{\"id\": " } })),
        answer(201, "commit", json!({ "body": { "hex": "fffe00" } })),
        json!({ "change": { "set": { "/status": "asleep", "/provider_id": "9999", "/colour": "red", "/company_id": null } } }),
    ]);
    // By something before it. It answers the first two only in place of the API.
    kinds.extend([401, 404].map(|status| answer(status, "read", html())));
    for at in ["read", "commit"] {
        kinds.extend(GATEWAY_STATUSES.map(|status| answer(status, at, html())));
    }
    // Each is as probable as the others, and as no fault.
    let count = kinds.len();
    let rule = |(index, fault)| json!({ "probability": 1.0 / (count + 1 - index) as f64, "fault": fault });
    let handshakes = ["alert_on_hello", "alert_on_finished", "hang", "http2_only", "tls12_only", "no_tickets"];
    let handshakes = handshakes.map(|kind| json!({ "probability": 0.1, "fault": { "tls": kind } }));
    let rules = kinds.into_iter().enumerate().map(rule).chain(handshakes.into_iter().filter(|_| tls));
    json!({ "seed": seed, "faults": rules.collect::<Vec<_>>() })
}
