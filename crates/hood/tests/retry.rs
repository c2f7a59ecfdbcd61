//! What is sent again, what is not, and that all of it stays within the deadline.

mod support;

use std::time::{Duration, Instant};

use ocamba_hood::{Client, ErrorKind, NewIntegration, Outcome, Provider, RateLimit, RawSettings, Tier};
use support::{Reply, Server, answer, answer_with};
use tokio::net::TcpListener;

const CREATED: &str = r#"{"id": "7"}"#;

fn request() -> NewIntegration {
    NewIntegration::new("Example", Provider::Unknown { provider_id: "9999".into(), settings: RawSettings::default() })
}

fn too_many(retry_after: &str) -> Reply {
    Reply::Bytes(answer_with(429, &format!("retry-after: {retry_after}\r\n"), b""))
}

fn created() -> Reply {
    Reply::Bytes(answer(201, CREATED))
}

#[tokio::test]
async fn a_429_is_waited_out() {
    for retry_after in ["1", "-1", "soon"] {
        let server = Server::start(Reply::Each(vec![too_many(retry_after), created()])).await;
        let started = Instant::now();
        let client = server.client().build().expect("a client");
        let response = client.integrations().create(request()).with_response().await.expect("created");
        assert_eq!(response.attempts().len(), 2);
        assert_eq!(response.attempts()[1].number, 2);
        assert_eq!(server.requests().len(), 2);
        assert_eq!(started.elapsed() >= Duration::from_secs(1), retry_after == "1");
    }
}

#[tokio::test]
async fn a_wait_that_would_pass_the_deadline_is_not_begun() {
    let server = Server::start(too_many("30")).await;
    let client = server.client().timeout(Duration::from_secs(5)).build().expect("a client");
    let started = Instant::now();
    let error = client.integrations().create(request()).await.expect_err("refused");
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::RateLimit, Outcome::Rejected));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn retries_are_counted() {
    for (retries, requests) in [(0, 1), (1, 2), (2, 3)] {
        let server = Server::start(too_many("-1")).await;
        let client = server.client().max_retries(9).build().expect("a client");
        let error = client.integrations().create(request()).max_retries(retries).await.expect_err("refused");
        assert_eq!((server.requests().len(), error.attempts().len()), (requests, requests));
    }
}

#[tokio::test]
async fn what_may_have_been_carried_out_is_never_sent_again() {
    for reply in [Reply::Close, Reply::Bytes(answer(500, "")), Reply::Bytes(answer(201, "")), Reply::Stall(Vec::new())]
    {
        let server = Server::start(reply).await;
        let client = server.client().timeout(Duration::from_secs(1)).build().expect("a client");
        client.integrations().create(request()).await.expect_err("failed");
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_connection_that_cannot_be_made_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let client = Client::builder().token("t").base_url(url).rate_limit(RateLimit::off()).build().expect("a client");
    let error = client.integrations().create(request()).await.expect_err("refused");
    assert_eq!((error.kind(), error.outcome(), error.attempts().len()), (ErrorKind::Connection, Outcome::NotSent, 4));
}

#[tokio::test]
async fn the_lane_lets_go_no_more_than_the_tier_allows() {
    let server = Server::start(created()).await;
    let lane = RateLimit::memory().tier(Tier { burst: 3, steady: 100 });
    let client = server.client().rate_limit(lane).build().expect("a client");
    let started = Instant::now();
    for _ in 0..7 {
        client.integrations().create(request()).await.expect("created");
    }
    assert!(started.elapsed() >= Duration::from_secs(2), "{:?}", started.elapsed());
    let status = client.rate_limit_status().await.expect("a status");
    assert_eq!((status.storage, status.used_in_minute, status.in_flight), ("memory", 7, 0));
}

#[tokio::test]
async fn a_call_without_a_turn_before_its_deadline_fails_at_once_and_unsent() {
    let server = Server::start(created()).await;
    let lane = RateLimit::memory().tier(Tier { burst: 10, steady: 1 });
    let client = server.client().rate_limit(lane).build().expect("a client");
    client.integrations().create(request()).await.expect("created");
    let started = Instant::now();
    let error = client.integrations().create(request()).timeout(Duration::from_secs(5)).await.expect_err("no room");
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::NotSent));
    assert!(started.elapsed() < Duration::from_secs(1));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn two_clients_of_an_account_share_a_lane_and_two_accounts_do_not() {
    let folder = std::env::temp_dir().join(format!("ocamba-retry-test-{}", std::process::id()));
    let server = Server::start(created()).await;
    let client = |token: &str| {
        let lane = RateLimit::shared_in(&folder).tier(Tier { burst: 2, steady: 100 });
        server.client().token(token).rate_limit(lane).build().expect("a client")
    };
    let (one, same, other) = (client("a"), client("a"), client("b"));
    for client in [&one, &same, &other] {
        client.integrations().create(request()).await.expect("created");
    }
    let used = |client: &Client| {
        let client = client.clone();
        async move { client.rate_limit_status().await.expect("a status").used_in_minute }
    };
    assert_eq!((used(&one).await, used(&same).await, used(&other).await), (2, 2, 1));
    std::fs::remove_dir_all(folder).expect("removed");
}
