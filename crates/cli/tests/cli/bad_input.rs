//! Invalid input, which is found before anything is sent.

use ocamba_hood::providers;
use serde_json::{Value, json};

use crate::support::{CANARY, Untouched, any_request, create_at, examples, file, ocamba, run, run_with_input};

const BAD_INPUT: i32 = 2;

/// Asserts that a create of this request fails before it connects to a server.
fn assert_refused(request: &Value, says: &[&str]) {
    let server = Untouched::new();
    create_at(&server.base_url(), request).assert_fails(BAD_INPUT, says);
}

fn with(field: &str, value: Value) -> Value {
    let mut request = any_request();
    request[field] = value;
    request
}

#[test]
fn name_of_invalid_length_or_type_is_refused() {
    assert_refused(&with("name", json!("")), &["name ", "1 to 100", "nothing was sent"]);
    assert_refused(&with("name", json!("é".repeat(101))), &["name ", "not 101", "nothing was sent"]);
    assert_refused(&with("name", json!(5)), &["name ", "a string, not a number"]);
}

#[test]
fn unknown_provider_needs_the_flag() {
    let request = with("provider_id", json!("99999"));
    assert_refused(&request, &["provider_id ", providers()[0].id, "--allow-unknown-provider", "nothing was sent"]);

    // The hint does not propose a flag that would not help.
    let server = Untouched::new();
    let run = create_at(&server.base_url(), &with("provider_id", json!(1000)));
    run.assert_fails(BAD_INPUT, &["provider_id must be a string, not a number"]);
    assert!(!run.stderr.contains("--allow-unknown-provider"), "{run:?}");
}

#[test]
fn every_setting_of_every_provider_is_validated() {
    for example in examples() {
        for setting in example.provider.settings {
            let field = format!("settings.{} ", setting.name);
            let mut wrong = example.with_canary();
            wrong["settings"][setting.name] = json!({ CANARY: CANARY });
            assert_refused(&wrong, &[&field, "not an object", "nothing was sent"]);
            wrong["settings"][setting.name] = json!(12345);
            if setting.kind == ocamba_hood::SettingKind::String {
                assert_refused(&wrong, &[&field, "must be a string, not a number"]);
            }
            wrong["settings"].as_object_mut().expect("settings").shift_remove(setting.name);
            if setting.required {
                assert_refused(&wrong, &[&field, "is required", example.provider.title]);
            }
        }
        let mut foreign = example.with_canary();
        foreign["settings"]["foreign"] = json!(CANARY);
        assert_refused(&foreign, &["settings.foreign ", "is not a setting of", example.provider.title]);
    }
}

#[test]
fn several_field_errors_are_reported_on_a_line_each() {
    let mut request = with("name", json!(""));
    request["settings"]["foreign"] = json!(CANARY);
    let server = Untouched::new();
    let run = create_at(&server.base_url(), &request);
    run.assert_fails(BAD_INPUT, &["error: 2 errors in standard input\n", "\n  - name ", "\n  - settings.foreign "]);
}

#[test]
fn malformed_json_reports_its_position() {
    let path = file("malformed.json", format!("{{\"name\": \"{CANARY}\"\n oops}}").as_bytes());
    let run = run(&mut ocamba(&["integrations", "create", &path, "--sandbox"]));
    run.assert_fails(BAD_INPUT, &["not valid JSON", "line 2 column 2", "malformed.json", "nothing was sent"]);
}

#[test]
fn unreadable_file_is_named_with_the_reason() {
    let large = vec![b' '; 10 * 1024 * 1024 + 1];
    let files = [
        ("nowhere.json".to_owned(), "cannot be read"),
        (env!("CARGO_TARGET_TMPDIR").to_owned(), "is a directory"),
        (file("empty.json", b""), "is empty"),
        (file("blank.json", b" \n"), "is empty"),
        (file("latin.json", b"{\n\"name\": \"caf\xe9\"}"), "at line 2 is not UTF-8"),
        (file("large.json", &large), "too large"),
    ];
    for (path, why) in files {
        let server = Untouched::new();
        let mut command = ocamba(&["integrations", "create", &path, "--base-url", &server.base_url()]);
        run(command.env("OCAMBA_TOKEN", CANARY)).assert_fails(BAD_INPUT, &[&path, why, "nothing was sent"]);
    }
    let stdin = run_with_input(&mut ocamba(&["integrations", "create", "-"]), &large);
    stdin.assert_fails(BAD_INPUT, &["standard input is too large"]);
}

#[test]
fn file_is_checked_before_the_token() {
    let run = run(&mut ocamba(&["integrations", "create", "nowhere.json"]));
    run.assert_fails(BAD_INPUT, &["nowhere.json"]);
    assert!(!run.stderr.contains("OCAMBA_TOKEN"), "{run:?}");
}

