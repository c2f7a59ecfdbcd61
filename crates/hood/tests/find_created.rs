//! `find_created` when clocks are set, and when none can tell whether an integration is older than the create.

mod support;

use std::time::Duration;

use ocamba_hood::{Client, Error, ErrorKind, Operation, Outcome, RateLimit};
use ocamba_sandbox::Sandbox;
use serde_json::{Value, json};
use support::{Reply, Server, request, response_with};

const NAME: &str = "stepped";

fn client(base_url: &str) -> Client {
    Client::builder().base_url(base_url).token("t").rate_limit(RateLimit::off()).build().expect("a client")
}

/// Makes a create whose connection breaks when it was read or committed.
async fn broken_create(sandbox: &Sandbox, at: &str) -> Error {
    let fault = json!({ "operation": "createIntegration", "times": 1, "fault": { "close": { "at": at } } });
    sandbox.set_faults(&json!({ "faults": [fault] }).to_string().parse().expect("faults")).expect("faults");
    client(&sandbox.base_url()).integrations().create(request(NAME)).await.expect_err("broken")
}

/// Searches for the create of an error that has travelled as text.
async fn find(client: &Client, create: &Value) -> Result<Value, Error> {
    let operation = Operation::from_json("find_created", None, &create.to_string(), false).expect("a create");
    let options = ocamba_hood::CallOptions { reconcile_timeout: Duration::ZERO, ..client.call_options() };
    let found = client.call(operation).with_options(options).await?;
    Ok(serde_json::from_str(found.as_str()).expect("JSON"))
}

fn travelled(error: &Error) -> Value {
    serde_json::from_str(&error.unconfirmed_create().expect("a create")).expect("JSON")
}

/// Checks that the error names these ids and that its create can be searched for again.
fn assert_possible(error: &Error, ids: &[&str]) {
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::OutcomeUnknown, Outcome::Unknown), "{error}");
    assert!(ids.iter().all(|id| error.message().contains(id)), "{error}");
    assert_eq!(travelled(error)["name"], NAME);
}

#[tokio::test]
async fn create_of_another_machine_is_possible_and_never_certain() {
    let sandbox = Sandbox::builder().no_limits().start().await.expect("a sandbox");
    let client = client(&sandbox.base_url());
    let mut create = travelled(&broken_create(&sandbox, "read").await);
    for time in ["began", "failed"] {
        create[time]["clock"] = json!("another machine");
    }
    assert_eq!(find(&client, &create).await.expect("none"), Value::Null);
    let id = client.integrations().create(request(NAME)).await.expect("created").id;
    assert_possible(&find(&client, &create).await.expect_err("possible"), &[&id]);
    let other = client.integrations().create(request(NAME)).await.expect("created").id;
    assert_possible(&find(&client, &create).await.expect_err("possible"), &[&id, &other]);
}

#[tokio::test]
async fn create_is_possible_when_the_server_tells_no_time() {
    let sandbox = Sandbox::builder().no_limits().start().await.expect("a sandbox");
    let create = travelled(&broken_create(&sandbox, "read").await);
    let date = "date: Fri, 29 Oct 2021 12:47:00 GMT\r\ncontent-type: application/json\r\n";
    let page = |create_time: &str| {
        let item =
            json!({ "id": "17", "name": NAME, "provider_id": create["provider_id"], "create_time": create_time });
        json!({ "total": 1, "items": [item] }).to_string()
    };
    let (without_date, with_date) = ("content-type: application/json\r\n", date);
    for (headers, create_time, expected) in [
        (without_date, "2021-10-29 12:47:00", Err("17 (created 2021-10-29 12:47:00)")),
        (with_date, "yesterday", Err("17 (created yesterday)")),
        (with_date, "2021-10-29 12:47:00", Ok("17")),
        (with_date, "2021-10-29 12:46:58", Ok("17")),
        (with_date, "2021-10-29 12:46:00", Ok("")),
    ] {
        let reply = Reply::Bytes(response_with(200, headers, page(create_time).as_bytes()));
        let client = Server::start(reply).await.client().build().expect("a client");
        match (find(&client, &create).await, expected) {
            (Ok(found), Ok(id)) => assert_eq!(found["id"].as_str().unwrap_or_default(), id),
            (result, Err(text)) => assert_possible(&result.expect_err("possible"), &[text]),
            (result, _) => panic!("{result:?}"),
        }
    }
}

