//! What an error says of its request, for everything that can happen on a connection.

mod support;

use std::time::{Duration, Instant};

use ocamba_hood::{Client, Error, ErrorKind, Integration, NewIntegration, Outcome, Provider, RateLimit, RawSettings};
use support::{Reply, Server, answer, answer_with};
use tokio::net::TcpListener;

/// A request to a provider of nobody's, with a secret in it.
fn request() -> NewIntegration {
    let settings = RawSettings::from_iter([("key", "setting-canary".into())]);
    NewIntegration::new("Example", Provider::Unknown { provider_id: "9999".into(), settings })
}

async fn create(reply: Reply) -> Result<Integration, Error> {
    let server = Server::start(reply).await;
    let client = server.client().timeout(Duration::from_secs(2)).max_response_bytes(10_000).max_retries(0).build()?;
    let result = client.integrations().create(request()).await;
    assert_eq!(server.requests().len(), 1, "a create is sent once");
    result
}

/// Expects an error of this kind and outcome, in which no secret can be seen.
async fn expect(reply: Reply, kind: ErrorKind, outcome: Outcome) -> Error {
    let error = create(reply).await.expect_err("an error");
    assert_eq!((error.kind(), error.outcome()), (kind, outcome), "{error:?}");
    let mut shown = format!("{error} {error:?} {error:#?} {:?}", error.attempts());
    let mut source = std::error::Error::source(&error);
    while let Some(error) = source {
        shown += &format!("{error} {error:?}");
        source = error.source();
    }
    assert!(!shown.contains("canary"), "{shown}");
    error
}

#[tokio::test]
async fn a_created_integration_is_returned() {
    let body = r#"{"id": "7", "name": "Example", "provider_id": "9999", "settings": {"key": "setting-canary"}}"#;
    let integration = create(Reply::Bytes(answer(201, body))).await.expect("created");
    assert_eq!((integration.id.as_str(), integration.provider.id()), ("7", "9999"));
}

#[tokio::test]
async fn another_success_status_with_the_promised_body_is_a_success() {
    for status in [200, 202] {
        assert_eq!(create(Reply::Bytes(answer(status, r#"{"id": "7"}"#))).await.expect("created").id, "7");
    }
}

#[tokio::test]
async fn status_headers_and_trace_id_can_be_had() {
    let reply = answer_with(201, "x-trace-id: t-1\r\nx-ratelimit-limit: 10\r\n", br#"{"id": "7"}"#);
    let server = Server::start(Reply::Bytes(reply)).await;
    let client = server.client().build().expect("a client");
    let response = client.integrations().create(request()).with_response().await.expect("created");
    assert_eq!((response.status.as_u16(), response.trace_id.as_deref()), (201, Some("t-1")));
    assert_eq!(response.headers["x-ratelimit-limit"], "10");
    assert_eq!(response.attempts().len(), 1);
}

#[tokio::test]
async fn a_4xx_is_rejected() {
    let quoting = r#"{"title": "Bad request.", "message": "not setting-canary, not token-canary", "trace_id": "t"}"#;
    for (status, kind) in [
        (400, ErrorKind::BadRequest),
        (401, ErrorKind::Authentication),
        (403, ErrorKind::PermissionDenied),
        (404, ErrorKind::NotFound),
        (418, ErrorKind::BadRequest),
        (429, ErrorKind::RateLimit),
    ] {
        expect(Reply::Bytes(answer(status, quoting)), kind, Outcome::Rejected).await;
        expect(Reply::Bytes(answer_with(status, "", b"\xff<html>")), kind, Outcome::Rejected).await;
        // Cut in the body: the status has said no.
        let mut cut = answer(status, quoting);
        cut.truncate(cut.len() - 5);
        expect(Reply::Bytes(cut), kind, Outcome::Rejected).await;
    }
}

#[tokio::test]
async fn a_5xx_or_a_redirect_leaves_the_outcome_unknown() {
    for status in [302, 307, 500, 502, 503] {
        let error = expect(Reply::Bytes(answer(status, "")), ErrorKind::ServerError, Outcome::Unknown).await;
        assert_eq!(error.status().map(|s| s.as_u16()), Some(status));
    }
}

#[tokio::test]
async fn a_success_that_cannot_be_read_was_applied() {
    let mut cut = answer(201, r#"{"id": "7"}"#);
    cut.truncate(cut.len() - 3);
    let huge = answer(201, &format!(r#"{{"id": "{}"}}"#, "7".repeat(20_000)));
    for reply in [answer(201, ""), answer(201, "<html>"), answer(201, "{}"), answer(201, "[\"canary\"]"), cut, huge] {
        expect(Reply::Bytes(reply), ErrorKind::UnreadableResponse, Outcome::Applied).await;
    }
}

#[tokio::test]
async fn no_answer_leaves_the_outcome_unknown() {
    expect(Reply::Close, ErrorKind::OutcomeUnknown, Outcome::Unknown).await;
    expect(Reply::Bytes(b"HTTP/1.1 20".to_vec()), ErrorKind::OutcomeUnknown, Outcome::Unknown).await;
    expect(Reply::Bytes(b"SSH-2.0-canary\r\n".to_vec()), ErrorKind::OutcomeUnknown, Outcome::Unknown).await;
}

#[tokio::test]
async fn a_timeout_knows_how_far_the_call_came() {
    let started = Instant::now();
    expect(Reply::Stall(Vec::new()), ErrorKind::Timeout, Outcome::Unknown).await;
    let mut partial = answer(201, r#"{"id": "7"}"#);
    partial.pop();
    expect(Reply::Stall(partial), ErrorKind::Timeout, Outcome::Applied).await;
    assert!(started.elapsed() < Duration::from_secs(6));
}

#[tokio::test]
async fn a_closed_port_means_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let builder = Client::builder().token("token-canary").base_url(url).rate_limit(RateLimit::off()).max_retries(0);
    let client = builder.build().expect("a client");
    let error = client.integrations().create(request()).await.expect_err("refused");
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Connection, Outcome::NotSent));
    assert_eq!(error.attempts().len(), 1);
}

#[tokio::test]
async fn bad_input_is_told_before_anything_is_sent() {
    let server = Server::start(Reply::Bytes(answer(201, r#"{"id": "7"}"#))).await;
    let client = server.client().build().expect("a client");
    for name in [String::new(), "n".repeat(101)] {
        let mut request = request();
        request.name = name;
        let error = client.integrations().create(request).await.expect_err("refused");
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Validation, Outcome::NotSent));
        assert_eq!(error.field_errors()[0].field, "name");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn an_unknown_provider_is_sent_as_it_is() {
    let server = Server::start(Reply::Bytes(answer(201, r#"{"id": "7"}"#))).await;
    let client = server.client().build().expect("a client");
    client.integrations().create(request()).await.expect("created");
    let sent = server.requests().remove(0);
    assert!(
        sent.ends_with(
            r#"{"name":"Example","provider_id":"9999","settings":{"key":"setting-canary"},"status":"active"}"#
        ),
        "{sent}"
    );
}
