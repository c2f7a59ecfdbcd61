//! The journal of requests.

use ocamba_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::Result;
use crate::client::{PATH, ask, control, create, examples, named, request, right};

fn entries(sandbox: &Sandbox) -> Vec<Value> {
    control(sandbox, "GET", "journal", "").json().as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn journal_has_every_request_in_order() -> Result {
    let sandbox = Sandbox::builder().burst(0).steady(5).start().await?;
    let post = format!("POST {PATH}?token=leak HTTP/1.1");
    let (token, json, agent) = ("Authorization: Bearer any", "Content-Type: application/json", "User-Agent: t/1");
    ask(&sandbox, request(&[&post, token, json, agent], named("first")));
    ask(&sandbox, request(&[&post, json], named("second")));
    ask(&sandbox, create(json!({ "name": "third" }).to_string()));
    ask(&sandbox, create("{"));
    ask(&sandbox, request(&["GET /nowhere HTTP/1.1", token], ""));
    ask(&sandbox, request(&[&format!("PUT {PATH} HTTP/1.1"), token], ""));
    ask(&sandbox, create(named("late")));

    let shown: Vec<_> = entries(&sandbox)
        .iter()
        .map(|it| {
            json!([it["id"], it["method"], it["path"], it["operation"], it["name"], it["status"], it["committed"]])
        })
        .collect();
    let create = "createIntegration";
    assert_eq!(
        shown,
        [
            json!([1, "POST", PATH, create, "first", 201, true]),
            json!([2, "POST", PATH, create, null, 401, false]),
            json!([3, "POST", PATH, create, "third", 400, false]),
            json!([4, "POST", PATH, create, null, 400, false]),
            json!([5, "GET", "/nowhere", null, null, 404, false]),
            json!([6, "PUT", PATH, null, null, 405, false]),
            json!([7, "POST", PATH, create, null, 429, false]),
        ]
    );
    let first = &entries(&sandbox)[0];
    assert_eq!((&first["integration_id"], &first["user_agent"]), (&examples()[0].1["id"], &json!("t/1")));
    assert!(first["duration_ms"].as_f64() > Some(0.0) && first["at_ms"].as_f64() > Some(0.0));
    assert_eq!(first["fault"], Value::Null);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn journal_has_no_secrets() -> Result {
    let sandbox = Sandbox::builder().no_limits().start().await?;
    for faults in [json!([]), json!([{ "fault": { "answer": { "status": 500, "at": "commit" } } }])] {
        sandbox.set_faults(&json!({ "faults": faults }).to_string().parse()?)?;
        for (mut body, _) in examples() {
            for value in body["settings"].as_object_mut().unwrap().values_mut() {
                *value = json!("canary-7f3a");
            }
            let post = format!("POST {PATH}?key=canary-7f3a HTTP/1.1");
            let lines = [&post, "Authorization: Bearer canary-7f3a", "Content-Type: application/json"];
            ask(&sandbox, request(&lines, body.to_string()));
        }
    }
    for path in ["journal", "integrations", "faults"] {
        let shown = control(&sandbox, "GET", path, "").json().to_string();
        assert!(!shown.contains("canary-7f3a"), "{shown}");
    }
    assert!(!format!("{sandbox:?} {:?} {:?}", sandbox.journal(), sandbox.integrations()).contains("canary-7f3a"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn journal_keeps_the_last_requests_and_can_be_cleared() -> Result {
    let sandbox = Sandbox::builder().no_limits().journal(3).start().await?;
    for n in 0..5 {
        ask(&sandbox, create(named(&format!("n{n}"))));
    }
    let names: Vec<_> = entries(&sandbox).iter().map(|it| it["name"].clone()).collect();
    assert_eq!(names, ["n2", "n3", "n4"]);
    assert_eq!(control(&sandbox, "DELETE", "journal", "").status, 204);
    assert!(entries(&sandbox).is_empty());
    assert_eq!(sandbox.integrations().len(), 5);
    ask(&sandbox, create(right()));
    assert_eq!(entries(&sandbox)[0]["id"], 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn journal_truncates_long_texts() -> Result {
    let sandbox = Sandbox::builder().no_limits().start().await?;
    ask(&sandbox, create(named(&"é".repeat(5_000))));
    let name = entries(&sandbox)[0]["name"].as_str().unwrap().to_owned();
    assert_eq!(name, "é".repeat(256));
    Ok(())
}
