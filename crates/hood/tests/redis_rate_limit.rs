//! The rate limit of all machines, with a real Redis that the test starts on a free port.
#![cfg(feature = "redis")]

mod support;

use std::time::{Duration, Instant};

use ocamba_hood::{
    Client, ErrorKind, IfUnavailable, NewIntegration, Outcome, Provider, RateLimit, RawValues, Tier, take_warning,
};
use support::redis::Redis;
use support::tls::{Authority, config, encrypted};
use support::{Reply, Server, response, response_with};

fn request() -> NewIntegration {
    NewIntegration::new("Example", Provider::Unknown { provider_id: "9999".into(), settings: RawValues::default() })
}

fn client(server: &Server, rate_limit: RateLimit) -> Client {
    server.client().rate_limit(rate_limit).build().expect("a client")
}

#[tokio::test]
async fn machines_share_one_rate_limit() {
    let (redis, server) = (Redis::start("shared"), Server::start(Reply::Bytes(response(201, r#"{"id": "7"}"#))).await);
    let rate_limit = || RateLimit::redis(redis.url.as_str()).tier(Tier { burst: 3, steady: 100 });
    let (one, other) = (client(&server, rate_limit()), client(&server, rate_limit()));
    let started = Instant::now();
    for client in [&one, &other].repeat(4) {
        client.integrations().create(request()).await.expect("created");
    }
    assert!(started.elapsed() >= Duration::from_secs(2), "{:?}", started.elapsed());
    let status = other.rate_limit_status().await.expect("a status");
    assert_eq!((status.storage, status.used_in_minute, status.in_flight), ("redis", 8, 0));
}

#[tokio::test]
async fn hints_of_the_server_hold_for_all_machines() {
    let refused = response_with(429, "retry-after: 60\r\n", b"");
    let (redis, server) = (Redis::start("asks"), Server::start(Reply::Bytes(refused)).await);
    let (one, other) =
        (client(&server, RateLimit::redis(redis.url.as_str())), client(&server, RateLimit::redis(redis.url.as_str())));
    one.integrations().create(request()).max_retries(0).await.expect_err("refused");
    let status = other.rate_limit_status().await.expect("a status");
    assert!(status.blocked_for > Duration::from_secs(10), "{status:?}");
    let refused = response_with(429, "retry-after: -1\r\n", b"");
    let server = Server::start(Reply::Bytes(refused)).await;
    client(&server, RateLimit::redis(redis.url.as_str()))
        .integrations()
        .create(request())
        .max_retries(0)
        .await
        .expect_err("refused");
    let status = client(&server, RateLimit::redis(redis.url.as_str())).rate_limit_status().await.expect("a status");
    assert_eq!(status.in_flight_limit, Some(1));
}

#[tokio::test]
async fn call_fails_while_redis_is_unavailable() {
    let mut redis = Redis::start("gone");
    let server = Server::start(Reply::Bytes(response(201, r#"{"id": "7"}"#))).await;
    let client = client(&server, RateLimit::redis(redis.url.as_str()));
    client.integrations().create(request()).await.expect("created");
    redis.stop();
    let error = client.integrations().create(request()).await.expect_err("unavailable");
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Connection, Outcome::NotSent));
    assert_eq!(server.requests().len(), 1);
    redis.restart();
    client.integrations().create(request()).await.expect("created");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn memory_of_the_process_takes_the_place_of_redis_while_it_is_unavailable() {
    let name = "memory_of_the_process_takes_the_place_of_redis_while_it_is_unavailable";
    let Some(faults) = support::faults::Faults::of_test(name) else { return };
    let mut redis = Redis::start("memory");
    let server = Server::start(Reply::Bytes(response(201, r#"{"id": "7"}"#))).await;
    let rate_limit = || RateLimit::redis(redis.url.as_str()).if_unavailable(IfUnavailable::UseMemory);
    let (one, other) = (client(&server, rate_limit()), client(&server, rate_limit()));
    one.integrations().create(request()).await.expect("created");
    redis.stop();
    for client in [&one, &other] {
        client.integrations().create(request()).await.expect("created");
    }
    for client in [&one, &other] {
        let status = client.rate_limit_status().await.expect("a status");
        assert_eq!((status.storage, status.used_in_minute), ("memory", 2));
        assert!(status.fallback_reason.is_some_and(|reason| reason.contains("Redis")));
    }
    assert!(take_warning().is_some_and(|warning| warning.contains("Redis")));
    assert_eq!(take_warning(), None, "it warns once");
    redis.restart();
    assert_eq!(one.rate_limit_status().await.expect("a status").storage, "memory");
    faults.set("monotonic 11");
    one.integrations().create(request()).await.expect("created");
    let status = one.rate_limit_status().await.expect("a status");
    assert_eq!((status.storage, status.fallback_reason, status.used_in_minute), ("redis", None, 1));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn wait_does_not_grow_when_the_clock_of_redis_is_set_back() {
    let name = "wait_does_not_grow_when_the_clock_of_redis_is_set_back";
    let Some(faults) = support::faults::Faults::of_test(name) else { return };
    let redis = Redis::start("clock");
    let refused = response_with(429, "retry-after: 30\r\n", b"");
    let server = Server::start(Reply::Bytes(refused)).await;
    let new = || client(&server, RateLimit::redis(redis.url.as_str()));
    let client = new();
    client.integrations().create(request()).max_retries(0).await.expect_err("refused");
    // A clock that is set forward must be seen first by one who knows the time.
    for (clock, clients) in [(-1_200, [&new(), &client]), (-7_200, [&new(), &client]), (-6_000, [&client, &new()])] {
        faults.set(&format!("clock {clock}"));
        for client in clients {
            let status = client.rate_limit_status().await.expect("a status");
            assert!((10..=30).contains(&status.blocked_for.as_secs()), "{clock}: {status:?}");
        }
    }
}

#[tokio::test]
async fn redis_is_reached_by_tcp_by_tls_and_by_a_socket() {
    let (redis, server) = (Redis::start("ways"), Server::start(Reply::Bytes(response(201, r#"{"id": "7"}"#))).await);
    let authority = Authority::new("Corporate CA");
    let tls = config(&authority.issue("127.0.0.1", |_| {}), None);
    let encrypted = format!("rediss://127.0.0.1:{}", encrypted(tls, redis.port()).await);
    let limit = |url: &str| url.parse::<RateLimit>().expect("a rate limit");
    for (used, url) in [redis.url.as_str(), &redis.socket(), &encrypted].into_iter().enumerate() {
        let builder = server.client().root_certificates(&authority.pem).rate_limit(limit(url));
        let client = builder.build().expect("a client");
        client.integrations().create(request()).await.expect(url);
        let status = client.rate_limit_status().await.expect("a status");
        assert_eq!((status.storage, status.used_in_minute), ("redis", used + 1), "{url}");
    }
    let error = client(&server, limit(&encrypted)).integrations().create(request()).await.expect_err("not trusted");
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert!(error.to_string().contains("\"Corporate CA\""), "{error}");
    for url in ["rediss://user:canary@", "unix://", "redis://host:canary", "rediss://host/canary"] {
        let error = server.client().rate_limit(limit(url)).build().expect_err(url).to_string();
        assert!(error.contains("rediss://host:6379") && !error.contains("canary"), "{error}");
    }
}
