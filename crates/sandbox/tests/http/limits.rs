//! The limits. Only the minute is made small: no test is so slow that it sees two of them begin.

use ocamba_sandbox::Sandbox;

use crate::Result;
use crate::client::{Answer, Connection, PATH, ask, create, eventually, request, right};

const HEADERS: [&str; 3] = ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"];

/// Limit, remaining and reset.
fn quota(answer: &Answer) -> [u64; 3] {
    assert_eq!(answer.header("retry-after"), None);
    HEADERS.map(|name| answer.header(name).unwrap_or_else(|| panic!("no {name} in {answer:?}")).parse().unwrap())
}

/// The `Retry-After` of a 429.
fn retry_after(answer: &Answer) -> i64 {
    answer.refused(429);
    assert!(HEADERS.iter().all(|name| answer.header(name).is_none()), "{answer:?}");
    answer.header("retry-after").unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_window_refuses_until_it_ends() -> Result {
    let sandbox = Sandbox::builder().burst(0).steady(3).start().await?;
    for remaining in [2, 1, 0] {
        let answer = ask(&sandbox, create(right()));
        assert_eq!(answer.status, 201);
        let [limit, left, reset] = quota(&answer);
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
async fn every_answer_but_a_429_has_the_headers_and_all_with_a_token_count() -> Result {
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
        let answer = ask(&sandbox, bytes);
        assert_eq!(answer.status, status);
        assert_eq!(quota(&answer)[..2], [100, remaining], "{status}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_defaults_are_those_documented() -> Result {
    let sandbox = Sandbox::start().await?;
    assert_eq!(quota(&ask(&sandbox, create(right())))[..2], [10, 9]);
    let sandbox = Sandbox::builder().burst(0).start().await?;
    assert_eq!(quota(&ask(&sandbox, create(right())))[..2], [150, 149]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_limits_nothing_is_counted_or_told() -> Result {
    let sandbox = Sandbox::builder().burst(1).steady(1).max_in_flight(1).no_limits().start().await?;
    let mut held = hold(&sandbox);
    for _ in 0..3 {
        let answer = ask(&sandbox, create(right()));
        assert_eq!(answer.status, 201);
        assert!(HEADERS.iter().all(|name| answer.header(name).is_none()), "{answer:?}");
    }
    assert_eq!(held.send(right()).receive().status, 201);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_in_flight_are_refused_with_minus_one_and_not_counted() -> Result {
    let sandbox = Sandbox::builder().burst(0).steady(100).max_in_flight(2).start().await?;
    let mut held = [hold(&sandbox), hold(&sandbox)];
    for _ in 0..3 {
        assert_eq!(retry_after(&ask(&sandbox, create(right()))), -1);
    }
    // One that ends makes room for one.
    let answer = held[0].send(right()).receive();
    assert_eq!(answer.status, 201);
    assert_eq!(quota(&ask(&sandbox, create(right())))[..2], [100, 97]);
    // So does one whose client goes away.
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
