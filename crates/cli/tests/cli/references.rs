//! `--references`: secrets from the environment, a folder or the keyring, in fleets and in single requests.

use std::path::Path;

use ocamba_hood::{REDACTED, providers};
use serde_json::{Value, json};

use crate::support::{CANARY, Run, Running, Untouched, any_request, folder, ocamba, run, run_with_input};

const BAD_INPUT: i32 = 2;

fn secret() -> &'static str {
    let settings = providers().iter().find(|it| any_request()["provider_id"] == it.id).expect("a provider").settings;
    settings.iter().find(|setting| setting.secret).expect("a secret").name
}

fn with_secret(text: &str) -> Value {
    let mut request = any_request();
    request["settings"][secret()] = json!(text);
    request
}

/// Runs a command with a request as its input, and the canary in each place that references may name.
fn ocamba_with(arguments: &[&str], input: &Value, base_url: &str, folder: &Path) -> Run {
    let mut command = ocamba(arguments);
    command.current_dir(folder).env("OCAMBA_TOKEN", "token-canary-7f3a").env("OCAMBA_BASE_URL", base_url);
    command.env("REFERRED_KEY", CANARY).env("OTHER_KEY", CANARY);
    let run = run_with_input(&mut command, input.to_string().as_bytes());
    assert!(!format!("{run:?}").contains(CANARY), "{run:?}");
    run
}

fn secrets_of(sandbox: &Running) -> Vec<Value> {
    let list = sandbox.run(&["integrations", "list", "--reveal", "--output", "json"]).json();
    list.as_array().expect("a list").iter().map(|item| item["settings"][secret()].clone()).collect()
}

#[test]
fn reference_is_a_text_by_default() {
    let (sandbox, folder) = (Running::start(&["--no-limits"]), folder("references-off"));
    let texts = ["env:OCAMBA_TOKEN", "env:REFERRED_KEY", "file:/etc/passwd", "keyring:k", "text:env:REFERRED_KEY"];
    for (number, text) in texts.iter().enumerate() {
        let mut request = with_secret(text);
        request["name"] = json!(format!("single {number}"));
        let created = ocamba_with(&["integrations", "create", "-"], &request, &sandbox.base_url, &folder);
        assert_eq!(created.json()["settings"][secret()], REDACTED);
        assert_eq!(created.stderr.contains("--references"), !text.starts_with("text"), "{created:?}");
        assert!(!created.stderr.contains(text), "{created:?}");
        request["name"] = json!(format!("row {number}"));
        let ledger = number.to_string();
        let fleet = ["fleet", "apply", "-", "--ledger", &ledger, "--output", "json"];
        let applied = ocamba_with(&fleet, &request, &sandbox.base_url, &folder);
        assert_eq!(applied.json()[0]["references"], Value::Null);
        assert!(!format!("{applied:?}").contains(text), "{applied:?}");
    }
    let expected: Vec<Value> = texts.iter().flat_map(|text| [json!(text), json!(text)]).collect();
    assert_eq!(secrets_of(&sandbox), expected);
}

#[test]
fn permitted_references_are_read_in_every_command() {
    let (sandbox, folder) = (Running::start(&["--no-limits"]), folder("references-on"));
    std::fs::create_dir(folder.join("secrets")).expect("a folder");
    std::fs::write(folder.join("secrets/key"), format!("{CANARY}\n")).expect("written");
    let permitted = ["--references", "env:REFERRED_", "--references", "file:secrets"];
    let at = |arguments: &[&str], input: &Value| {
        let all = [arguments, &permitted].concat();
        let run = ocamba_with(&all, input, &sandbox.base_url, &folder);
        assert_eq!(run.code, 0, "{run:?}");
        run
    };
    let sent = || secrets_of(&sandbox).pop().expect("an integration");
    at(&["integrations", "create", "-"], &with_secret("env:REFERRED_KEY"));
    assert_eq!(sent(), CANARY);
    at(&["integrations", "ensure", "-"], &with_secret("text:file:key"));
    assert_eq!(sent(), "file:key");
    at(&["integrations", "ensure", "-"], &with_secret("file:key"));
    assert_eq!(sent(), CANARY);
    at(&["integrations", "validate", "-"], &with_secret("file:key"));
    at(&["integrations", "test", "--file", "-"], &with_secret("file:key"));
    let id =
        sandbox.run(&["integrations", "list", "--output", "json"]).json()[0]["id"].as_str().expect("an id").to_owned();
    at(&["integrations", "update", &id, "--set", &format!("{}=text:env:x", secret())], &json!(null));
    assert_eq!(sent(), "env:x");
    at(&["integrations", "update", &id, "--set", &format!("{}=env:REFERRED_KEY", secret())], &json!(null));
    assert_eq!(sent(), CANARY);
    at(&["integrations", "update", &id, "-"], &json!({ "settings": { secret(): "text:env:y" } }));
    assert_eq!(sent(), "env:y");
    // The text of a file is a value, whatever it begins with.
    std::fs::write(folder.join("value"), "env:REFERRED_KEY\n").expect("written");
    at(&["integrations", "update", &id, "--set", &format!("{}=@value", secret())], &json!(null));
    assert_eq!(sent(), "env:REFERRED_KEY");
    let rows = at(&["fleet", "plan", "-", "--output", "table"], &with_secret("env:REFERRED_KEY"));
    assert!(rows.stdout.contains(&format!("reads {}=env:REFERRED_KEY", secret())), "{rows:?}");
    let report = at(&["fleet", "apply", "-", "--ledger", "l", "--output", "json"], &with_secret("file:key"));
    assert_eq!(report.json()[0]["references"], format!("{}=file:key", secret()));
    assert_eq!(sent(), CANARY);
}

