//! The arrivals: every request of which a byte reached the server.

use std::iter;
use std::net::Shutdown;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;

use ocamba_sandbox::{Arrival, Sandbox};
use serde_json::{Value, json};

use crate::Result;
use crate::client::{Connection, PATH, ask, control, create, eventually, examples, named, request};
use crate::faults::{with, with_rules};

/// Waits for this number of arrivals, of which the last is complete.
fn arrivals(sandbox: &Sandbox, count: usize, is_complete: impl Fn(&Arrival) -> bool) -> Vec<Arrival> {
    eventually(|| sandbox.arrivals().len() == count && sandbox.arrivals().last().is_some_and(&is_complete));
    sandbox.arrivals()
}

/// Returns what is known of a request: method, path, name, and whether it had a valid token and became one of the journal.
fn known(arrival: &Arrival) -> Value {
    let Arrival { method, path, name, account, request, .. } = arrival;
    json!([method, path, name, account.is_some(), request])
}

#[tokio::test(flavor = "multi_thread")]
async fn arrivals_have_every_whole_request_whatever_its_response() -> Result {
    let sandbox = Sandbox::builder().burst(0).steady(3).max_body_bytes(2_000).token("any").start().await?;
    let post = format!("POST {PATH}?a=b HTTP/1.1");
    ask(&sandbox, create(named("created")));
    ask(&sandbox, request(&[&post], named("without a token")));
    ask(&sandbox, request(&[&post, "Authorization: Bearer other"], named("with another token")));
    ask(&sandbox, create(format!("{}{}", named("too large"), " ".repeat(5_000))));
    ask(&sandbox, create("{"));
    ask(&sandbox, create(named("above the limit")));
    ask(&sandbox, request(&["GET /nowhere HTTP/1.1", "authorization: bearer any"], ""));
    assert_eq!(control(&sandbox, "GET", "journal", "").json().as_array().map(Vec::len), Some(7));
    let seen = arrivals(&sandbox, 7, |it| it.request.is_some());
    assert_eq!(
        seen.iter().map(known).collect::<Vec<_>>(),
        [
            json!(["POST", PATH, "created", true, 1]),
            json!(["POST", PATH, "without a token", false, 2]),
            json!(["POST", PATH, "with another token", false, 3]),
            json!(["POST", PATH, "too large", true, 4]),
            json!(["POST", PATH, null, true, 5]),
            json!(["POST", PATH, "above the limit", true, 6]),
            json!(["GET", "/nowhere", null, true, 7]),
        ]
    );
    let account = examples()[0].1["company_id"].as_str().map(str::to_owned);
    assert_eq!(seen[0].account, account);
    let shown = control(&sandbox, "GET", "arrivals", "").json();
    assert_eq!(shown, serde_json::to_value(&seen)?);
    assert!(shown[0]["at_ms"].as_f64() > Some(0.0));
    assert_eq!(control(&sandbox, "DELETE", "journal", "").status, 204);
    assert!(sandbox.arrivals().is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_of_a_page_are_no_arrivals_even_before_their_response() -> Result {
    let sandbox = Sandbox::start().await?;
    let is_done = AtomicBool::new(false);
    let seen = thread::scope(|scope| {
        let watch = scope.spawn(|| {
            iter::from_fn(|| (!is_done.load(Relaxed)).then(|| sandbox.arrivals())).find(|arrivals| !arrivals.is_empty())
        });
        for _ in 0..500 {
            control(&sandbox, "GET", "journal", "");
            let foreign = ["Origin: http://foreign.example", "Authorization: Bearer any"];
            ask(&sandbox, request(&[&format!("POST {PATH} HTTP/1.1"), foreign[0], foreign[1]], named("foreign")))
                .refused(403);
        }
        is_done.store(true, Relaxed);
        watch.join()
    });
    assert_eq!(seen.map_err(|_| "the watch failed")?, None);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn arrivals_have_requests_that_a_fault_cuts_or_stalls() -> Result {
    for fault in [
        json!({ "close": { "at": "arrival" } }),
        json!({ "reset": { "at": { "request": 60 } } }),
        json!({ "close": { "at": { "request": 300 } } }),
        json!({ "reset": { "at": "read" } }),
        json!({ "close": { "at": "commit" } }),
        json!({ "reset": { "at": { "answer": 40 } } }),
        json!({ "drip": { "ms": 3_600_000 } }),
        json!({ "hang": {} }),
        json!({ "delay": { "ms": 3_600_000 } }),
        json!({ "answer": { "status": 401 } }),
    ] {
        let sandbox = with(fault.clone()).await?;
        let mut client = Connection::open(&sandbox);
        client.send(create(named("cut")));
        let seen = arrivals(&sandbox, 1, |it| it.name.is_some());
        eventually(|| sandbox.arrivals()[0].request == Some(1));
        assert_eq!(seen[0].name.as_deref(), Some("cut"), "{fault}");
        assert!(seen[0].account.is_some(), "{fault}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn arrivals_have_parts_of_requests() -> Result {
    let whole = create(named("part"));
    let line = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let name = whole.windows(6).position(|bytes| bytes == b"part\",").unwrap() + 5;
    for fault in [json!([]), json!([{ "operation": "GET /x", "fault": { "close": { "at": "arrival" } } }])] {
        let sandbox = with_rules(fault).await?;
        for (length, method, has_name) in
            [(1, None, false), (line, Some("POST"), false), (name - 1, Some("POST"), false), (name, Some("POST"), true)]
        {
            control(&sandbox, "DELETE", "journal", "");
            let mut client = Connection::open(&sandbox);
            client.send(&whole[..length]);
            client.shutdown(Shutdown::Write);
            client.ended();
            let seen = sandbox.arrivals();
            assert_eq!(seen.len(), 1, "{length}: {seen:?}");
            assert_eq!((seen[0].method.as_deref(), seen[0].name.is_some()), (method, has_name), "{length}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn arrivals_count_requests_not_reads() -> Result {
    for fault in [json!([]), json!([{ "fault": { "answer": { "status": 503 } } }])] {
        let sandbox = with_rules(fault).await?;
        let mut client = Connection::open(&sandbox);
        for byte in create(named("byte by byte")) {
            client.send([byte]);
        }
        client.receive();
        client.send([create(named("first of two")), create(named("second of two"))].concat());
        client.receive();
        client.receive();
        let lines = ["Transfer-Encoding: chunked", "Authorization: Bearer any", "Content-Type: application/json"];
        let (head, body) =
            (format!("POST {PATH} HTTP/1.1\r\nHost: localhost\r\n{}\r\n\r\n", lines.join("\r\n")), named("chunks"));
        for byte in format!("{head}{:x}\r\n{body}\r\n0\r\n\r\n", body.len()).into_bytes() {
            client.send([byte]);
        }
        client.receive();
        client.send("GET /_sandbox/journal HTTP/1.1\r\nHost: localhost\r\n\r\n");
        client.receive();
        client.send(create(named("last")));
        client.receive();
        let seen: Vec<_> = sandbox.arrivals().into_iter().map(|it| (it.name.unwrap_or_default(), it.request)).collect();
        let names = ["byte by byte", "first of two", "second of two", "chunks", "last"];
        let expected: Vec<_> = names.into_iter().zip(1..).map(|(name, id)| (name.to_owned(), Some(id))).collect();
        assert_eq!(seen, expected);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn arrivals_have_the_request_that_nobody_serves_any_more() -> Result {
    let sandbox = with(json!({ "close": { "at": "commit" } })).await?;
    let mut client = Connection::open(&sandbox);
    client.send(create(named("cut")));
    eventually(|| sandbox.journal().first().is_some_and(|entry| entry.duration_ms.is_some()));
    client.send(create(named("late")));
    let seen = arrivals(&sandbox, 2, |it| it.name.is_some());
    assert_eq!((seen[1].name.as_deref(), seen[1].request), (Some("late"), None));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn arrivals_have_text_that_is_not_http_once() -> Result {
    let sandbox = Sandbox::builder().no_limits().start().await?;
    let mut client = Connection::open(&sandbox);
    client.send("not HTTP\r\n\r\nnor this\r\n\r\n");
    client.shutdown(Shutdown::Write);
    client.rest();
    assert_eq!(sandbox.arrivals().iter().map(known).collect::<Vec<_>>(), [json!(["not", null, null, false, null])]);
    assert!(sandbox.journal().is_empty());
    Ok(())
}
