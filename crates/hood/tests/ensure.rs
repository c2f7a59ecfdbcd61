//! `ensure` never makes two: after creates that may still take effect, of other tokens, and with lists and names that the
//! server does not keep as promised.

mod support;

use std::future::IntoFuture;
use std::time::Duration;

use ocamba_hood::{Action, Client, ErrorKind, Outcome, RateLimit};
use ocamba_sandbox::Sandbox;
use serde_json::{Value, json};
use support::request;

/// Time after which the sandbox carries out a request that its client has left.
const LATE: u64 = 5_000;
/// Time within which a busy machine has sent a request.
const SENT: Duration = Duration::from_secs(2);

async fn sandbox(faults: Value) -> Sandbox {
    let faults = json!({ "faults": faults }).to_string().parse().expect("faults");
    Sandbox::builder().no_limits().faults(faults).start().await.expect("a sandbox")
}

/// Returns a client that shares its locks and doubts with no other process.
fn client(sandbox: &Sandbox, token: &str) -> Client {
    let folder = std::env::temp_dir().join(format!("ocamba-ensure-{}", std::process::id()));
    let rate_limit = RateLimit::shared_in(folder).tier(ocamba_hood::Tier { burst: 1_000, steady: 10_000 });
    Client::builder().base_url(sandbox.base_url()).token(token).rate_limit(rate_limit).build().expect("a client")
}

fn late_create() -> Value {
    json!([{ "operation": "createIntegration", "times": 1, "fault": { "delay": { "ms": LATE } } }])
}

/// Makes a create that times out before it is carried out.
async fn time_out(client: &Client, name: &str) {
    let create = client.integrations().create(request(name)).timeout(SENT).await;
    assert_eq!(create.expect_err("timed out").outcome(), Outcome::Unknown);
}

/// Ensures the name, and asserts that the late create made it.
async fn assert_one(sandbox: &Sandbox, client: &Client, name: &str) {
    let ensured = client.integrations().ensure(request(name)).await.expect("ensured");
    assert_eq!(ensured.action, Action::Adopted);
    assert_eq!(sandbox.integrations().len(), 1, "{:?}", sandbox.journal());
}

#[tokio::test]
async fn ensure_waits_for_a_create_that_timed_out() {
    let sandbox = sandbox(late_create()).await;
    time_out(&client(&sandbox, "t"), "late").await;
    assert_one(&sandbox, &client(&sandbox, "t"), "late").await;
}

#[tokio::test]
async fn ensure_waits_for_a_create_that_was_cancelled() {
    let sandbox = sandbox(late_create()).await;
    let first = client(&sandbox, "t");
    let call = first.integrations().create(request("cancelled"));
    let progress = call.progress();
    assert!(tokio::time::timeout(SENT, call).await.is_err());
    assert!(progress.cancel());
    assert_one(&sandbox, &client(&sandbox, "t"), "cancelled").await;
}

#[tokio::test]
async fn ensure_waits_for_an_ensure_that_was_cancelled() {
    let sandbox = sandbox(late_create()).await;
    let first = client(&sandbox, "t");
    let call = first.integrations().ensure(request("ensured"));
    assert!(tokio::time::timeout(SENT, call).await.is_err());
    assert_one(&sandbox, &client(&sandbox, "t"), "ensured").await;
}

#[tokio::test]
async fn rejected_ensure_does_not_end_the_doubt_of_a_create() {
    // The first search takes so long that the create times out meanwhile.
    let sandbox = sandbox(json!([
        { "operation": "listIntegrations", "times": 1, "fault": { "delay": { "ms": LATE / 2 } } },
        { "operation": "createIntegration", "times": 1, "fault": { "delay": { "ms": LATE } } },
        { "operation": "createIntegration", "times": 1, "fault": { "answer": { "status": 400 } } }
    ]))
    .await;
    let (one, other) = (client(&sandbox, "t"), client(&sandbox, "t"));
    let create = time_out(&one, "rejected");
    let (rejected, ()) = tokio::join!(other.integrations().ensure(request("rejected")).into_future(), create);
    assert_eq!(rejected.expect_err("rejected").outcome(), Outcome::Rejected);
    assert_one(&sandbox, &client(&sandbox, "t"), "rejected").await;
}

#[tokio::test]
async fn ensure_waits_for_a_create_through_another_name_of_the_machine() {
    let sandbox = sandbox(late_create()).await;
    time_out(&client(&sandbox, "t"), "spelled").await;
    let base_url = sandbox.base_url().replace("127.0.0.1", "localhost");
    let other =
        Client::builder().base_url(base_url).token("t").rate_limit(RateLimit::memory()).build().expect("a client");
    assert_one(&sandbox, &other, "spelled").await;
}

