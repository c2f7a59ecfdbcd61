//! `ensure` among machines that share only a Redis, which loses its data at the worst time.
#![cfg(feature = "redis")]

mod support;

use std::future::IntoFuture;
use std::process::{Command, Stdio};
use std::time::Duration;

use ocamba_hood::{Client, IfUnavailable, Outcome, RateLimit, Tier, take_warning};
use ocamba_sandbox::Sandbox;
use serde_json::json;
use support::redis::Redis;
use support::request;

/// Time after which the sandbox carries out a request that its client has left.
const LATE: Duration = Duration::from_secs(2);

/// Starts a sandbox that carries out the first create of a name late.
async fn sandbox(name: &str) -> Sandbox {
    let late = json!({ "name": name, "times": 1, "fault": { "delay": { "ms": LATE.as_millis() as u64 } } });
    let faults = json!({ "faults": [late] }).to_string().parse().expect("faults");
    Sandbox::builder().no_limits().faults(faults).start().await.expect("a sandbox")
}

/// Returns a machine: a process of its own, which has no memory and no file of another, and ensures a name.
fn machine(sandbox: &Sandbox, redis: &Redis, name: &str) -> Command {
    let mut machine = Command::new(std::env::current_exe().expect("this test"));
    machine.args(["--exact", "machine_ensures", "--nocapture"]);
    machine.envs([("TEST_URL", sandbox.base_url()), ("TEST_REDIS", redis.url.clone()), ("TEST_NAME", name.to_owned())]);
    machine.stdout(Stdio::piped()).env("OCAMBA_RATE_LIMIT_DIR", "/proc/no-such-folder");
    machine
}

/// Does nothing in a run of the tests: only as a [`machine`].
#[tokio::test]
async fn machine_ensures() {
    let Ok(base_url) = std::env::var("TEST_URL") else { return };
    let [redis, name] = ["TEST_REDIS", "TEST_NAME"].map(|name| std::env::var(name).expect("a setting"));
    let rate_limit = RateLimit::redis(redis).tier(Tier { burst: 1_000, steady: 10_000 });
    let client = Client::builder().base_url(base_url).token("t").rate_limit(rate_limit);
    let client = client.connect_timeout(Duration::from_millis(100)).build().expect("a client");
    let timeout = std::env::var("TEST_TIMEOUT_MS").map_or(60_000, |text| text.parse().expect("a number"));
    let ensure = client.integrations().ensure(request(&name)).timeout(Duration::from_millis(timeout));
    let ensured = ensure.reconcile_timeout(2 * LATE).await;
    println!("ensured: {:?}", ensured.map(|ensured| ensured.action));
}

