//! Requests that fail before, at, or after the server.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{CANARY, any_request, create_at, ocamba, run, run_with_input, server, server_answering};

const REJECTED: i32 = 3;
const OUTCOME_UNKNOWN: i32 = 4;
const NOT_SENT: i32 = 5;

#[test]
fn rejected_create_reports_the_response() {
    let response = json!({
        "code": 400,
        "title": "Bad request.",
        "message": format!("no good: {CANARY}"),
        "trace_id": "99a84211-f73d-4ff8-acdf-eb3e06bb9d62",
    });
    let run = create_at(&server_answering("400 Bad Request", response.to_string()), &any_request());
    let trace_id = "trace id: 99a84211-f73d-4ff8-acdf-eb3e06bb9d62\n";
    run.assert_fails(REJECTED, &["400 Bad request: no good: [REDACTED]\n", trace_id, "nothing was created", "fix"]);
}

#[test]
fn refusal_hints_at_the_next_step() {
    let forbidden = r#"{"code": 403, "title": "Forbidden."}"#;
    for (status, body, hint) in [
        ("401 Unauthorized", "", "OCAMBA_TOKEN"),
        ("403 Forbidden", forbidden, "may create integrations"),
        ("404 Not Found", "", "check the base URL"),
        ("422 Unprocessable Entity", "", "fix standard input"),
    ] {
        let run = create_at(&server_answering(status, body), &any_request());
        run.assert_fails(REJECTED, &[status.trim_end_matches(char::is_alphabetic), "nothing was created", hint]);
    }
}

#[test]
fn outcome_is_unknown_when_a_gateway_refuses() {
    for status in ["403 Forbidden", "429 Too Many Requests", "408 Request Timeout"] {
        let run = create_at(&server_answering(status, "<html>"), &any_request());
        run.assert_fails(OUTCOME_UNKNOWN, &[status, "may have been created", "check whether the account has it"]);
    }
}

#[test]
fn outcome_is_unknown_when_the_server_fails() {
    let response = json!({ "code": 500, "title": "Internal server error.", "trace_id": "t-1" });
    let run = create_at(&server_answering("500 Internal Server Error", response.to_string()), &any_request());
    run.assert_fails(OUTCOME_UNKNOWN, &["500 Internal server error: ", "trace id: t-1\n", "may have been created"]);
}

#[test]
fn outcome_is_unknown_when_the_connection_breaks() {
    let (base_url, requests) = server();
    std::thread::spawn(move || drop(requests.recv()));
    let run = create_at(&base_url, &any_request());
    run.assert_fails(OUTCOME_UNKNOWN, &["may have been created", "check whether the account has it"]);
}

#[test]
fn outcome_is_unknown_when_no_response_arrives_in_time() {
    let (base_url, requests) = server();
    let mut command = ocamba(&["integrations", "create", "-", "--base-url", &base_url, "--timeout", "4"]);
    let started = Instant::now();
    let run = run_with_input(command.env("OCAMBA_TOKEN", CANARY), any_request().to_string().as_bytes());
    drop(requests);
    assert!(started.elapsed() < Duration::from_secs(90), "the default is 120 seconds");
    run.assert_fails(OUTCOME_UNKNOWN, &["timed out", "may have been created", "check whether the account has it"]);
}

#[cfg(unix)]
#[test]
fn outcome_is_unknown_when_interrupted() {
    use std::io::Write;
    use std::process::{Command, Stdio};

    let (base_url, requests) = server();
    let mut command = ocamba(&["integrations", "create", "-", "--base-url", &base_url]);
    let mut child = command.env("OCAMBA_TOKEN", CANARY).stdin(Stdio::piped()).spawn().expect("the binary starts");
    let mut stdin = child.stdin.take().expect("stdin");
    stdin.write_all(any_request().to_string().as_bytes()).expect("the request is read");
    drop(stdin);
    let _unanswered = requests.recv().expect("a request");
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.expect("a signal").success());
    crate::support::finish(child).assert_fails(OUTCOME_UNKNOWN, &["interrupted", "may have been created"]);
}

#[test]
fn create_is_not_sent_when_nobody_listens() {
    // A privileged port.
    let base_url = "http://127.0.0.1:1";
    create_at(base_url, &any_request()).assert_fails(NOT_SENT, &["connection", "nothing was sent", base_url]);
    let mut list = ocamba(&["integrations", "list", "--output", "json", "--base-url", base_url]);
    let failed = run(list.env("OCAMBA_TOKEN", CANARY));
    let line: serde_json::Value = serde_json::from_str(&failed.stderr).expect("a line of JSON");
    assert_eq!((&line["error"]["stage"], failed.code), (&"tcp".into(), NOT_SENT), "{failed:?}");
}

#[test]
fn outcome_is_unknown_when_the_response_is_not_as_promised() {
    for garbage in ["<html>", "", "[]", "{\"id\": null}"] {
        let body = if garbage.is_empty() { String::new() } else { format!("{garbage}{CANARY}") };
        let run = create_at(&server_answering("201 Created", body), &any_request());
        run.assert_fails(OUTCOME_UNKNOWN, &["could not be read", "may have been created", "check the base URL"]);
    }
}
