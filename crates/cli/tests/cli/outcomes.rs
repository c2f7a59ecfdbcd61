//! Requests that fail on their way, at the server, or on the way back.

use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{CANARY, any_request, create_at, ocamba, run_with_input, server, server_answering};

const REJECTED: i32 = 3;
const OUTCOME_UNKNOWN: i32 = 4;
const NOT_SENT: i32 = 5;
const UNREADABLE: i32 = 6;

#[test]
fn rejected() {
    let answer = json!({
        "code": 400,
        "title": "Bad request.",
        "message": format!("no good: {CANARY}"),
        "trace_id": "99a84211-f73d-4ff8-acdf-eb3e06bb9d62",
    });
    let run = create_at(&server_answering("400 Bad Request", answer.to_string()), &any_request());
    let trace_id = "trace id: 99a84211-f73d-4ff8-acdf-eb3e06bb9d62\n";
    run.assert_fails(REJECTED, &["400 Bad request: no good: [REDACTED]\n", trace_id, "nothing was created", "mend"]);
}

#[test]
fn every_refusal_has_its_advice() {
    for (status, advice) in [
        ("401 Unauthorized", "OCAMBA_TOKEN"),
        ("403 Forbidden", "may create integrations"),
        ("404 Not Found", "check the base URL"),
        ("422 Unprocessable Entity", "mend standard input"),
    ] {
        let run = create_at(&server_answering(status, ""), &any_request());
        run.assert_fails(REJECTED, &[status, "nothing was created", advice]);
    }
}

#[test]
fn a_server_that_failed_may_have_created_it() {
    let answer = json!({ "code": 500, "title": "Internal server error.", "trace_id": "t-1" });
    let run = create_at(&server_answering("500 Internal Server Error", answer.to_string()), &any_request());
    run.assert_fails(OUTCOME_UNKNOWN, &["500 Internal server error: ", "trace id: t-1\n", "may have been created"]);
}

#[test]
fn unknown_outcome_when_the_connection_breaks() {
    let (base_url, requests) = server();
    std::thread::spawn(move || drop(requests.recv()));
    let run = create_at(&base_url, &any_request());
    run.assert_fails(OUTCOME_UNKNOWN, &["may have been created", "look whether the account has it"]);
}

#[test]
fn unknown_outcome_when_no_answer_comes_in_time() {
    let (base_url, requests) = server();
    let mut command = ocamba(&["integrations", "create", "-", "--base-url", &base_url, "--timeout", "1"]);
    let started = Instant::now();
    let run = run_with_input(command.env("OCAMBA_TOKEN", CANARY), any_request().to_string().as_bytes());
    drop(requests);
    assert!(started.elapsed() < Duration::from_secs(20), "the default is 30 seconds");
    run.assert_fails(OUTCOME_UNKNOWN, &["in time", "may have been created", "look whether the account has it"]);
}

#[cfg(unix)]
#[test]
fn unknown_outcome_when_interrupted() {
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
fn not_sent_when_nobody_listens() {
    // The port of a client: nobody listens there, and nobody else can get it meanwhile.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let client = TcpStream::connect(listener.local_addr().expect("an address")).expect("a connection");
    let base_url = format!("http://{}", client.local_addr().expect("an address"));
    create_at(&base_url, &any_request()).assert_fails(NOT_SENT, &["connection", "nothing was sent", &base_url]);
}

#[test]
fn applied_when_the_answer_makes_no_sense() {
    for garbage in ["<html>", "", "[]", "{\"id\": null}"] {
        let body = if garbage.is_empty() { String::new() } else { format!("{garbage}{CANARY}") };
        let run = create_at(&server_answering("201 Created", body), &any_request());
        run.assert_fails(UNREADABLE, &["cannot be read", "the integration was created", "do not run it again"]);
    }
}