/// Returns what a machine prints of its ensure.
async fn ensured(mut machine: Command) -> String {
    let output = tokio::task::spawn_blocking(move || machine.output().expect("a process")).await.expect("no panic");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Starts a machine, and kills it when its create has reached the sandbox.
async fn killed_in_its_create(sandbox: &Sandbox, redis: &Redis, name: &str) {
    let mut machine = machine(sandbox, redis, name).spawn().expect("a process");
    while !sandbox.arrivals().iter().any(|arrival| arrival.name.as_deref() == Some(name)) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    machine.kill().expect("killed");
    machine.wait().expect("dead");
    assert!(!sandbox.integrations().iter().any(|one| one.name == name));
}

/// Asserts that another machine finds what the create makes late.
async fn assert_adopted(sandbox: &Sandbox, redis: &Redis, name: &str) {
    let text = ensured(machine(sandbox, redis, name)).await;
    assert!(text.contains("ensured: Ok(Adopted)"), "{text} {:?}", sandbox.journal());
    assert_eq!(sandbox.integrations().iter().filter(|one| one.name == name).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn machine_waits_for_the_create_of_another_that_timed_out() {
    let name = "timed out";
    let (sandbox, redis) = (sandbox(name).await, Redis::start("timed-out"));
    // A Redis that has just started may have lost a doubt, so the first ensure takes its time.
    assert!(ensured(machine(&sandbox, &redis, "first")).await.contains("ensured: Ok(Created)"));
    let mut first = machine(&sandbox, &redis, name);
    first.env("TEST_TIMEOUT_MS", "1700");
    let text = ensured(first).await;
    assert!(text.contains("ensured: Err"), "{text}");
    assert_adopted(&sandbox, &redis, name).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_create_does_not_end_the_doubt_of_another() {
    let name = "late and rejected";
    let (sandbox, redis) = (sandbox(name).await, Redis::start("rejected"));
    assert!(ensured(machine(&sandbox, &redis, "first")).await.contains("ensured: Ok(Created)"));
    let rate_limit = RateLimit::redis(redis.url.as_str()).tier(Tier { burst: 1_000, steady: 10_000 });
    let client = Client::builder().base_url(sandbox.base_url()).token("t").rate_limit(rate_limit).build();
    let client = client.expect("a client");
    let late = client.integrations().create(request(name)).timeout(LATE * 4 / 5).await;
    assert_eq!(late.expect_err("timed out").outcome(), Outcome::Unknown);
    let faults = json!({ "faults": [{ "name": name, "times": 1, "fault": { "answer": { "status": 400 } } }] });
    sandbox.set_faults(&faults.to_string().parse().expect("faults")).expect("faults");
    let rejected = client.integrations().create(request(name)).await;
    assert_eq!(rejected.expect_err("rejected").outcome(), Outcome::Rejected);
    assert_adopted(&sandbox, &redis, name).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn machine_waits_for_a_create_though_redis_lost_its_data() {
    let name = "before the loss";
    let (sandbox, mut redis) = (sandbox(name).await, Redis::start("restarted"));
    killed_in_its_create(&sandbox, &redis, name).await;
    redis.restart();
    assert_adopted(&sandbox, &redis, name).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn machine_waits_for_a_create_that_the_replica_did_not_hear_of() {
    for knows_generation in [true, false] {
        let name = "before the failover";
        let (sandbox, mut redis) = (sandbox(name).await, Redis::start("master"));
        if knows_generation {
            assert!(ensured(machine(&sandbox, &redis, "first")).await.contains("ensured: Ok(Created)"));
        }
        let replica = redis.replica("replica");
        replica.command("REPLICAOF NO ONE");
        // Longer than any doubt: nothing was lost when it started.
        replica.wait_for("server", |info| !(0..7).any(|old| info.contains(&format!("uptime_in_seconds:{old}\r"))));
        killed_in_its_create(&sandbox, &redis, name).await;
        redis.fail_over(replica);
        assert_adopted(&sandbox, &redis, name).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ensure_without_redis_warns_that_other_machines_do_not_see_its_lock() {
    let (sandbox, mut redis) = (sandbox("none").await, Redis::start("unavailable"));
    let rate_limit = RateLimit::redis(redis.url.as_str()).if_unavailable(IfUnavailable::UseMemory);
    redis.stop();
    let client = Client::builder().base_url(sandbox.base_url()).token("t").rate_limit(rate_limit).build();
    client.expect("a client").integrations().ensure(request("here")).await.expect("ensured");
    let warnings = std::iter::from_fn(take_warning).filter(|warning| warning.contains("the same integration"));
    assert_eq!(warnings.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn lock_that_a_stopped_redis_gives_to_a_call_that_ended_is_given_up() {
    let (sandbox, redis) = (sandbox("none").await, Redis::start("stopped"));
    let rate_limit = RateLimit::redis(redis.url.as_str()).tier(Tier { burst: 1_000, steady: 10_000 });
    let client = Client::builder().base_url(sandbox.base_url()).token("t").rate_limit(rate_limit).build();
    let client = client.expect("a client");
    let ensure = |name, timeout| client.integrations().ensure(request(name)).timeout(timeout).reconcile_timeout(LATE);
    ensure("connects", Duration::from_secs(60)).await.expect("ensured");
    redis.signal("-STOP");
    let error = ensure("stopped", LATE / 5).await.expect_err("stopped");
    assert_eq!(error.outcome(), Outcome::NotSent);
    redis.signal("-CONT");
    // Redis itself gives it up after 30 s.
    ensure("stopped", Duration::from_secs(20)).await.expect("ensured");
}

#[tokio::test(flavor = "multi_thread")]
async fn call_waits_for_a_redis_that_is_slow() {
    let (sandbox, redis) = (sandbox("none").await, Redis::start("slow"));
    let client =
        Client::builder().base_url(sandbox.base_url()).token("t").rate_limit(RateLimit::redis(redis.url.as_str()));
    let client = client.build().expect("a client");
    client.integrations().create(request("connects")).await.expect("created");
    redis.signal("-STOP");
    let (created, ()) = tokio::join!(client.integrations().create(request("waits")).into_future(), async {
        tokio::time::sleep(Duration::from_millis(700)).await;
        redis.signal("-CONT");
    });
    created.expect("created within the two seconds that Redis has");
}
