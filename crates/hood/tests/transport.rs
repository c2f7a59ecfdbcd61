//! Responses, attempts and request bodies that the conformance cases cannot see.

mod support;

use ocamba_hood::{Client, ErrorKind, NewIntegration, Outcome, Provider, RateLimit, RawValues};
use support::{Reply, Server, response, response_with};

/// Returns a request to an unknown provider, with a secret.
fn request() -> NewIntegration {
    let settings = RawValues::from_iter([("key", "setting-canary".into())]);
    NewIntegration::new("Example", Provider::Unknown { provider_id: "9999".into(), settings })
}

#[tokio::test]
async fn response_has_status_headers_and_trace_id() {
    let reply = response_with(201, "x-trace-id: t-1\r\nx-ratelimit-limit: 10\r\n", br#"{"id": "7"}"#);
    let server = Server::start(Reply::Bytes(reply)).await;
    let client = server.client().build().expect("a client");
    let response = client.integrations().create(request()).with_response().await.expect("created");
    assert_eq!((response.status.as_u16(), response.trace_id.as_deref()), (201, Some("t-1")));
    assert_eq!(response.headers["x-ratelimit-limit"], "10");
    assert_eq!(response.attempts().len(), 1);
}

#[tokio::test]
async fn refused_connection_is_retried_and_not_sent() {
    // Nothing listens on this privileged port.
    let client = Client::builder()
        .token("t")
        .base_url("http://127.0.0.1:1")
        .rate_limit(RateLimit::off())
        .build()
        .expect("a client");
    for (retries, attempts) in [(0, 1), (3, 4)] {
        let error = client.integrations().create(request()).max_retries(retries).await.expect_err("refused");
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Connection, Outcome::NotSent));
        assert_eq!(error.attempts().len(), attempts);
    }
}

#[tokio::test]
async fn unknown_provider_is_sent_unchanged() {
    let server = Server::start(Reply::Bytes(response(201, r#"{"id": "7"}"#))).await;
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

#[tokio::test]
async fn read_whose_response_is_cut_off_is_retried_whatever_its_status() {
    let whole = response(200, r#"{"id": "7", "name": "x", "provider_id": "9999"}"#);
    for status in [200, 429, 503] {
        let cut = response_with(status, "retry-after: 1\r\n", b"{}");
        let cut = Reply::Bytes(cut[..cut.len() - 1].to_vec());
        let server = Server::start(Reply::Each(vec![cut, Reply::Bytes(whole.clone())])).await;
        let client = server.client().build().expect("a client");
        let response = client.integrations().get("7").with_response().await.expect("read");
        assert_eq!(response.attempts().len(), 2, "{status}");
        // As its head demanded.
        let waited = response.attempts()[1].started.duration_since(response.attempts()[0].started).expect("later");
        assert!(waited.as_secs() >= 1, "{status}: {waited:?}");
    }
}
