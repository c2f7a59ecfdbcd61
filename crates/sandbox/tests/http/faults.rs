//! Faults that keep the connection: other responses, changed, late or missing ones.

use std::time::{Duration, Instant};

use ocamba_sandbox::Sandbox;
use ocamba_sandbox::faults::Faults;
use serde_json::{Value, json};

use crate::Result;
use crate::client::{Connection, ask, create, eventually, examples, right};

/// Starts a sandbox without limits that always has this fault.
pub async fn with(fault: Value) -> Result<Sandbox> {
    with_rules(json!([{ "fault": fault }])).await
}

pub async fn with_rules(rules: Value) -> Result<Sandbox> {
    let faults: Faults = json!({ "seed": 5, "faults": rules }).to_string().parse()?;
    Ok(Sandbox::builder().no_limits().faults(faults).start().await?)
}

/// Checks the only entry of the journal against the integrations, and returns its status.
pub fn only_entry(sandbox: &Sandbox, kind: &str, committed: bool) -> Option<u16> {
    let (journal, created) = (sandbox.journal(), sandbox.integrations());
    let [entry] = journal.as_slice() else { panic!("{journal:?}") };
    assert_eq!((entry.fault, entry.committed, created.len()), (Some(kind), committed, usize::from(committed)));
    assert_eq!(entry.integration_id.as_ref(), created.first().map(|it| &it.id));
    entry.status
}

