//! TLS, certificates and proxies: what each failure says, and whether it is tried again.

#[cfg(target_os = "linux")]
mod dead_address;
#[cfg(target_os = "linux")]
mod ended_connection;
#[cfg(target_os = "linux")]
mod image;
#[cfg(target_os = "linux")]
mod sleep;
#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

use ocamba_hood::{
    Client, ClientBuilder, Error, NewIntegration, Outcome, Provider, Proxy, RateLimit, RawValues, Stage,
};
use ocamba_proxy::Options;
use ocamba_sandbox::Sandbox;
use rcgen::{BasicConstraints, IsCa, date_time_ymd};
use support::tls::{Authority, config, each_connection, serve};
use tokio::io::AsyncReadExt;

/// A fatal alert in one packet with the response.
const ALERT_AT_END: &str = r#"{ "operation": "createIntegration", "fault": { "tls": { "alert": { "at": "end" } } } }"#;

fn client(port: u16) -> ClientBuilder {
    let url = format!("https://localhost:{port}");
    Client::builder().base_url(url).token("token-canary").rate_limit(RateLimit::off()).proxy(Proxy::off())
}

async fn create(builder: ClientBuilder) -> Result<(), Error> {
    let settings = RawValues::from_iter([("key", "setting-canary".into())]);
    let request = NewIntegration::new("Example", Provider::Unknown { provider_id: "9999".into(), settings });
    builder.build()?.integrations().create(request).await.map(drop)
}

/// Returns the error of a create that could not be sent, and checks its stage and number of attempts.
async fn failure(builder: ClientBuilder, stage: Stage, attempts: usize) -> String {
    let error = create(builder).await.expect_err("no connection");
    let message = error.to_string();
    assert_eq!(error.outcome(), Outcome::NotSent, "{message}");
    assert_eq!((error.stage(), error.attempts().len()), (Some(stage), attempts), "{message}");
    assert!(!message.contains("canary"), "{message}");
    message
}

fn contains(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "no {part:?} in: {message}");
    }
}

#[tokio::test]
async fn own_authority_is_trusted_when_its_certificate_is_given() {
    let authority = Authority::new("Corporate CA");
    let port = serve(config(&authority.issue("localhost", |_| {}), None)).await;
    create(client(port).root_certificates(&authority.pem)).await.expect("trusted as text");
    let file = std::env::temp_dir().join(format!("ocamba-roots-{}.pem", std::process::id()));
    std::fs::write(&file, &authority.pem).expect("a file");
    create(client(port).root_certificates(file.to_string_lossy())).await.expect("trusted as file");
    std::fs::remove_file(&file).expect("the file");
    let message = failure(client(port), Stage::Tls, 1).await;
    contains(&message, &["\"the server\"", "\"Corporate CA\"", "OCAMBA_ROOT_CERTIFICATES"]);
}

#[tokio::test]
async fn certificate_that_is_not_accepted_is_explained() {
    let authority = Authority::new("Corporate CA");
    let expired = authority.issue("localhost", |params| {
        (params.not_before, params.not_after) = (date_time_ymd(2019, 1, 1), date_time_ymd(2019, 3, 1));
    });
    let future = authority.issue("localhost", |params| params.not_before = date_time_ymd(2090, 1, 1));
    let other_host = authority.issue("other.example.com", |_| {});
    let own = authority.issue("localhost", |params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained));
    for (certificate, parts) in [
        (expired, ["expired on Fri, 01 Mar 2019", "the clock of this machine says"]),
        (future, ["is valid from Sun, 01 Jan 2090", "set the clock"]),
        (other_host, ["is not for localhost", "other.example.com"]),
        (own, ["is an authority's own", "\"Corporate CA\""]),
    ] {
        let port = serve(config(&certificate, None)).await;
        let message = failure(client(port).root_certificates(&authority.pem), Stage::Tls, 1).await;
        contains(&message, &parts);
    }
}

