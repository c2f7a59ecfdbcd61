//! A process that may only connect to its own machine.

mod support;

use ocamba_hood::{Client, ErrorKind, Outcome, Proxy, RateLimit, Stage};
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

#[tokio::test]
async fn variable_refuses_other_machines_behind_a_proxy_of_this_one() {
    const VARIABLE: &str = "OCAMBA_DISABLE_NET_CONNECT";
    let Ok(value) = std::env::var(VARIABLE) else {
        for value in ["1", "true", "0", "False"] {
            let mut again = std::process::Command::new(std::env::current_exe().expect("this test"));
            again.args(["--exact", "variable_refuses_other_machines_behind_a_proxy_of_this_one"]).env(VARIABLE, value);
            let ended = again.output().expect("started");
            assert!(ended.status.success(), "{value}: {}", String::from_utf8_lossy(&ended.stdout));
        }
        return;
    };
    let proxy = Server::start(Reply::Bytes(response(502, ""))).await;
    let url = proxy.client().build().expect("a client").base_url().to_owned();
    let far = Client::builder().token("t").base_url("https://192.0.2.1").proxy(Proxy::url(url)).max_retries(0);
    let error = far.rate_limit(RateLimit::off()).build().expect("a client").integrations().get("7").await;
    let (stage, requests) = if ["1", "true"].contains(&value.as_str()) { (Stage::Name, 0) } else { (Stage::Proxy, 1) };
    assert_eq!((error.expect_err("refused").stage(), proxy.requests().len()), (Some(stage), requests));
}