#[tokio::test(flavor = "multi_thread")]
async fn answer_fault_sends_any_status_and_body() -> Result {
    let long = 3 << 20;
    for (body, content_type, expected) in [
        (json!({ "json": { "id": 7 } }), "application/json", b"{\"id\":7}".to_vec()),
        (json!({ "text": "{\"id\": " }), "application/json", b"{\"id\": ".to_vec()),
        (json!({ "text": "" }), "application/json", vec![]),
        (json!({ "html": "<h1>busy</h1>" }), "text/html", b"<h1>busy</h1>".to_vec()),
        (json!({ "hex": "22fffe22" }), "application/json", b"\"\xff\xfe\"".to_vec()),
        (json!({ "size": long }), "application/json", vec![b' '; long]),
    ] {
        for status in [200, 201, 404, 500, 503, 599, 999] {
            let sandbox = with(json!({ "answer": { "status": status, "body": body } })).await?;
            let response = ask(&sandbox, create(right()));
            assert_eq!((response.status, response.header("content-type")), (status, Some(content_type)));
            assert!(response.body == expected, "{status} {body}");
            assert_eq!(only_entry(&sandbox, "answer", false), Some(status));
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn answer_fault_sends_the_documented_error_or_nothing_without_a_body() -> Result {
    for status in [400, 401, 403, 429, 502] {
        let sandbox = with(json!({ "answer": { "status": status } })).await?;
        assert_eq!(ask(&sandbox, create(right())).refused(status), "a fault of the sandbox");
    }
    let sandbox = with(json!({ "answer": { "status": 500 } })).await?;
    let body = ask(&sandbox, create(right())).json();
    assert_eq!((&body["title"], body.get("message")), (&json!("Internal server error."), None));
    let sandbox = with(json!({ "answer": { "status": 204 } })).await?;
    let response = ask(&sandbox, create(right()));
    assert_eq!((response.status, response.header("content-type"), response.body.len()), (204, None, 0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn answer_fault_adds_or_replaces_headers() -> Result {
    let response = |status: u16, headers: Value| async move {
        let sandbox = with(json!({ "answer": { "status": status, "headers": headers } })).await?;
        Result::Ok(ask(&sandbox, create(right())))
    };
    for wait in ["7", "-1", "soon"] {
        assert_eq!(response(429, json!({ "Retry-After": wait })).await?.header("retry-after"), Some(wait));
    }
    let redirect = response(307, json!({ "Location": "http://elsewhere.example/" })).await?;
    assert_eq!(redirect.header("location"), Some("http://elsewhere.example/"));
    assert_eq!(response(500, json!({ "content-type": "image/png" })).await?.header("content-type"), Some("image/png"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn quota_headers_are_absent_only_when_the_status_is_429() -> Result {
    for (status, quota) in [(429, None), (503, Some("10"))] {
        let faults: Faults =
            json!({ "faults": [{ "fault": { "answer": { "status": status } } }] }).to_string().parse()?;
        let sandbox = Sandbox::builder().steady(0).faults(faults).start().await?;
        assert_eq!(ask(&sandbox, create(right())).header("x-ratelimit-limit"), quota, "{status}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn answer_fault_can_follow_the_effect() -> Result {
    let sandbox = with(json!({ "answer": { "status": 500, "at": "commit" } })).await?;
    assert_eq!(ask(&sandbox, create(right())).status, 500);
    assert_eq!(only_entry(&sandbox, "answer", true), Some(500));
    sandbox.reset();
    assert_eq!(ask(&sandbox, create("{}")).status, 500);
    assert_eq!(only_entry(&sandbox, "answer", false), Some(500));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn change_fault_changes_the_response() -> Result {
    let sandbox = with(json!({ "change": {
        "status": 200,
        "headers": { "Content-Type": "text/plain", "X-New": "1" },
        "set": { "/status": "asleep", "/provider_id": "99", "/company_id": null, "/new": { "a": [1] }, "/settings/x": 1 },
        "remove": ["/is_default"],
    } }))
    .await?;
    let response = ask(&sandbox, create(right()));
    assert_eq!((response.status, response.header("x-new")), (200, Some("1")));
    assert_eq!(response.header("content-type"), Some("text/plain"));
    let mut expected = examples()[0].1.clone();
    for (name, value) in [
        ("status", json!("asleep")),
        ("provider_id", json!("99")),
        ("company_id", Value::Null),
        ("new", json!({ "a": [1] })),
    ] {
        expected[name] = value;
    }
    expected["settings"]["x"] = json!(1);
    expected.as_object_mut().unwrap().shift_remove("is_default");
    assert_eq!(serde_json::from_slice::<Value>(&response.body)?, expected);
    assert_eq!(only_entry(&sandbox, "change", true), Some(200));
    // An error response does not change.
    ask(&sandbox, create("{}")).refused(400);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn delay_is_before_or_after_the_effect() -> Result {
    for at in ["read", "commit"] {
        let sandbox = with(json!({ "delay": { "ms": 80, "at": at } })).await?;
        let start = Instant::now();
        assert_eq!(ask(&sandbox, create(right())).status, 201);
        assert!(start.elapsed() >= Duration::from_millis(80), "{at}");
        assert_eq!(only_entry(&sandbox, "delay", true), Some(201));
        assert!(sandbox.journal()[0].duration_ms >= Some(80.0));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn delayed_request_takes_effect_when_its_client_has_left() -> Result {
    let sandbox = with(json!({ "delay": { "ms": 5_000 } })).await?;
    let mut client = Connection::open(&sandbox);
    client.send(create(right()));
    eventually(|| sandbox.journal().iter().any(|entry| entry.fault.is_some()));
    drop(client);
    eventually(|| sandbox.journal()[0].duration_ms.is_some());
    assert_eq!(only_entry(&sandbox, "delay", false), None);
    eventually(|| sandbox.journal()[0].committed);
    assert_eq!(only_entry(&sandbox, "delay", true), None);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn reset_ends_delayed_requests() -> Result {
    let sandbox = with(json!({ "delay": { "ms": 3_600_000 } })).await?;
    let mut client = Connection::open(&sandbox);
    client.send(create(right()));
    eventually(|| sandbox.journal().iter().any(|entry| entry.fault.is_some()));
    // Repeatedly, since nothing signals the start of the delay.
    eventually(|| {
        sandbox.reset();
        client.has_response()
    });
    assert_eq!(client.receive().status, 500);
    assert_eq!((sandbox.journal().len(), sandbox.integrations().len()), (0, 0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn hang_lasts_until_the_client_leaves() -> Result {
    for (at, committed) in [("read", false), ("commit", true)] {
        let sandbox = with(json!({ "hang": { "at": at } })).await?;
        let mut client = Connection::open(&sandbox);
        client.send(create(right()));
        eventually(|| sandbox.journal().iter().any(|it| it.fault.is_some() && it.committed == committed));
        assert_eq!(sandbox.journal()[0].duration_ms, None);
        drop(client);
        eventually(|| sandbox.journal()[0].duration_ms.is_some());
        assert_eq!(only_entry(&sandbox, "hang", committed), None);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn drip_sends_byte_by_byte_and_keeps_the_connection() -> Result {
    let sandbox = with_rules(json!([{ "times": 1, "fault": { "drip": { "ms": 5 } } }])).await?;
    let mut client = Connection::open(&sandbox);
    client.send(create(right()));
    let start = Instant::now();
    let response = client.receive();
    let bytes = u32::try_from(response.body.len())?;
    assert_eq!((response.status, &response.json()["id"]), (201, &examples()[0].1["id"]));
    assert!(start.elapsed() >= Duration::from_millis(5) * bytes, "{:?} for {bytes} bytes", start.elapsed());
    assert_eq!(only_entry(&sandbox, "drip", true), Some(201));
    assert_eq!(client.send(create(right())).receive().status, 201);
    assert_eq!(sandbox.journal()[1].fault, None);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn drip_starts_after_some_bytes() -> Result {
    let hour = 3_600_000;
    let sandbox = with(json!({ "drip": { "ms": hour, "after": 100_000 } })).await?;
    assert_eq!(ask(&sandbox, create(right())).status, 201, "a shorter response comes whole");

    let sandbox = with(json!({ "drip": { "ms": 5, "after": 40 } })).await?;
    let start = Instant::now();
    let bytes = u32::try_from(ask(&sandbox, create(right())).body.len())?;
    assert!(start.elapsed() >= Duration::from_millis(5) * bytes, "{:?} for {bytes} bytes", start.elapsed());
    Ok(())
}
