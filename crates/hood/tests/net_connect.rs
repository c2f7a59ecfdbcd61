//! A process that may only connect to its own machine.

mod support;

use ocamba_hood::{Client, ErrorKind, Outcome, Stage};
use support::{Reply, Server, response};

#[tokio::test]
async fn other_machines_are_refused_once_connections_are_disabled() {
    let server = Server::start(Reply::Bytes(response(200, r#"{"id": "7"}"#))).await;
    let near = server.client().build().expect("a client");
    let far = Client::builder().token("t").base_url("https://192.0.2.1").build().expect("a client");
    ocamba_hood::disable_net_connect();

    near.integrations().get("7").await.expect("a response of this machine");
    let error = far.integrations().get("7").await.expect_err("refused");
    assert_eq!(
        (error.kind(), error.outcome(), error.stage()),
        (ErrorKind::Connection, Outcome::NotSent, Some(Stage::Name))
    );
    assert!(error.to_string().contains("OCAMBA_DISABLE_NET_CONNECT"), "{error}");
}
