//! Updates.

use ocamba_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::Result;
use crate::client::{PATH, Response, ask, create, examples, request, right};
use crate::faults::{only_entry, with_rules};

fn patch(id: &str, body: &str) -> Vec<u8> {
    let line = format!("PATCH {PATH}/{id} HTTP/1.1");
    request(&[&line, "Authorization: Bearer any", "Content-Type: application/json"], body)
}

fn update(sandbox: &Sandbox, id: &str, change: &Value) -> Response {
    ask(sandbox, patch(id, &change.to_string()))
}

fn get(sandbox: &Sandbox, id: &str) -> Value {
    let lines = [&format!("GET {PATH}/{id} HTTP/1.1"), "Authorization: Bearer any"];
    ask(sandbox, request(&lines, "")).json()
}

/// Starts a sandbox with an integration of each provider, and their ids.
async fn with_examples() -> Result<(Sandbox, Vec<String>)> {
    let sandbox = Sandbox::builder().no_limits().start().await?;
    for (body, _) in examples() {
        assert_eq!(ask(&sandbox, create(body.to_string())).status, 201);
    }
    let ids = sandbox.integrations().into_iter().map(|it| it.id).collect();
    Ok((sandbox, ids))
}

#[tokio::test(flavor = "multi_thread")]
async fn update_changes_only_the_given_fields() -> Result {
    let (sandbox, ids) = with_examples().await?;
    for (id, (body, _)) in ids.iter().zip(examples()) {
        let mut expected = get(&sandbox, id);
        for (change, field) in [(json!({ "name": "other" }), "name"), (json!({ "status": "asleep" }), "status")] {
            let response = update(&sandbox, id, &change);
            assert_eq!((response.status, response.header("content-type"), response.body.len()), (204, None, 0));
            expected[field] = change[field].clone();
            assert_eq!(get(&sandbox, id), expected);
        }
        for name in body["settings"].as_object().unwrap().keys() {
            // Unknown settings are dropped, and null is allowed.
            assert_eq!(update(&sandbox, id, &json!({ "settings": { name: null, "keyy": [1] } })).status, 204);
            expected["settings"][name] = Value::Null;
            assert_eq!(get(&sandbox, id), expected);
            let value = &body["settings"][name];
            assert_eq!(update(&sandbox, id, &json!({ "settings": { name: value } })).status, 204);
            expected["settings"][name] = value.clone();
            assert_eq!(get(&sandbox, id), expected);
        }
        assert_eq!(update(&sandbox, id, &json!({ "settings": { "keyy": 1 } })).status, 204);
        assert_eq!(get(&sandbox, id), expected);
    }
    assert!(sandbox.integrations().iter().all(|it| it.name == "other"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn update_names_the_fields_and_changes_nothing_when_invalid() -> Result {
    let (sandbox, ids) = with_examples().await?;
    for (id, (body, _)) in ids.iter().zip(examples()) {
        let before = get(&sandbox, id);
        for (change, expected) in [
            (json!({}), "the body is invalid: "),
            (json!([]), "the body must be an object, not an array"),
            (json!({ "settings": {} }), "settings is invalid: "),
            (json!({ "settings": null }), "settings must be an object, not null"),
            (json!({ "name": "" }), "name must have 1 to 100 characters, it has 0"),
            (json!({ "name": null }), "name must be a string, not null"),
            (json!({ "status": "" }), "status must have at least 1 character, it has 0"),
            (
                json!({ "name": "x", "provider_id": "y" }),
                "provider_id is not a known field, expected one of name, status, settings",
            ),
            (json!({ "name": "x", "id": "1" }), "id is not a known field"),
        ] {
            let message = update(&sandbox, id, &change).refused(400);
            assert!(message.starts_with(expected), "{change}: {message}");
        }
        for name in body["settings"].as_object().unwrap().keys() {
            let change = json!({ "name": "x", "settings": { name: ["canary"] } });
            let message = update(&sandbox, id, &change).refused(400);
            assert!(message.starts_with(&format!("settings.{name} must be ")), "{message}");
            assert!(!message.contains("canary"), "{message}");
        }
        assert_eq!(get(&sandbox, id), before);
    }
    assert!(sandbox.journal().iter().all(|it| it.operation.as_deref() != Some("updateIntegration") || !it.committed));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn update_reports_the_first_failed_check() -> Result {
    let (sandbox, ids) = with_examples().await?;
    let line = |id: &str| format!("PATCH {PATH}/{id} HTTP/1.1");
    let token = "Authorization: Bearer any";
    ask(&sandbox, request(&[&line("a%2Fb")], "{")).refused(401);
    assert!(ask(&sandbox, request(&[&line("a%2Fb"), token], "{")).refused(400).starts_with("id is invalid: "));
    ask(&sandbox, request(&[&line("unknown"), token], "{")).refused(415);
    ask(&sandbox, patch("unknown", "{")).refused(400);
    ask(&sandbox, patch("unknown", "{}")).refused(400);
    assert_eq!(ask(&sandbox, patch("unknown", r#"{"name":"x"}"#)).refused(404), "there is no integration with this id");
    ask(&sandbox, patch("", r#"{"name":"x"}"#)).refused(404);
    ask(&sandbox, patch("validate", r#"{"name":"x"}"#)).refused(405);
    ask(&sandbox, patch(&ids[0], &format!("{{\"name\":\"{}\"}}", "x".repeat(2 << 20)))).refused(413);
    // A query has no effect.
    assert_eq!(ask(&sandbox, patch(&format!("{}?a=b", ids[0]), r#"{"name":"x"}"#)).status, 204);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn journal_has_the_updated_integrations() -> Result {
    let (sandbox, ids) = with_examples().await?;
    update(&sandbox, &ids[1], &json!({ "name": "other" }));
    update(&sandbox, "1", &json!({ "name": "none" }));
    get(&sandbox, &ids[1]);
    let journal = sandbox.journal();
    let shown: Vec<_> = journal[ids.len()..]
        .iter()
        .map(|it| {
            (
                it.operation.as_deref().unwrap_or_default(),
                it.name.as_deref(),
                it.status,
                it.committed,
                it.integration_id.as_ref(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("updateIntegration", Some("other"), Some(204), true, Some(&ids[1])),
            ("updateIntegration", Some("none"), Some(404), false, None),
            ("getIntegration", None, Some(200), false, None),
        ]
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_are_before_or_after_the_update() -> Result {
    for (fault, committed) in [
        (json!({ "answer": { "status": 500, "at": "read" } }), false),
        (json!({ "answer": { "status": 500, "at": "commit" } }), true),
    ] {
        let sandbox = with_rules(json!([{ "operation": "updateIntegration", "fault": fault }])).await?;
        let id = ask(&sandbox, create(right())).json()["id"].as_str().unwrap().to_owned();
        assert_eq!(update(&sandbox, &id, &json!({ "name": "other" })).status, 500);
        assert_eq!(get(&sandbox, &id)["name"] == "other", committed);
        let entry = &sandbox.journal()[1];
        assert_eq!(
            (entry.committed, entry.integration_id.is_some(), entry.fault),
            (committed, committed, Some("answer"))
        );
    }
    // An unknown integration is not changed.
    let sandbox = with_rules(json!([{ "fault": { "answer": { "status": 500, "at": "commit" } } }])).await?;
    assert_eq!(update(&sandbox, "7", &json!({ "name": "other" })).status, 500);
    assert_eq!(only_entry(&sandbox, "answer", false), Some(500));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_updates_are_all_kept() -> Result {
    let (sandbox, ids) = with_examples().await?;
    let names: Vec<_> = examples()[0].0["settings"].as_object().unwrap().keys().cloned().collect();
    std::thread::scope(|scope| {
        for name in &names {
            let (sandbox, id) = (&sandbox, &ids[0]);
            scope.spawn(move || {
                for n in 0..20 {
                    let change = json!({ "settings": { name: format!("{name}{n}") } });
                    assert_eq!(update(sandbox, id, &change).status, 204);
                }
            });
        }
    });
    let settings = &get(&sandbox, &ids[0])["settings"];
    assert!(names.iter().all(|name| settings[name] == format!("{name}19")), "{settings}");
    Ok(())
}
