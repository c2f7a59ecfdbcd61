//! `--debug`, and the lines about waits.

use serde_json::Value;

use crate::support::{CANARY, Running, any_request, run, server};

#[test]
fn debug_shows_each_request_and_no_secret() {
    let sandbox = Running::start(&[]);
    let by_option = sandbox.run_with(&["integrations", "create", "-", "--debug"], &any_request());
    let by_variable = run(sandbox.ocamba(&["integrations", "list"]).env("OCAMBA_DEBUG", "1"));
    for (run, path) in [(by_option, "method=POST"), (by_variable, "method=GET")] {
        let lines: Vec<_> = run.stderr.lines().collect();
        assert!(lines.iter().all(|line| line.starts_with("debug: ")), "{run:?}");
        assert!(lines[0].contains("account") && lines[0].contains("token_from=environment"), "{run:?}");
        let request = lines.iter().find(|line| line.contains(path)).expect("the request");
        assert!(request.contains("status=20") && request.contains("duration_ms=") && request.contains("attempt=1"));
        assert!(!run.stderr.contains(CANARY), "{run:?}");
    }
    let json = sandbox.run(&["integrations", "list", "--debug", "--output", "json"]);
    let lines: Vec<Value> = json.stderr.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(lines.iter().any(|line| line["debug"]["operation"] == "list_integrations"), "{json:?}");
    for off in ["", "0"] {
        let quiet = run(sandbox.ocamba(&["integrations", "list"]).env("OCAMBA_DEBUG", off));
        assert_eq!(quiet.stderr, "");
    }
}

#[test]
fn wait_for_the_rate_limit_is_reported_when_it_begins() {
    let sandbox = Running::start(&[]);
    sandbox.create(&["one", "two"]);
    let list = ["integrations", "list", "--page-size", "1"];
    let waited = run(sandbox.ocamba(&list).env("OCAMBA_RATE_LIMIT_TIER", "1/150"));
    assert_eq!(waited.stderr.lines().next(), Some("waiting: 1 s for the rate limit"), "{waited:?}");
    let json = run(sandbox.ocamba(&[&list[..], &["--output", "json"]].concat()).env("OCAMBA_RATE_LIMIT_TIER", "1/150"));
    let line: Value = serde_json::from_str(json.stderr.lines().next().expect("a line")).expect("JSON");
    assert!(line["waiting"]["wait_ms"].as_f64().is_some_and(|wait| wait > 500.0), "{json:?}");
    // A second process with the same requests and a sufficient limit waits for nothing.
    assert_eq!(sandbox.run(&list).stderr, "");
}

#[test]
fn silent_server_is_reported() {
    let (base_url, _connection) = server();
    let mut list = crate::support::ocamba(&["integrations", "list", "--timeout", "6", "--base-url", &base_url]);
    let run = run(list.env("OCAMBA_TOKEN", CANARY));
    assert!(run.stderr.starts_with(&format!("note: still waiting for {base_url}")), "{run:?}");
}
