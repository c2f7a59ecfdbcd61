//! Faults that end the connection early: in order or by a reset, at every position.

use std::net::Shutdown;

use ocamba_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::Result;
use crate::client::{Connection, ask, control, create, eventually, request, right};
use crate::faults::{only_entry, with, with_rules};

const KINDS: [(&str, bool); 2] = [("close", false), ("reset", true)];

/// Sends a valid create, and returns all received bytes and whether the end was a reset.
fn exchange(sandbox: &Sandbox) -> (Vec<u8>, bool) {
    let mut client = Connection::open(sandbox);
    client.send(create(right()));
    client.rest()
}

#[tokio::test(flavor = "multi_thread")]
async fn connection_ends_before_or_after_the_effect() -> Result {
    for (kind, is_reset) in KINDS {
        for (at, committed) in [
            (json!("arrival"), false),
            (json!({ "request": 0 }), false),
            (json!({ "request": 60 }), false),
            (json!("read"), false),
            (json!("commit"), true),
            (json!({ "answer": 0 }), true),
        ] {
            let sandbox = with(json!({ kind: { "at": at } })).await?;
            assert_eq!(exchange(&sandbox), (vec![], is_reset), "{kind} {at}");
            assert_eq!(only_entry(&sandbox, kind, committed), None, "{kind} {at}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn request_ends_at_any_byte() -> Result {
    let length = create(right()).len();
    for (kind, is_reset) in KINDS {
        let sandbox = with_rules(json!([])).await?;
        for after in 0..length {
            sandbox.reset();
            sandbox.set_faults(&rules(json!({ kind: { "at": { "request": after } } })))?;
            assert_eq!(exchange(&sandbox), (vec![], is_reset), "{kind} {after}");
            assert_eq!(only_entry(&sandbox, kind, false), None);
        }
        // It has no more bytes than that.
        for after in [length, length + 1, 1 << 40] {
            sandbox.reset();
            sandbox.set_faults(&rules(json!({ kind: { "at": { "request": after } } })))?;
            assert_eq!(ask(&sandbox, create(right())).status, 201);
            assert_eq!(only_entry(&sandbox, kind, true), Some(201));
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn request_ends_at_the_same_byte_when_sent_byte_by_byte() -> Result {
    let whole = create(right());
    for after in [1, 20, 60, whole.len() - 1] {
        let sandbox = with(json!({ "close": { "at": { "request": after } } })).await?;
        let mut client = Connection::open(&sandbox);
        for byte in &whole[..after] {
            client.send([*byte]);
        }
        // All is well so far; one more byte ends it.
        assert!(!sandbox.journal().iter().any(|entry| entry.duration_ms.is_some()));
        client.send([whole[after]]);
        if after > 30 {
            assert_eq!(client.rest(), (vec![], false), "{after}");
            assert_eq!(only_entry(&sandbox, "close", false), None);
        } else {
            // The request is known only when its first line is complete.
            client.send(&whole[after + 1..]);
            assert_eq!(client.rest(), (vec![], false), "{after}");
            assert_eq!(only_entry(&sandbox, "close", false), None);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn response_ends_at_any_byte() -> Result {
    let length = with_rules(json!([])).await.map(|sandbox| {
        let mut client = Connection::open(&sandbox);
        client.send(request(&["POST /v1/hood/integrations HTTP/1.1", "Connection: close", TOKEN, TYPE], right()));
        client.rest().0.len() - "connection: close\r\n".len()
    })?;
    for (kind, is_reset) in KINDS {
        let sandbox = with_rules(json!([])).await?;
        for after in 1..length {
            sandbox.reset();
            sandbox.set_faults(&rules(json!({ kind: { "at": { "answer": after } } })))?;
            let (bytes, reset) = exchange(&sandbox);
            assert_eq!((bytes.len(), reset), (after, is_reset), "{kind}");
            assert!(bytes.starts_with(&b"HTTP/1.1 201"[..after.min(12)]));
            eventually(|| sandbox.journal()[0].duration_ms.is_some());
            assert_eq!(only_entry(&sandbox, kind, true), Some(201));
        }
        sandbox.reset();
        sandbox.set_faults(&rules(json!({ kind: { "at": { "answer": length } } })))?;
        let mut client = Connection::open(&sandbox);
        assert_eq!(client.send(create(right())).receive().status, 201);
        assert_eq!(only_entry(&sandbox, kind, true), Some(201));
    }
    Ok(())
}

const TOKEN: &str = "Authorization: Bearer any";
const TYPE: &str = "Content-Type: application/json";

#[tokio::test(flavor = "multi_thread")]
async fn later_request_of_a_connection_can_end() -> Result {
    for at in [json!("arrival"), json!("read"), json!("commit"), json!({ "request": 200 })] {
        let sandbox = with_rules(json!([{ "skip": 2, "fault": { "reset": { "at": at } } }])).await?;
        let mut client = Connection::open(&sandbox);
        for _ in 0..2 {
            assert_eq!(client.send(create(right())).receive().status, 201);
        }
        client.send(create(right()));
        assert_eq!(client.rest(), (vec![], true), "{at}");
        let faults: Vec<_> = sandbox.journal().iter().map(|entry| entry.fault).collect();
        assert_eq!(faults, [None, None, Some("reset")], "{at}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn arrival_fault_matches_the_operation_of_the_first_line() -> Result {
    let sandbox = with_rules(json!([{ "operation": "GET /x", "fault": { "close": { "at": "arrival" } } }])).await?;
    assert_eq!(ask(&sandbox, create(right())).status, 201);
    let mut client = Connection::open(&sandbox);
    client.send("GET /x?y HTTP/1.1\r\n");
    assert_eq!(client.rest(), (vec![], false));
    let entry = sandbox.journal().pop().unwrap();
    assert_eq!((entry.path.as_str(), entry.operation, entry.fault), ("/x", None, Some("close")));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_request_has_no_fault_and_the_sandbox_continues() -> Result {
    let sandbox = with_rules(json!([{ "times": 1, "fault": { "close": { "at": "arrival" } } }])).await?;
    for bytes in ["\r\n", "x\r\n\r\n", "GET /\r\n\r\n", "POST / HTTP/2 x\r\n\r\n", "\n", "GET", ""] {
        let mut client = Connection::open(&sandbox);
        client.send(bytes);
        client.shutdown(Shutdown::Write);
        let (response, _) = client.rest();
        assert!(response.is_empty() || response.starts_with(b"HTTP/1.1 400"), "{bytes:?}");
    }
    let mut client = Connection::open(&sandbox);
    client.send("G".repeat(500_000));
    assert!(client.rest().0.starts_with(b"HTTP/1.1 4"));
    assert_eq!(sandbox.faults().faults.len(), 1);
    assert!(sandbox.journal().is_empty());
    assert_eq!(exchange(&sandbox), (vec![], false));
    assert_eq!(ask(&sandbox, create(right())).status, 201);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn request_has_at_most_one_fault() -> Result {
    let rules = json!([
        { "times": 1, "fault": { "reset": { "at": { "request": 1_000_000 } } } },
        { "fault": { "answer": { "status": 503 } } },
    ]);
    let sandbox = with_rules(rules).await?;
    assert_eq!([(); 2].map(|()| ask(&sandbox, create(right())).status), [201, 503]);
    let shown: Vec<_> = sandbox.journal().into_iter().map(|it| (it.fault, it.name.is_some())).collect();
    assert_eq!(shown, [(Some("reset"), true), (Some("answer"), true)]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn control_has_no_faults() -> Result {
    let sandbox = with(json!({ "close": { "at": "arrival" } })).await?;
    assert_eq!(exchange(&sandbox), (vec![], false));
    assert_eq!(control(&sandbox, "DELETE", "faults", "").status, 204);
    // A fault of the previous request does not either, and the control does not hide the next request from faults.
    let whole = Connection::open(&sandbox).send(create(right())).receive();
    sandbox.set_faults(&rules(json!({ "close": { "at": { "answer": whole.body.len() + 1_000 } } })))?;
    let mut client = Connection::open(&sandbox);
    assert_eq!(client.send(create(right())).receive().status, 201);
    sandbox.set_faults(&rules(json!({ "close": { "at": "arrival" } })))?;
    for _ in 0..20 {
        let get = "GET /_sandbox/integrations HTTP/1.1\r\nHost: localhost\r\n\r\n";
        assert_eq!(client.send(get).receive().status, 200);
    }
    client.send(create(right()));
    assert_eq!(client.rest(), (vec![], false));
    assert!(sandbox.journal().iter().all(|entry| entry.duration_ms.is_some()));
    Ok(())
}

fn rules(fault: Value) -> ocamba_sandbox::faults::Faults {
    json!({ "faults": [{ "fault": fault }] }).to_string().parse().unwrap()
}