#[tokio::test]
async fn client_proves_who_it_is() {
    let authority = Authority::new("Corporate CA");
    let port = serve(config(&authority.issue("localhost", |_| {}), Some(&authority))).await;
    let (certificate, key) = authority.issue("client", |_| {});
    let with_roots = || client(port).root_certificates(&authority.pem);
    create(with_roots().client_certificate(format!("{certificate}{key}"))).await.expect("accepted");
    let (_, other_key) = authority.issue("client", |_| {});
    for (pem, why) in [
        (certificate.clone(), "has no private key"),
        (format!("{certificate}{other_key}"), "does not belong"),
        (key.clone(), "has no certificate"),
    ] {
        let message = create(with_roots().client_certificate(pem)).await.expect_err("invalid").to_string();
        contains(&message, &["client_certificate", why]);
    }
    let error = create(with_roots()).await.expect_err("refused");
    assert_eq!((error.outcome(), error.attempts().len()), (Outcome::NotSent, 1), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn alert_behind_a_complete_response_does_not_take_it_away() {
    for version in ["tls12_only", "tls13_only"] {
        let faults = format!(r#"{{ "faults": [{{ "fault": {{ "tls": "{version}" }} }}, {ALERT_AT_END}] }}"#);
        let sandbox = Sandbox::builder().tls(true).no_limits().faults(faults.parse().expect("faults")).start().await;
        let sandbox = sandbox.expect("a sandbox");
        let builder = client(1).base_url(sandbox.base_url()).root_certificates(sandbox.ca_certificate().expect("PEM"));
        let client = builder.build().expect("a client");
        for _ in 0..20 {
            client.integrations().create(support::request("one")).await.expect("the response came");
        }
    }
}

#[tokio::test]
async fn server_without_tls_is_named() {
    let port = each_connection(|mut stream| async move {
        let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let _ = stream.read(&mut [0; 512]).await;
    })
    .await;
    contains(&failure(client(port), Stage::Tls, 1).await, &["something else than TLS answered", &port.to_string()]);
}

#[tokio::test]
async fn handshake_that_hangs_ends_with_the_connect_timeout() {
    let port =
        each_connection(|mut stream| async move { while matches!(stream.read(&mut [0; 512]).await, Ok(1..)) {} }).await;
    // No time for the name, and enough for a busy machine to connect.
    let builder = client(port).base_url(format!("https://127.0.0.1:{port}")).connect_timeout(Duration::from_secs(1));
    contains(&failure(builder.max_retries(1), Stage::Tls, 2).await, &["the TLS handshake", "did not end"]);
}

#[tokio::test]
async fn failed_stage_is_named_and_tried_again_only_where_that_can_help() {
    // Nothing listens on this privileged port.
    let message = failure(client(1).max_retries(1), Stage::Tcp, 2).await;
    contains(&message, &["no TCP connection", "localhost:1", "127.0.0.1", "refused"]);
    // The label is too long for a query, so that no resolver takes part.
    let name = format!("{}.invalid", "x".repeat(64));
    let unknown = client(1).base_url(format!("https://{name}")).max_retries(0);
    contains(&failure(unknown, Stage::Name, 1).await, &[&format!("the name {name} was not found")]);
    let dead = client(1).proxy(Proxy::url("http://user:canary@127.0.0.1:1")).max_retries(1);
    contains(&failure(dead, Stage::Proxy, 2).await, &["the proxy", "could not be reached"]);
}

#[tokio::test]
async fn tunnel_through_a_proxy_may_need_a_login() {
    let authority = Authority::new("Corporate CA");
    let port = serve(config(&authority.issue("localhost", |_| {}), None)).await;
    for (login, user) in [(Some("user:password-canary".to_owned()), "user:password-canary@"), (None, "")] {
        let is_required = login.is_some();
        let through = ocamba_proxy::Proxy::start(Options { login, ..Options::default() }).await.expect("a proxy");
        let with = |user: &str| {
            let url = format!("http://{user}{}", through.address());
            client(port).root_certificates(&authority.pem).proxy(Proxy::url(url))
        };
        create(with(user)).await.expect("through the proxy");
        assert_eq!(through.counts().tunnels, [format!("localhost:{port}")]);
        for user in ["", "user:other-canary@"].iter().filter(|_| is_required) {
            let message = failure(with(user), Stage::Proxy, 1).await;
            contains(&message, &["wants a login (407)", &through.address().to_string()]);
        }
    }
}
