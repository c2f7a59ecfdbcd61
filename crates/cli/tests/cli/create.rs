//! `ocamba integrations create`, when it succeeds.

use ocamba_hood::REDACTED;
use serde_json::{Value, json};

use crate::support::{
    CANARY, Untouched, any_request, create_at, examples, ocamba, redacted, run, run_with_input, server_answering,
};

#[test]
fn example_is_created_in_the_sandbox() {
    for example in examples() {
        let path = example.path.to_str().expect("UTF-8");
        let created = run(&mut ocamba(&["integrations", "create", path, "--sandbox"])).json();
        for field in ["name", "provider_id", "status"] {
            assert_eq!(created[field], example.request[field], "{path}");
        }
        assert_eq!(created["settings"], redacted(example.provider, &example.request["settings"]), "{path}");
        assert_eq!(keys(&created), keys(&example.response), "{path}");
        assert_eq!(created["type"], example.provider.channel, "{path}");
    }
}

#[test]
fn create_hides_secrets_unless_revealed() {
    for example in examples().iter().filter(|e| e.provider.settings.iter().any(|s| s.secret)) {
        let request = example.with_canary();
        for format in ["json", "yaml", "table"] {
            let arguments = ["integrations", "create", "-", "--sandbox", "--output", format];
            let hidden = run_with_input(&mut ocamba(&arguments), request.to_string().as_bytes());
            assert_eq!(hidden.code, 0, "{hidden:?}");
            assert!(hidden.stdout.contains(REDACTED), "{hidden:?}");
            assert!(!format!("{hidden:?}").contains(CANARY), "{hidden:?}");

            let shown = run_with_input(ocamba(&arguments).arg("--reveal"), request.to_string().as_bytes());
            assert_eq!(shown.code, 0, "{shown:?}");
            assert!(shown.stdout.contains(CANARY) && !shown.stdout.contains(REDACTED), "{shown:?}");
        }
        let arguments = ["--reveal", "integrations", "create", "-", "--sandbox"];
        let created = run_with_input(&mut ocamba(&arguments), request.to_string().as_bytes()).json();
        assert_eq!(created["settings"], request["settings"]);
    }
}

#[test]
fn sandbox_needs_no_token_and_ignores_the_base_url() {
    let elsewhere = Untouched::new();
    let mut command = ocamba(&["integrations", "create", "-", "--sandbox"]);
    command.env("OCAMBA_BASE_URL", elsewhere.base_url()).env("OCAMBA_TOKEN", "not\nfit");
    let created = run_with_input(&mut command, any_request().to_string().as_bytes()).json();
    assert_eq!(created["name"], any_request()["name"]);
}

#[test]
fn unknown_provider_is_sent_with_the_flag_and_its_settings_are_hidden() {
    let request = json!({ "name": "Bot", "provider_id": "99999", "settings": { "bot_token": CANARY } });
    let mut response = request.clone();
    response["id"] = json!("7");
    response["colour"] = json!("red");
    let base_url = server_answering("201 Created", response.to_string());
    let mut command = ocamba(&["integrations", "create", "-", "--allow-unknown-provider", "--base-url", &base_url]);
    let created = run_with_input(command.env("OCAMBA_TOKEN", "test-token"), request.to_string().as_bytes());
    assert_eq!(created.json()["settings"], json!({ "bot_token": REDACTED }));
    assert_eq!(created.json()["colour"], REDACTED);
}

#[test]
fn byte_order_mark_is_ignored() {
    let text = format!("\u{feff}{}", any_request());
    let created = run_with_input(&mut ocamba(&["integrations", "create", "-", "--sandbox"]), text.as_bytes());
    assert_eq!(created.json()["name"], any_request()["name"]);
}

#[test]
fn control_characters_of_the_server_are_escaped() {
    let response = json!({ "id": "7\u{1b}[2J", "name": "\u{1b}]0;gone\u{7}" });
    let base_url = server_answering("201 Created", response.to_string());
    let mut command = ocamba(&["integrations", "create", "-", "--base-url", &base_url, "--output", "table"]);
    command.env("OCAMBA_TOKEN", "test-token").env("CLICOLOR_FORCE", "1");
    let created = run_with_input(&mut command, any_request().to_string().as_bytes());
    assert!(created.stdout.contains("\\u{1b}]0;gone\\u{7}") && created.stdout.contains("7\\u{1b}[2J"), "{created:?}");
}

#[test]
fn unknown_fields_of_the_server_are_hidden() {
    let base_url = server_answering("201 Created", json!({ "id": 7, "settings": null, "deep": [1, {}] }).to_string());
    let created = create_at(&base_url, &any_request()).json();
    assert_eq!((&created["id"], &created["deep"]), (&json!("7"), &json!(REDACTED)));
}

fn keys(value: &Value) -> Vec<String> {
    let mut keys: Vec<_> = value.as_object().expect("an object").keys().cloned().collect();
    keys.sort();
    keys
}
