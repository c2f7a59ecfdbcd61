//! Validation without a create, and test notifications.

use ocamba_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::Result;
use crate::client::{PATH, Response, ask, create, examples, request, right};
use crate::faults::with_rules;

const TEST: &str = "/v1/hood/test-notification";
const NOT_ACCEPTED: &str = "the provider does not accept the credentials";

fn post(sandbox: &Sandbox, path: &str, body: &Value) -> Response {
    let lines = [&format!("POST {path} HTTP/1.1"), "Authorization: Bearer any", "Content-Type: application/json"];
    ask(sandbox, request(&lines, body.to_string()))
}

fn validate(sandbox: &Sandbox, body: &Value) -> Response {
    post(sandbox, &format!("{PATH}/validate"), body)
}

fn test(sandbox: &Sandbox, integration: &Value) -> Response {
    post(sandbox, TEST, &json!({ "integration": integration }))
}

fn effective_status(sandbox: &Sandbox, id: &Value) -> Value {
    let line = format!("GET {PATH}/{}?fields=effective_status HTTP/1.1", id.as_str().unwrap());
    ask(sandbox, request(&[&line, "Authorization: Bearer any"], "")).json()["effective_status"].clone()
}

fn change(sandbox: &Sandbox, id: &Value, change: Value) {
    let line = format!("PATCH {PATH}/{} HTTP/1.1", id.as_str().unwrap());
    let lines = [&line, "Authorization: Bearer any", "Content-Type: application/json"];
    assert_eq!(ask(sandbox, request(&lines, change.to_string())).status, 204);
}

/// Returns the example requests, each with the name of one of its secrets.
fn with_secrets() -> Vec<(Value, String)> {
    let bundle: Value = serde_json::from_str(include_str!("../../hood.json")).unwrap();
    let schemas = &bundle["components"]["schemas"];
    let secret_of = |request: &Value| {
        let named = |reference: &Value| &schemas[reference.as_str().unwrap().rsplit('/').next().unwrap()];
        let id = request["provider_id"].as_str().unwrap();
        let new = named(&schemas["CreateIntegration"]["discriminator"]["mapping"][id]);
        let settings = named(&new["properties"]["settings"]["$ref"])["properties"].as_object().unwrap();
        settings.iter().find(|(_, it)| it["format"] == "password").unwrap().0.clone()
    };
    examples().into_iter().map(|(request, _)| (request.clone(), secret_of(&request))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn validate_accepts_a_valid_request_and_creates_nothing() -> Result {
    let sandbox = Sandbox::builder().no_limits().start().await?;
    for (body, _) in examples() {
        let response = validate(&sandbox, &body);
        assert_eq!((response.status, response.header("content-type"), response.body.len()), (204, None, 0));
        assert_eq!(test(&sandbox, &body).status, 204);
    }
    assert!(sandbox.integrations().is_empty());
    for (entry, (body, _)) in sandbox.journal().iter().zip(examples().iter().flat_map(|it| [it, it])) {
        let is_test = entry.operation.as_deref() == Some("sendTestNotification");
        assert_eq!((entry.committed, entry.integration_id.as_ref()), (is_test, None));
        assert_eq!(entry.name.as_deref(), body["name"].as_str().filter(|_| !is_test));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn validate_names_the_fields_like_a_create_when_invalid() -> Result {
    let sandbox = Sandbox::builder().no_limits().start().await?;
    for (mut body, _) in examples() {
        body["name"] = json!("");
        body["settings"]["keyy"] = json!("canary");
        let message = ask(&sandbox, create(body.to_string())).refused(400);
        assert_eq!(validate(&sandbox, &body).refused(400), message);
        let within = test(&sandbox, &body).refused(400);
        assert_eq!(within.replace("integration.", ""), message);
        assert!(within.starts_with("integration.name must have 1 to 100") && !within.contains("canary"), "{within}");
    }
    for (wrong, expected) in [
        (json!({}), "integration is required"),
        (json!({ "integration": null }), "integration must be an object, not null"),
        (json!({ "integration": {} }), "integration.name is required; "),
        (json!({ "integration": { "id": 7 } }), "integration.id must be a string, not a number"),
        (json!({ "integration": { "id": "a/b" } }), "integration.id is invalid: "),
        (
            json!({ "integration": { "name": "x" } }),
            "integration.provider_id is required; integration.settings is required",
        ),
    ] {
        let message = post(&sandbox, TEST, &wrong).refused(400);
        assert!(message.starts_with(expected), "{wrong}: {message}");
    }
    assert_eq!(test(&sandbox, &json!({ "id": "7" })).refused(404), "there is no integration with this id");
    assert!(sandbox.journal().iter().all(|it| !it.committed));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_are_refused_when_invalid() -> Result {
    let sandbox = Sandbox::builder().no_limits().start().await?;
    for (mut body, secret) in with_secrets() {
        body["settings"][&secret] = json!("invalid");
        assert_eq!(validate(&sandbox, &body).refused(400), NOT_ACCEPTED);
        assert_eq!(test(&sandbox, &body).refused(400), NOT_ACCEPTED);
        // A create does not check the credentials.
        let id = ask(&sandbox, create(body.to_string())).json()["id"].clone();
        assert_eq!(test(&sandbox, &json!({ "id": id })).refused(400), NOT_ACCEPTED);
        assert_eq!(effective_status(&sandbox, &id), "untested");
        change(&sandbox, &id, json!({ "settings": { secret: "valid" } }));
        assert_eq!(test(&sandbox, &json!({ "id": id })).status, 204);
        assert_eq!(effective_status(&sandbox, &id), body["status"]);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn effective_status_is_the_status_once_tested_until_settings_change() -> Result {
    let sandbox = Sandbox::builder().no_limits().start().await?;
    for (body, secret) in with_secrets() {
        let id = ask(&sandbox, create(body.to_string())).json()["id"].clone();
        assert_eq!(effective_status(&sandbox, &id), "untested");
        assert_eq!(test(&sandbox, &json!({ "id": id })).status, 204);
        let entry = sandbox.journal().pop().unwrap();
        assert_eq!((entry.committed, entry.integration_id.as_deref()), (true, id.as_str()));
        assert_eq!(effective_status(&sandbox, &id), "active");
        change(&sandbox, &id, json!({ "status": "asleep", "settings": { &secret: body["settings"][&secret] } }));
        assert_eq!(effective_status(&sandbox, &id), "asleep");
        change(&sandbox, &id, json!({ "settings": { &secret: "another" } }));
        assert_eq!(effective_status(&sandbox, &id), "untested");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn validate_and_test_can_have_faults() -> Result {
    let refused = json!({ "answer": { "status": 400, "at": "read" } });
    let sandbox = with_rules(json!([
        { "operation": "validateIntegration", "times": 1, "fault": refused },
        { "operation": "sendTestNotification", "times": 1, "fault": { "answer": { "status": 500, "at": "commit" } } },
    ]))
    .await?;
    let id = ask(&sandbox, create(right())).json()["id"].clone();
    let (body, _) = examples().remove(0);
    assert_eq!([validate(&sandbox, &body).status, validate(&sandbox, &body).status], [400, 204]);
    assert_eq!(test(&sandbox, &json!({ "id": id })).status, 500);
    assert_eq!(effective_status(&sandbox, &id), "active");
    Ok(())
}
