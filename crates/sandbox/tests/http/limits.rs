//! The limits. Tests use a small minute window, since none runs so long that two minutes begin.

use ocamba_sandbox::Sandbox;

use crate::Result;
use crate::client::{Connection, PATH, Response, ask, create, eventually, request, right};

const HEADERS: [&str; 3] = ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"];

/// Limit, remaining and reset.
fn quota(response: &Response) -> [u64; 3] {
    assert_eq!(response.header("retry-after"), None);
    HEADERS.map(|name| response.header(name).unwrap_or_else(|| panic!("no {name} in {response:?}")).parse().unwrap())
}

/// The `Retry-After` of a 429.
fn retry_after(response: &Response) -> i64 {
    response.refused(429);
    assert!(HEADERS.iter().all(|name| response.header(name).is_none()), "{response:?}");
    response.header("retry-after").unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_refused_when_a_window_is_full() -> Result {
    let sandbox = Sandbox::builder().burst(0).steady(3).start().await?;
    for remaining in [2, 1, 0] {
        let response = ask(&sandbox, create(right()));
        assert_eq!(response.status, 201);
        let [limit, left, reset] = quota(&response);
        assert_eq!([limit, left], [3, remaining]);
        assert!((1..=60).contains(&reset), "{reset}");
    }
    for _ in 0..5 {
        let wait = retry_after(&ask(&sandbox, create(right())));
        assert!((1..=60).contains(&wait), "{wait}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_have_the_headers_and_count_except_429_and_401() -> Result {
    let sandbox = Sandbox::builder().burst(0).steady(100).max_body_bytes(1_000).start().await?;
    let post = format!("POST {PATH} HTTP/1.1");
    let token = "Authorization: Bearer any";
    let cases = [
        (create(right()), 201, 99),
        (create("{}"), 400, 98),
        (request(&[&post], right()), 401, 98),
        (request(&["GET /nowhere HTTP/1.1", token], ""), 404, 97),
        (request(&[&format!("PUT {PATH} HTTP/1.1"), token], ""), 405, 96),
        (create(" ".repeat(1_001)), 413, 95),
        (request(&[&post, token], right()), 415, 94),
    ];
    for (bytes, status, remaining) in cases {
        let response = ask(&sandbox, bytes);
        assert_eq!(response.status, status);
        assert_eq!(quota(&response)[..2], [100, remaining], "{status}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn default_limits_are_the_documented_ones() -> Result {
    let sandbox = Sandbox::start().await?;
    assert_eq!(quota(&ask(&sandbox, create(right())))[..2], [10, 9]);
    let sandbox = Sandbox::builder().burst(0).start().await?;
    assert_eq!(quota(&ask(&sandbox, create(right())))[..2], [150, 149]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_counted_without_limits() -> Result {
    let sandbox = Sandbox::builder().burst(1).steady(1).max_in_flight(1).no_limits().start().await?;
    let mut held = hold(&sandbox);
    for _ in 0..3 {
        let response = ask(&sandbox, create(right()));
        assert_eq!(response.status, 201);
        assert!(HEADERS.iter().all(|name| response.header(name).is_none()), "{response:?}");
    }
    assert_eq!(held.send(right()).receive().status, 201);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn request_is_refused_with_minus_one_when_too_many_are_in_flight() -> Result {
    let sandbox = Sandbox::builder().burst(0).steady(100).max_in_flight(2).start().await?;
    let mut held = [hold(&sandbox), hold(&sandbox)];
    for _ in 0..3 {
        assert_eq!(retry_after(&ask(&sandbox, create(right()))), -1);
    }
    // A request that ends makes room for another.
    let response = held[0].send(right()).receive();
    assert_eq!(response.status, 201);
    assert_eq!(quota(&ask(&sandbox, create(right())))[..2], [100, 97]);
    // So does one whose client leaves.
    held[0] = hold(&sandbox);
    assert_eq!(retry_after(&ask(&sandbox, create(right()))), -1);
    drop(held);
    eventually(|| ask(&sandbox, create(right())).status == 201);
    Ok(())
}

/// Sends the head of a create, and returns when the server waits for the body: it is in flight then.
fn hold(sandbox: &Sandbox) -> Connection {
    let create = create(right());
    let head = String::from_utf8_lossy(&create[..create.len() - right().len() - 2]).into_owned();
    let mut connection = Connection::open(sandbox);
    connection.send(format!("{head}Expect: 100-continue\r\n\r\n"));
    assert_eq!(connection.receive().status, 100);
    connection
}