#[test]
fn missing_or_malformed_token_is_refused() {
    let server = Untouched::new();
    let create = ["integrations", "create", "-", "--base-url", &server.base_url()];
    let request = any_request().to_string();
    let missing = run_with_input(&mut ocamba(&create), request.as_bytes());
    missing.assert_fails(BAD_INPUT, &["token", "OCAMBA_TOKEN", "--sandbox", "nothing was sent"]);
    for (token, why) in [("", "OCAMBA_TOKEN"), ("canary-7f3a\n", "line break"), ("canary-7f3a x", "no spaces")] {
        let run = run_with_input(ocamba(&create).env("OCAMBA_TOKEN", token), request.as_bytes());
        run.assert_fails(BAD_INPUT, &["token", why, "nothing was sent"]);
    }
}

#[test]
fn token_is_not_sent_to_a_remote_url_without_tls() {
    let request = any_request().to_string();
    for url in ["http://192.0.2.1", "ftp://127.0.0.1", "nonsense", "https://user:canary-7f3a@localhost"] {
        for in_environment in [true, false] {
            let mut command = ocamba(&["integrations", "create", "-"]);
            command.env("OCAMBA_TOKEN", CANARY);
            if in_environment {
                command.env("OCAMBA_BASE_URL", url)
            } else {
                command.args(["--base-url", url])
            };
            let run = run_with_input(&mut command, request.as_bytes());
            run.assert_fails(BAD_INPUT, &["base URL", "nothing was sent"]);
        }
    }
}

#[test]
fn wrong_arguments_exit_with_their_own_code() {
    let wrong: &[(&[&str], &str)] = &[
        (&["integrations", "destroy"], "destroy"),
        (&["integrations", "create", "-", "--sandbox", "--dry-run"], "--dry-run"),
        (&["integrations", "create", "-", "--sandbox", "--base-url", "http://127.0.0.1:1"], "--base-url"),
        (&["--base-url", "http://127.0.0.1:1", "integrations", "create", "-", "--sandbox"], "--base-url"),
        (&["integrations", "create", "-", "--timeout", "0"], "--timeout"),
        (&["integrations", "create", "-", "--timeout=-1"], "--timeout"),
        (&["integrations", "create", "-", "--timeout", "inf"], "--timeout"),
        (&["integrations", "create", "-", "--timeout", "nan"], "--timeout"),
        (&["fleet", "apply", "-", "--ledger", "x", "--reconcile-timeout", "inf"], "--reconcile-timeout"),
        (&["providers", "--output", "xml"], "yaml"),
        (&["sandbox", "--listen", "here"], "--listen"),
        (&["sandbox", "--no-limits", "--burst", "5"], "--burst"),
    ];
    for (arguments, says) in wrong {
        for json in [&["--output", "json"][..], &["--output=jsonl"]] {
            let failed = run(&mut ocamba(&[json, arguments].concat()));
            // An output that is given twice is wrong, too.
            let line: serde_json::Value = serde_json::from_str(&failed.stderr).expect("a line of JSON");
            let error = &line["error"];
            let is_repeated = arguments.contains(&"--output");
            assert!(
                error["message"].as_str().is_some_and(|message| is_repeated || message.contains(says)),
                "{failed:?}"
            );
            assert_eq!((&error["outcome"], &error["exit"], failed.code), (&"not_sent".into(), &2.into(), BAD_INPUT));
        }
        run(&mut ocamba(arguments)).assert_fails(BAD_INPUT, &[says, "\nFor more information, try '--help'."]);
    }
    // Where 2 means something else.
    for output in ["--output=json", "--output=table"] {
        let failed = run(&mut ocamba(&["fleet", "plan", "rows.csv", "--exit-code", "--colour", output]));
        assert!(failed.code == 1 && failed.stderr.contains("--colour"), "{failed:?}");
        assert!(output == "--output=table" || failed.stderr.contains("\"exit\":1"), "{failed:?}");
    }
    run(&mut ocamba(&["fleet", "apply", "rows.csv", "--exit-code"])).assert_fails(BAD_INPUT, &["--exit-code"]);
    let typo = format!("{}x", providers()[0].type_name);
    let meant = format!("did you mean {}?", providers()[0].type_name);
    run(&mut ocamba(&["integrations", "list", "--provider", &typo])).assert_fails(BAD_INPUT, &[&meant]);
}

#[test]
fn address_of_this_machine_without_a_scheme_has_a_hint() {
    let mut list = ocamba(&["integrations", "list", "--base-url", "localhost:4010"]);
    run(list.env("OCAMBA_TOKEN", CANARY)).assert_fails(BAD_INPUT, &["did you mean: http://localhost:4010"]);
    let login = ["auth", "login", "--base-url", "localhost:4010"];
    run_with_input(&mut ocamba(&login), b"x").assert_fails(BAD_INPUT, &["did you mean: http://localhost:4010"]);
}