#[test]
fn what_is_not_permitted_is_neither_read_nor_reported() {
    let folder = folder("references-refused");
    std::fs::create_dir_all(folder.join("secrets")).expect("a folder");
    std::fs::write(folder.join("canary-7f3a"), CANARY).expect("written");
    let permitted = ["--references", "env:REFERRED_", "--references", "file:secrets"];
    let refused = |text: &str, says: &str| {
        let server = Untouched::new();
        let mut messages = Vec::new();
        for command in [
            &["integrations", "create", "-"][..],
            &["integrations", "ensure", "-"],
            &["integrations", "validate", "-"],
            &["integrations", "test", "--file", "-"],
            &["fleet", "check", "-"],
            &["fleet", "plan", "-"],
            &["fleet", "apply", "-", "--ledger", "l"],
        ] {
            let run = ocamba_with(&[command, &permitted].concat(), &with_secret(text), &server.base_url(), &folder);
            run.assert_fails(BAD_INPUT, &[&format!("settings.{}", secret()), says, "nothing was sent"]);
            messages.push(run.stderr);
        }
        messages
    };
    // The same words, whether it exists or not.
    let outside = refused("env:OTHER_KEY", "not permitted");
    assert_eq!(outside, refused("env:canary-7f3a", "not permitted"));
    assert_eq!(outside, refused("env:OCAMBA_TOKEN", "not permitted"));
    assert_eq!(refused("file:../canary-7f3a", "leads out"), refused("file:/etc/passwd", "leads out"));
    refused("keyring:canary-7f3a", "not permitted");
    refused("env:REFERRED_NOT_THERE", "set the variable REFERRED_NOT_THERE");
    let missing = refused("file:canary-7f3a", "does not have");
    #[cfg(unix)]
    for (name, target) in [("out", "../canary-7f3a"), ("dangling", "../not-there"), ("self", ".")] {
        std::os::unix::fs::symlink(target, folder.join("secrets").join(name)).expect("a link");
        assert_eq!(refused(&format!("file:{name}"), "does not have"), missing);
    }
}

#[test]
fn permission_that_is_too_wide_is_refused() {
    let folder = folder("references-wide");
    std::fs::create_dir_all(folder.join("config/ocamba/deep")).expect("a folder");
    for permission in [
        "env:",
        "env:OCAMBA_",
        "env:ocamba_token",
        "env:*",
        "keyring:",
        "keyring:ocamba",
        "keyring:OCAMBA",
        "file:",
        "file:not-there",
        "file:.",
        "file:config",
        "file:config/ocamba",
        "file:config/ocamba/deep",
        "env",
        "",
        "canary:x",
    ] {
        let mut command = ocamba(&["fleet", "check", "-", "--references", permission]);
        command.current_dir(&folder).env("OCAMBA_CONFIG_DIR", folder.join("config/ocamba"));
        run(&mut command).assert_fails(BAD_INPUT, &["nothing was sent"]);
    }
    for twice in ["keyring:a", "file:/"] {
        let arguments = ["fleet", "check", "-", "--references", twice, "--references", twice];
        run(&mut ocamba(&arguments)).assert_fails(BAD_INPUT, &["nothing was sent"]);
    }
}
