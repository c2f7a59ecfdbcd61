//! A ledger is of one account from its first run on, and a plan from when it was made.

use std::time::Duration;

use ocamba_fleet::{Error, Fleet, Ledger, Report, RowReader, SavedPlan};
use ocamba_hood::{Client, Outcome, RateLimit, providers};
use ocamba_sandbox::Sandbox;
use serde_json::{Map, Value, json};

async fn sandbox(faults: Value) -> Sandbox {
    let faults = json!({ "faults": faults }).to_string().parse().expect("faults");
    Sandbox::builder().no_limits().faults(faults).start().await.expect("a sandbox")
}

fn fleet() -> Fleet {
    let settings: Map<String, Value> =
        providers()[0].settings.iter().map(|s| (s.name.to_owned(), json!("x"))).collect();
    let row = json!({"name": "a", "provider_id": providers()[0].id, "settings": settings});
    RowReader::from_requests([row.to_string()], "rows").check().expect("valid rows")
}

async fn apply(sandbox: &Sandbox, token: &str, ledger: &Ledger) -> Result<Report, Error> {
    fleet().apply(&client(sandbox, token), ledger).run().await
}

fn client(sandbox: &Sandbox, token: &str) -> Client {
    let client = Client::builder().base_url(sandbox.base_url()).token(token).rate_limit(RateLimit::off());
    client.timeout(Duration::from_secs(5)).build().expect("a client")
}

/// Asserts that a token is refused before anything is created.
async fn refuses(sandbox: &Sandbox, token: &str, ledger: &Ledger, why: &str) {
    let count = sandbox.integrations().len();
    let error = apply(sandbox, token, ledger).await.expect_err(token);
    let message = error.to_string();
    assert!(message.contains("another account") && message.contains(why), "{message}");
    assert!(message.contains("another ledger") && !message.contains(token), "{message}");
    assert_eq!((error.code(), error.outcome()), ("other_account", Outcome::NotSent));
    assert_eq!(sandbox.integrations().len(), count);
}

#[tokio::test]
async fn ledger_begun_on_an_empty_account_refuses_another_token() {
    let refusal = json!({"operation": "createIntegration", "fault": {"answer": {"status": 400}}});
    let sandbox = sandbox(json!([refusal])).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    // No response names the company.
    let report = apply(&sandbox, "token-one", &Ledger::open(&path).expect("new")).await.expect("a report");
    assert_eq!(report.summary(), "1 failed");
    let ledger = Ledger::open(&path).expect("free");
    refuses(&sandbox, "token-two", &ledger, "apply with the token that began it").await;
    assert_eq!(apply(&sandbox, "token-one", &ledger).await.expect("the same token").summary(), "1 failed");
    drop(ledger);
    for file in std::fs::read_dir(folder.path()).expect("a folder").flatten() {
        let bytes = std::fs::read(file.path()).expect("read");
        assert!(!String::from_utf8_lossy(&bytes).contains("token-"), "{file:?}");
    }
}

#[tokio::test]
async fn created_integration_names_the_account_for_other_tokens() {
    let sandbox = sandbox(json!([])).await;
    let ledger = Ledger::in_memory().expect("a ledger");
    assert_eq!(apply(&sandbox, "one", &ledger).await.expect("created").summary(), "1 created");
    apply(&sandbox, "two", &ledger).await.expect("of the same company");
    // In an empty account, the tokens that it has seen are known, and no others.
    sandbox.reset();
    apply(&sandbox, "two", &ledger).await.expect("a known token");
    sandbox.reset();
    refuses(&sandbox, "three-x", &ledger, "apply with the token that began it").await;
}

#[tokio::test]
async fn ledger_of_a_known_account_refuses_another() {
    let other = json!({"change": {"set": {"/items/0/company_id": "77"}}});
    let fault = json!({"operation": "listIntegrations", "skip": 1, "fault": other});
    let sandbox = sandbox(json!([fault])).await;
    let ledger = Ledger::in_memory().expect("a ledger");
    apply(&sandbox, "token-one", &ledger).await.expect("created");
    refuses(&sandbox, "token-two", &ledger, "77").await;
}

#[tokio::test]
async fn plan_of_an_account_without_a_known_company_is_of_its_token() {
    let sandbox = sandbox(json!([])).await;
    let rows = fleet();
    let saved = async |token: &str| {
        let client = client(&sandbox, token);
        let plan = rows.plan(&client, None).await.expect("a plan");
        let text = serde_json::to_string(&SavedPlan::new(&rows, &plan, &client).expect("a plan")).expect("JSON");
        assert!(!text.contains(token), "{text}");
        serde_json::from_str::<SavedPlan>(&text).expect("a plan")
    };
    let apply = async |token: &str, saved: &SavedPlan| {
        let ledger = Ledger::in_memory().expect("a ledger");
        rows.apply(&client(&sandbox, token), &ledger).as_planned(saved).run().await.map(|report| report.summary())
    };
    let refuses = async |token: &str, saved: &SavedPlan| {
        let error = apply(token, saved).await.expect_err(token);
        assert!(matches!(&error, Error::Stale(why) if why.contains("another token")), "{error}");
        assert!(!error.to_string().contains("token-") && error.outcome() == Outcome::NotSent, "{error}");
    };
    let of_empty_account = saved("token-one").await;
    refuses("token-two", &of_empty_account).await;
    assert_eq!(apply("token-one", &of_empty_account).await.expect("of its token"), "1 created");
    // Now a response names the company, which the plan does not know.
    refuses("token-two", &of_empty_account).await;
    let of_company = saved("token-one").await;
    assert_eq!(apply("token-two", &of_company).await.expect("of its company"), "1 adopted");
    sandbox.reset();
    refuses("token-two", &of_company).await;
}

#[tokio::test]
async fn list_with_holes_proves_no_absence() {
    let hole = json!({"operation": "listIntegrations", "fault": {"change": {"set": {"/total": 5}}}});
    let sandbox = sandbox(json!([hole])).await;
    let error = apply(&sandbox, "t", &Ledger::in_memory().expect("a ledger")).await.expect_err("not planned");
    assert!(error.to_string().contains("fewer items than its total"), "{error}");
    assert_eq!(sandbox.integrations().len(), 0);
}
