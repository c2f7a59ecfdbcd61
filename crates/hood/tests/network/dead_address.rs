//! Addresses at which nobody responds any more, not even to refuse.

use std::future::pending;
use std::net::TcpListener;
use std::os::fd::AsFd;

use ocamba_hood::ErrorKind;
use socket2::{SockFilter, SockRef};
use support::faults::Faults;
use tokio::io::AsyncWriteExt;

use super::*;

/// Drops all that arrives at a socket from now on, so that its peer gets not even an acknowledgement.
fn deafen(socket: &impl AsFd) {
    const RETURN_CONSTANT: u16 = 0x06;
    let no_byte = SockFilter::new(RETURN_CONSTANT, 0, 0, 0);
    SockRef::from(socket).attach_filter(&[no_byte]).expect("a filter");
}

fn dead(address: &str, port: u16) -> TcpListener {
    let listener = TcpListener::bind((address, port)).expect("a free port");
    deafen(&listener);
    listener
}

#[tokio::test]
async fn dead_address_takes_only_its_share_of_the_connect_timeout() {
    let Some(faults) = Faults::of_test("dead_address::dead_address_takes_only_its_share_of_the_connect_timeout") else {
        return;
    };
    let authority = Authority::new("Corporate CA");
    let port = serve(config(&authority.issue("several.example", |_| {}), None)).await;
    let _dead = [dead("127.0.0.2", port), dead("127.0.0.3", port)];
    // A machine without IPv6 cannot reach this address at all.
    let _dead_ipv6 = TcpListener::bind(("::1", port)).inspect(deafen);
    let several = || {
        let builder = client(port).base_url(format!("https://several.example:{port}"));
        builder.root_certificates(&authority.pem).max_retries(0)
    };
    for addresses in
        ["127.0.0.2 127.0.0.1", "127.0.0.2 127.0.0.3 127.0.0.1", "::1 127.0.0.1", "127.0.0.2 ::1 127.0.0.1"]
    {
        faults.set(&format!("several.example {addresses}"));
        create(several().connect_timeout(Duration::from_secs(6))).await.expect(addresses);
    }
    faults.set("several.example 127.0.0.2 127.0.0.3");
    let message = failure(several().connect_timeout(Duration::from_secs(2)), Stage::Tcp, 1).await;
    contains(&message, &["timed out making a connection", "several.example", "[127.0.0.2, 127.0.0.3]"]);
}

#[tokio::test]
async fn name_that_is_not_resolved_ends_with_the_connect_timeout() {
    let Some(faults) = Faults::of_test("dead_address::name_that_is_not_resolved_ends_with_the_connect_timeout") else {
        return;
    };
    faults.set("silent.example never");
    let silent =
        || client(1).base_url("https://silent.example").connect_timeout(Duration::from_millis(50)).max_retries(0);
    contains(&failure(silent(), Stage::Name, 1).await, &["the name silent.example was not resolved in time"]);
    let probes = silent().build().expect("a client").probe().await;
    let found: Vec<_> = probes.into_iter().map(|probe| (probe.stage, probe.result)).collect();
    assert_eq!(found, [(Stage::Name, Err("the name silent.example was not resolved in time".to_owned()))]);
    faults.set("");
}

/// Creates with a client that may have a connection already; it breaks where its attempt would end only after 60 s.
async fn breaks(client: &Client) {
    let error = client.integrations().create(support::request("one")).await.expect_err("the peer is gone");
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::OutcomeUnknown, Outcome::Unknown), "{error}");
    contains(&error.to_string(), &["the connection broke after the request was sent", "timed out (os error 110)"]);
}

#[tokio::test]
async fn peer_that_vanished_before_its_response_is_noticed() {
    let port = each_connection(|mut stream| async move {
        support::read_request(&mut stream).await;
        deafen(&stream);
        pending().await
    })
    .await;
    breaks(&client(port).base_url(format!("http://127.0.0.1:{port}")).build().expect("a client")).await;
}

#[tokio::test]
async fn peer_that_vanished_before_the_request_is_noticed() {
    let port = each_connection(|mut stream| async move {
        support::read_request(&mut stream).await;
        deafen(&stream);
        stream.write_all(&support::response(201, r#"{"id": "7"}"#)).await.expect("written");
        pending().await
    })
    .await;
    let client = client(port).base_url(format!("http://127.0.0.1:{port}")).build().expect("a client");
    client.integrations().create(support::request("one")).await.expect("created");
    breaks(&client).await;
}