#[tokio::test]
async fn tokens_of_one_account_ensure_one() {
    let sandbox = sandbox(json!([{ "operation": "createIntegration", "fault": { "delay": { "ms": 20 } } }])).await;
    client(&sandbox, "first").integrations().create(request("names the company")).await.expect("created");
    let calls: Vec<_> = ["one", "two", "three", "four"]
        .map(|token| client(&sandbox, token))
        .into_iter()
        .map(|client| tokio::spawn(async move { client.integrations().ensure(request("shared")).await }))
        .collect();
    for call in calls {
        call.await.expect("no panic").expect("ensured");
    }
    assert_eq!(sandbox.integrations().iter().filter(|one| one.name == "shared").count(), 1);
}

#[tokio::test]
async fn list_with_holes_proves_no_absence() {
    let sandbox = sandbox(json!([
        { "operation": "listIntegrations", "fault": { "change": { "set": { "/total": 7 } } } }
    ]))
    .await;
    let client = client(&sandbox, "t");
    client.integrations().create(request("known")).await.expect("created");
    assert_eq!(client.integrations().ensure(request("known")).await.expect("ensured").action, Action::Adopted);
    let error = client.integrations().ensure(request("missing")).await.expect_err("unknown");
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::UnreadableResponse, Outcome::NotSent));
    assert!(error.message().contains("fewer items than its total"), "{error}");
    assert_eq!(sandbox.integrations().len(), 1);
}

#[tokio::test]
async fn name_that_the_server_changes_is_an_error() {
    let sandbox = sandbox(json!([
        { "operation": "createIntegration", "fault": { "change": { "set": { "/name": "other" } } } }
    ]))
    .await;
    let error = client(&sandbox, "t").integrations().ensure(request("Other")).await.expect_err("changed");
    assert_eq!(error.outcome(), Outcome::Applied);
    assert!(error.message().contains("changed its name from \"Other\" to \"other\""), "{error}");
}

#[tokio::test]
async fn name_that_a_server_may_trim_is_refused() {
    let sandbox = sandbox(json!([])).await;
    for name in [" a", "a ", "a\u{a0}", "a\nb", "a\0b", "\u{3000}a"] {
        let error = client(&sandbox, "t").integrations().ensure(request(name)).await.expect_err("refused");
        assert_eq!((error.kind(), error.field_errors()[0].field.as_str()), (ErrorKind::Validation, "name"), "{name:?}");
    }
    assert!(sandbox.journal().is_empty());
}

#[tokio::test]
async fn own_create_is_not_reported_as_not_sent_when_another_makes_the_name() {
    // The response to the own create is lost, and the search for it takes its time.
    let sandbox = sandbox(json!([
        { "operation": "createIntegration", "times": 1, "fault": { "close": { "at": "commit" } } },
        { "operation": "listIntegrations", "skip": 1, "times": 1, "fault": { "delay": { "ms": LATE } } }
    ]))
    .await;
    let (one, other) = (client(&sandbox, "t"), client(&sandbox, "t"));
    let create = async {
        while sandbox.integrations().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        other.integrations().create(request("twice")).await.expect("created");
    };
    let (ensured, ()) = tokio::join!(one.integrations().ensure(request("twice")).into_future(), create);
    let error = ensured.expect_err("two");
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Duplicate, Outcome::Unknown));
}

/// Returns a sandbox that breaks the first create, and a client that has no permit for its repetition: those for the search
/// before, the create, and the search after it.
async fn without_permit_to_repeat() -> (Sandbox, Client) {
    let broken = json!([{ "operation": "createIntegration", "times": 1, "fault": { "close": { "at": "read" } } }]);
    let sandbox = sandbox(broken).await;
    let rate_limit = RateLimit::memory().tier(ocamba_hood::Tier { burst: 10, steady: 3 });
    let client = Client::builder().base_url(sandbox.base_url()).token("t").rate_limit(rate_limit);
    (sandbox, client.build().expect("a client"))
}

#[tokio::test]
async fn request_that_arrived_is_not_reported_as_not_sent_when_its_repetition_is() {
    let (sandbox, client) = without_permit_to_repeat().await;
    let ensure = client.integrations().ensure(request("repeated")).reconcile_timeout(Duration::ZERO);
    let error = ensure.timeout(Duration::from_secs(30)).await.expect_err("without a permit");
    assert_eq!(sandbox.journal().iter().filter(|entry| entry.method == "POST").count(), 1);
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::OutcomeUnknown, Outcome::Unknown), "{error}");
}

