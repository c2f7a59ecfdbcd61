//! Several accounts, one for each token.

use ocamba_sandbox::Sandbox;
use serde_json::Value;

use crate::Result;
use crate::client::{PATH, Response, ask, named, request};

fn send(sandbox: &Sandbox, token: &str, method: &str, path: &str, body: &str) -> Response {
    let line = format!("{method} {path} HTTP/1.1");
    let authorization = format!("Authorization: Bearer {token}");
    let lines = [line.as_str(), &authorization, "Content-Type: application/json"];
    // The control also takes requests without a token.
    let lines = if token.is_empty() { &lines[..1] } else { &lines[..] };
    ask(sandbox, request(lines, body))
}

/// Returns the values of a field in a list of the control, for the account of a token, or for all.
fn control(sandbox: &Sandbox, token: &str, path: &str, field: &str) -> Vec<Value> {
    let list = send(sandbox, token, "GET", &format!("/_sandbox/{path}"), "").json();
    list.as_array().unwrap().iter().map(|it| it[field].clone()).collect()
}

fn names(response: &Response) -> Vec<String> {
    response.json()["items"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn suites_with_a_token_each_do_not_meet() -> Result {
    let sandbox = Sandbox::builder().account_per_token(true).burst(0).steady(3).max_in_flight(0).start().await?;
    let create = |token, name: &str| send(&sandbox, token, "POST", PATH, &named(name));
    let (a, b) = (create("a", "of a").json(), create("b", "of b").json());
    assert_ne!(a["company_id"], b["company_id"]);
    for (token, own, other) in [("a", &a, &b), ("b", &b, &a)] {
        let list = send(&sandbox, token, "GET", PATH, "");
        assert_eq!(names(&list), [own["name"].as_str().unwrap()]);
        let [own, other] = [own, other].map(|it| format!("{PATH}/{}", it["id"].as_str().unwrap()));
        assert_eq!(send(&sandbox, token, "GET", &other, "").status, 404);
        // The fourth within a minute, of this account alone.
        assert_eq!(send(&sandbox, token, "GET", &own, "").status, 429);
    }
    assert_eq!(control(&sandbox, "a", "integrations", "name"), ["of a"]);
    assert_eq!(control(&sandbox, "", "integrations", "name"), ["of a", "of b"]);
    assert_eq!(control(&sandbox, "b", "journal", "status"), [201, 200, 404, 429]);
    assert_eq!(control(&sandbox, "", "arrivals", "id").len(), 8);
    assert_eq!(control(&sandbox, "a", "arrivals", "id").len(), 4);

    // A reset of one is none of the other.
    assert_eq!(send(&sandbox, "a", "POST", "/_sandbox/reset", "").status, 204);
    assert!(control(&sandbox, "a", "journal", "id").is_empty() && control(&sandbox, "a", "arrivals", "id").is_empty());
    assert_eq!(control(&sandbox, "", "integrations", "name"), ["of b"]);
    assert_eq!(control(&sandbox, "b", "journal", "id").len(), 4);
    assert_eq!(create("a", "again").json()["company_id"], a["company_id"]);
    assert_eq!(control(&sandbox, "a", "journal", "name"), ["again"]);
    assert_eq!(send(&sandbox, "b", "GET", PATH, "").status, 429);
    assert_eq!(send(&sandbox, "", "POST", "/_sandbox/reset", "").status, 204);
    assert!(control(&sandbox, "", "integrations", "id").is_empty() && sandbox.journal().is_empty());
    assert_eq!(send(&sandbox, "b", "GET", PATH, "").status, 200);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_account_starts_with_the_seed() -> Result {
    let seed = vec![serde_json::from_str(&named("seed"))?];
    let sandbox = Sandbox::builder().account_per_token(true).no_limits().seed(seed).start().await?;
    assert!(sandbox.integrations().is_empty());
    for token in ["a", "b"] {
        assert_eq!(names(&send(&sandbox, token, "GET", PATH, "")), ["seed"]);
    }
    assert_eq!(send(&sandbox, "a", "POST", PATH, &named("n")).status, 201);
    assert_eq!(send(&sandbox, "a", "POST", "/_sandbox/reset", "").status, 204);
    assert_eq!(names(&send(&sandbox, "a", "GET", PATH, "")), ["seed"]);
    assert_eq!(sandbox.integrations().len(), 2);
    sandbox.reset();
    assert!(sandbox.integrations().is_empty());
    assert_eq!(names(&send(&sandbox, "b", "GET", PATH, "")), ["seed"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_one_account_leave_the_others_alone() -> Result {
    let sandbox = Sandbox::builder().account_per_token(true).no_limits().start().await?;
    let fault = r#"{"faults":[{"fault":{"answer":{"status":503}}}]}"#;
    assert_eq!(send(&sandbox, "a", "PUT", "/_sandbox/faults", fault).status, 204);
    let status = |token| send(&sandbox, token, "GET", PATH, "").status;
    assert_eq!((status("a"), status("b")), (503, 200));
    assert!(sandbox.faults().faults.is_empty());
    assert_eq!(send(&sandbox, "b", "POST", "/_sandbox/reset", "").status, 204);
    assert_eq!(status("a"), 503);
    assert_eq!(send(&sandbox, "a", "DELETE", "/_sandbox/faults", "").status, 204);
    assert_eq!(status("a"), 200);
    let early = r#"{"faults":[{"fault":{"reset":{"at":"arrival"}}}]}"#;
    assert!(send(&sandbox, "a", "PUT", "/_sandbox/faults", early).refused(400).contains("without a token"));
    assert_eq!(send(&sandbox, "", "PUT", "/_sandbox/faults", fault).status, 204);
    assert_eq!((status("a"), status("b")), (503, 503));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_share_an_account_unless_each_has_its_own() -> Result {
    let sandbox = Sandbox::builder().token("a").token("b").start().await?;
    assert_eq!(send(&sandbox, "a", "POST", PATH, &named("n")).status, 201);
    assert_eq!(names(&send(&sandbox, "b", "GET", PATH, "")), ["n"]);
    send(&sandbox, "c", "GET", PATH, "").refused(401);
    // The token of a request to the control makes no difference.
    assert_eq!(control(&sandbox, "b", "journal", "status"), [201, 200, 401]);
    assert_eq!(send(&sandbox, "a", "POST", "/_sandbox/reset", "").status, 204);
    assert!(names(&send(&sandbox, "b", "GET", PATH, "")).is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_expire() -> Result {
    let sandbox = Sandbox::builder().burst(0).steady(6).start().await?;
    let faults = r#"{"faults":[{"operation":"listIntegrations","fault":{"expire_token":{"after":2}}}]}"#;
    assert_eq!(send(&sandbox, "", "PUT", "/_sandbox/faults", faults).status, 204);
    let status = |token| send(&sandbox, token, "GET", PATH, "").status;
    assert_eq!([status("old"), status("old"), status("old"), status("old")], [200, 200, 401, 401]);
    // Another operation, and the next token.
    assert_eq!(send(&sandbox, "old", "POST", PATH, &named("n")).status, 201);
    let refused = send(&sandbox, "old", "GET", PATH, "");
    assert_eq!(
        (refused.refused(401).as_str(), refused.header("www-authenticate")),
        ("the token has expired", Some("Bearer"))
    );
    assert_eq!([status("new"), status("new"), status("new")], [200, 200, 401]);
    // Those that were refused did not count.
    assert_eq!((status("newer"), status("newer")), (200, 429));
    let faults: Vec<_> = sandbox.journal().iter().map(|entry| entry.fault).collect();
    assert_eq!(faults.iter().filter(|fault| **fault == Some("expire_token")).count(), 4);
    Ok(())
}
