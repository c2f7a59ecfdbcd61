//! A ledger is of one account from its first run on.

use std::time::Duration;

use ocamba_fleet::{Error, Fleet, Ledger, Report, RowReader, Secrets};
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
    RowReader::from_requests([row.to_string()], "rows").check(Secrets::new()).expect("valid rows")
}

async fn apply(sandbox: &Sandbox, token: &str, ledger: &Ledger) -> Result<Report, Error> {
    let client = Client::builder().base_url(sandbox.base_url()).token(token).rate_limit(RateLimit::off());
    let client = client.timeout(Duration::from_secs(5)).build().expect("a client");
    fleet().apply(&client, ledger).run().await
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
