//! `ocamba api`.

use serde_json::{Value, json};

use crate::support::{
    CANARY, Running, Untouched, any_request, examples, file, ocamba, redacted, run, run_with_input, server,
};

const BAD_INPUT: i32 = 2;
const REJECTED: i32 = 3;
const OUTCOME_UNKNOWN: i32 = 4;

#[test]
fn api_sends_any_request_with_the_account() {
    let sandbox = Running::start(&["--token", CANARY]);
    let example = &examples()[0];
    let request = file("api.json", example.with_canary().to_string().as_bytes());
    let created = sandbox.run(&["api", "post", "/v1/hood/integrations", "--input", &request]);
    assert!(!format!("{created:?}").contains(CANARY), "{created:?}");
    let created = created.json();
    assert_eq!(created["settings"], redacted(example.provider, &example.with_canary()["settings"]));
    let id = created["id"].as_str().map_or_else(|| created["id"].to_string(), str::to_owned);
    let path = format!("/v1/hood/integrations/{id}");
    let revealed = sandbox.run(&["api", "GET", &path, "--field", "view=full", "--reveal"]).json();
    assert_eq!(revealed["settings"], example.with_canary()["settings"]);
    // A whole URL of the same server, and a path without its slash.
    for path in [format!("{}{path}", sandbox.base_url), path[1..].to_owned()] {
        assert_eq!(sandbox.run(&["api", "GET", &path]).json()["name"], created["name"]);
    }
    let listed = sandbox.run(&["api", "GET", "/v1/hood/integrations", "--include", "--output", "json"]).json();
    assert_eq!(listed["status"], 200);
    assert!(listed["headers"]["content-type"].as_str().is_some_and(|kind| kind.contains("json")), "{listed}");
    let included = sandbox.run(&["api", "GET", &path, "--include"]);
    assert!(included.stdout.starts_with("200 OK\n") && included.stdout.contains("\n\n{"), "{included:?}");
    // A query may have any URL.
    let searched = format!("/v1/hood/integrations?q={}", "http://x");
    assert_eq!(sandbox.run(&["api", "GET", &searched]).json()["items"], json!([]));
    for output in ["--output=json", "--output=table", "--reveal"] {
        let missing = sandbox.run(&["api", "GET", "/v1/hood/nothing", "--include", output]);
        assert!(missing.code == REJECTED && missing.stdout.contains("404") && missing.stdout.contains("content-type"));
        assert!(missing.stderr.contains("404 "), "{missing:?}");
    }
    let twice = ["api", "POST", "/v1/hood/integrations", "--field", "name=a", "--field", "name=b"];
    sandbox.run(&twice).assert_fails(BAD_INPUT, &["--field name is given twice", "nothing was sent"]);
}

#[test]
fn api_reports_outcomes_as_other_commands_do() {
    let sandbox = Running::start(&[]);
    sandbox.run(&["api", "GET", "/v1/hood/nothing"]).assert_fails(REJECTED, &["404 "]);
    let invalid = run_with_input(&mut sandbox.ocamba(&["api", "POST", "/v1/hood/integrations", "--input", "-"]), b"{}");
    invalid.assert_fails(REJECTED, &["400 ", "nothing was changed"]);
    let (base_url, connections) = server();
    std::thread::spawn(move || drop(connections.recv()));
    let mut post = ocamba(&["api", "POST", "/v1/x", "--field", "a=b", "--base-url", &base_url]);
    let cut = run(post.env("OCAMBA_TOKEN", CANARY));
    cut.assert_fails(OUTCOME_UNKNOWN, &["may have taken effect", "check what the account has"]);
}

#[test]
fn api_sends_the_token_nowhere_else() {
    let (sandbox, other) = (Running::start(&[]), Untouched::new());
    let foreign = [format!("{}/v1", other.base_url()), format!("{}.example.com/v1", sandbox.base_url)];
    for path in foreign.iter().map(String::as_str).chain(["//127.0.0.1/x", "/a#b", "/a b", "/a\nb"]) {
        let run = sandbox.run(&["api", "GET", path]);
        // A path that begins with two slashes stays a path.
        assert_eq!(run.code, if path == "//127.0.0.1/x" { REJECTED } else { BAD_INPUT }, "{path}: {run:?}");
        assert!(!run.stderr.contains(CANARY), "{run:?}");
    }
    sandbox.run(&["api", "G T", "/v1"]).assert_fails(BAD_INPUT, &["method"]);
    let journal = sandbox.get("/_sandbox/journal");
    assert!(journal.as_array().is_some_and(|all| all.len() <= 1), "{journal}");
    let body: Value = json!(any_request());
    sandbox
        .run_with(&["api", "POST", "/v1/hood/integrations", "--input", "-", "--field", "a=b"], &body)
        .assert_fails(BAD_INPUT, &["--field"]);
}
