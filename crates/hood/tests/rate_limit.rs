//! The rate limit of several clients.

mod support;

use std::time::{Duration, Instant};

use ocamba_hood::{NewIntegration, Provider, RateLimit, RawValues, Tier};
use support::{Reply, Server, response};

fn request() -> NewIntegration {
    NewIntegration::new("Example", Provider::Unknown { provider_id: "9999".into(), settings: RawValues::default() })
}

#[tokio::test]
async fn clients_share_the_limit_of_their_account_only() {
    let folder = std::env::temp_dir().join(format!("ocamba-rate-limit-{}", std::process::id()));
    let server = Server::start(Reply::Bytes(response(201, r#"{"id": "7"}"#))).await;
    let client = |token: &str| {
        let rate_limit = RateLimit::shared_in(&folder).tier(Tier { burst: 2, steady: 100 });
        server.client().token(token).rate_limit(rate_limit).build().expect("a client")
    };
    let (one, same, other) = (client("a"), client("a"), client("b"));
    for (client, used) in [(&one, 1), (&same, 2), (&other, 1)] {
        client.integrations().create(request()).await.expect("created");
        let status = client.rate_limit_status().await.expect("a status");
        assert_eq!((status.storage, status.used_in_minute, status.in_flight), ("file", used, 0));
    }
    std::fs::remove_dir_all(folder).expect("removed");
}

#[tokio::test]
async fn memory_limits_a_client_to_its_tier() {
    let server = Server::start(Reply::Bytes(response(201, r#"{"id": "7"}"#))).await;
    let rate_limit = RateLimit::memory().tier(Tier { burst: 3, steady: 100 });
    let client = server.client().rate_limit(rate_limit).build().expect("a client");
    let started = Instant::now();
    for _ in 0..7 {
        client.integrations().create(request()).await.expect("created");
    }
    assert!(started.elapsed() >= Duration::from_secs(2), "{:?}", started.elapsed());
    let status = client.rate_limit_status().await.expect("a status");
    assert_eq!((status.storage, status.used_in_minute, status.in_flight), ("memory", 7, 0));
}