#[tokio::test]
async fn cancelled_ensure_tells_of_a_request_before_its_repetition() {
    let (_sandbox, client) = without_permit_to_repeat().await;
    let ensure = client.integrations().ensure(request("cancelled in between")).reconcile_timeout(Duration::ZERO);
    let progress = ensure.progress();
    let permit_is_awaited = async {
        while client.rate_limit_status().await.map_or(true, |status| (status.waiting, status.used_in_minute) != (1, 3))
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        ensured = ensure.into_future() => panic!("{ensured:?}"),
        () = permit_is_awaited => {
            assert!(progress.may_have_been_sent());
            assert!(progress.cancel());
        }
    }
}

#[tokio::test]
async fn refusal_is_reported_when_its_repetition_cannot_be_noted() {
    let refused = json!({ "answer": { "status": 429, "headers": { "Retry-After": "2" } } });
    let sandbox = sandbox(json!([{ "operation": "createIntegration", "times": 1, "fault": refused }])).await;
    let folder = std::env::temp_dir().join(format!("ocamba-ensure-noted-{}", std::process::id()));
    let client = Client::builder().base_url(sandbox.base_url()).token("t").rate_limit(RateLimit::shared_in(&folder));
    let client = client.build().expect("a client");
    let ensure = client.integrations().ensure(request("refused")).timeout(Duration::from_secs(5));
    let lock = async {
        while sandbox.journal().iter().all(|entry| entry.method != "POST") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // Another process is stopped while it has the file.
        let mut files = std::fs::read_dir(&folder).expect("a folder").flatten().map(|file| file.path());
        let doubts = files.find(|path| path.to_string_lossy().contains("doubts-")).expect("a file");
        let file = std::fs::File::open(doubts).expect("opened");
        file.lock().expect("locked");
        file
    };
    let (ensured, _file) = tokio::join!(ensure.into_future(), lock);
    let error = ensured.expect_err("not repeated");
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::RateLimit, Outcome::Rejected), "{error}");
    std::fs::remove_dir_all(folder).expect("removed");
}

#[tokio::test]
async fn doubt_is_kept_in_memory_where_no_file_can_be_written() {
    let sandbox = sandbox(late_create()).await;
    let nowhere = || {
        let rate_limit = RateLimit::shared_in("/proc/no-such-folder");
        let builder = Client::builder().base_url(sandbox.base_url()).token("t").rate_limit(rate_limit);
        builder.build().expect("a client")
    };
    time_out(&nowhere(), "nowhere").await;
    assert_one(&sandbox, &nowhere(), "nowhere").await;
}

#[tokio::test]
async fn only_what_may_have_taken_effect_is_said_to() {
    let hang = json!({ "hang": { "at": "commit" } });
    let sandbox = sandbox(json!([
        { "operation": "listIntegrations", "fault": hang },
        { "operation": "createIntegration", "fault": hang },
    ]))
    .await;
    let (client, name) = (client(&sandbox, "t"), "effect");
    let effect = "the request may have taken effect";
    let created = client.integrations().create(request(name)).timeout(SENT).await.expect_err("no response");
    assert!(created.to_string().contains(effect), "{created}");
    let listed = client.integrations().list().timeout(SENT).page(1).await.expect_err("no response");
    assert_eq!(listed.to_string(), "timed out waiting for the response");
    let ensured = client.integrations().ensure(request("other")).timeout(SENT).await.expect_err("no response");
    assert_eq!((ensured.outcome(), ensured.to_string().contains(effect)), (Outcome::NotSent, false), "{ensured}");
}

#[tokio::test]
async fn ensure_whose_create_is_unknown_says_so_after_its_searches() {
    let sandbox = sandbox(json!([
        { "operation": "createIntegration", "fault": { "close": { "at": "commit" } } },
        { "operation": "listIntegrations", "skip": 1, "fault": { "hang": {} } },
    ]))
    .await;
    let client = client(&sandbox, "t");
    let ensure = client.integrations().ensure(request("searched")).timeout(2 * SENT);
    let error = ensure.await.expect_err("no response");
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert!(error.attempts().last().is_some_and(|last| last.method == "GET"), "{:?}", error.attempts());
    assert!(error.to_string().contains("the request may have taken effect"), "{error}");
}

#[tokio::test]
async fn ensure_whose_update_is_unknown_says_so_after_its_repetition() {
    let lost = json!({ "operation": "updateIntegration", "times": 1, "fault": { "close": { "at": "read" } } });
    let refused = json!({ "operation": "updateIntegration", "fault": { "answer": { "status": 400 } } });
    let sandbox = sandbox(json!([lost, refused])).await;
    let client = client(&sandbox, "t");
    client.integrations().create(request("updated")).await.expect("created");
    let other = request("updated").status("inactive");
    let error = client.integrations().ensure(other).await.expect_err("not updated");
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::OutcomeUnknown, Outcome::Unknown), "{error}");
    let updates = sandbox.journal().iter().filter(|e| e.operation.as_deref() == Some("updateIntegration")).count();
    assert_eq!(updates, 2);
}