#[tokio::test]
async fn longest_timeouts_are_accepted() {
    let sandbox = Sandbox::builder().no_limits().start().await.expect("a sandbox");
    let longest = Duration::MAX;
    let error = broken_create(&sandbox, "commit").await;
    let client = client(&sandbox.base_url());
    let find = client.integrations().find_created(&error).timeout(longest).connect_timeout(longest);
    let id = find.reconcile_timeout(longest).await.expect("no failure").expect("found").id;
    broken_create(&sandbox, "commit").await;
    let faults = json!({ "faults": [{ "operation": "createIntegration", "fault": { "close": { "at": "commit" } } }] });
    sandbox.set_faults(&faults.to_string().parse().expect("faults")).expect("faults");
    let ensure = client.integrations().ensure(request("ensured")).timeout(longest).connect_timeout(longest);
    assert_ne!(ensure.reconcile_timeout(longest).await.expect("found").integration.id, id);
}

#[cfg(target_os = "linux")]
mod stepped_clock {
    use std::process::Command;
    use std::time::SystemTime;

    use super::*;

    const STEP: &str = "OCAMBA_TEST_CLOCK_STEP";

    /// Returns the time some seconds ago, as the API writes it.
    fn ago(seconds: u64) -> String {
        let ago = format!("{seconds} seconds ago");
        let date = Command::new("date").args(["-u", "-d", &ago, "+%F %T"]).output().expect("a date");
        String::from_utf8(date.stdout).expect("text").trim().to_owned()
    }

    /// A process creates, its clock is set, and it searches. An older integration has the same name.
    #[tokio::test(flavor = "multi_thread")]
    async fn set_clock_changes_no_result() {
        let library = support::faults::library(std::path::Path::new(env!("CARGO_TARGET_TMPDIR")));
        for (step, at, expected) in [(-600, "commit", 1), (600, "commit", 1), (-600, "read", 0), (600, "read", 0)] {
            let sandbox = Sandbox::builder().no_limits().start().await.expect("a sandbox");
            let older = client(&sandbox.base_url()).integrations().create(request(NAME)).await.expect("created").id;
            let faults = json!({ "faults": [
                { "operation": "createIntegration", "times": 1, "fault": { "close": { "at": at } } },
                { "operation": "listIntegrations", "fault": { "change": { "set": { "/items/0/create_time": ago(300) } } } },
            ] });
            sandbox.set_faults(&faults.to_string().parse().expect("faults")).expect("faults");
            let shift = library.with_extension(format!("{step}.{at}"));
            std::fs::write(&shift, "clock 0").expect("a file");
            let mut process = Command::new(std::env::current_exe().expect("this test"));
            process.args(["--exact", "--nocapture", "stepped_clock::process_with_a_stepped_clock"]);
            process.env("LD_PRELOAD", &library).env("FAULTS", &shift);
            process.env(STEP, step.to_string()).env("OCAMBA_BASE_URL", sandbox.base_url());
            let output = tokio::task::block_in_place(|| process.output()).expect("a process");
            let printed = String::from_utf8_lossy(&output.stdout).into_owned();
            let created: Vec<_> = sandbox.integrations().into_iter().filter(|made| made.id != older).collect();
            assert_eq!(created.len(), expected);
            let expected = created.first().map_or("none", |made| made.id.as_str());
            assert!(printed.contains(&format!("found: {expected}\n")), "{step} {at}: {printed}");
        }
    }

    /// Run by the test above, in a process of its own.
    #[tokio::test]
    async fn process_with_a_stepped_clock() {
        let Ok(step) = std::env::var(STEP) else { return };
        let client = client(&std::env::var("OCAMBA_BASE_URL").expect("a URL"));
        let error = client.integrations().create(request(NAME)).await.expect_err("broken");
        let before = SystemTime::now();
        std::fs::write(std::env::var("FAULTS").expect("a path"), format!("clock {step}")).expect("written");
        assert_ne!(before.elapsed().is_err(), step.parse::<i64>().expect("seconds") > 0, "the clock was set");
        let found = client.integrations().find_created(&error).reconcile_timeout(Duration::ZERO).await;
        match found {
            Ok(found) => println!("found: {}", found.map_or("none".to_owned(), |found| found.id)),
            Err(error) => println!("error: {error}"),
        }
    }
}
