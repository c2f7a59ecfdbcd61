//! Every example of `openapi/examples`, found by glob: the request that is sent, and the result of the response.

mod support;

use insta::{assert_debug_snapshot, assert_snapshot, glob, with_settings};
use ocamba_hood::{Error, Integration, NewIntegration, reveal};
use serde_json::Value;
use support::{Reply, Server, response};

const CREATED: &str = r#"{"id": "1165"}"#;

#[test]
fn examples_of_requests_are_sent() {
    each("*/request.json", |text| {
        let request = NewIntegration::from_json(&text).expect("the example is valid");
        let sent = run(async {
            let server = Server::start(Reply::Bytes(response(201, CREATED))).await;
            let client = server.client().build().expect("a client");
            client.integrations().create(request).await.expect("created");
            server.requests().remove(0)
        });
        // The example is the expectation; the snapshot is for reviewers.
        let (head, body) = sent.split_once("\r\n\r\n").expect("head and body");
        let body: Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(body, serde_json::from_str::<Value>(&text).expect("JSON"));
        let head = head.replace("token-canary", "[REDACTED]").replace(env!("CARGO_PKG_VERSION"), "[VERSION]");
        let head: Vec<_> = head.lines().filter(|line| !line.starts_with("host: ")).collect();
        assert_snapshot!("request", format!("{}\n\n{body:#}", head.join("\n")));
    });
}

#[test]
fn examples_of_responses_are_read_and_printed() {
    each("*/response.json", |text| {
        let integration: Integration = serde_json::from_str(&text).expect("an integration");
        let written = reveal(|| serde_json::to_value(&integration)).expect("JSON");
        assert_eq!(written, serde_json::from_str::<Value>(&text).expect("JSON"));
        assert!(integration.extra.is_empty() && integration.extra_settings.is_empty());
        assert_debug_snapshot!("response_read", integration);
        assert_snapshot!("response_printed", serde_json::to_string_pretty(&integration).expect("JSON"));
    });
}

#[test]
fn examples_of_errors_are_read_and_printed() {
    each("errors/*.json", |text| {
        let body: Value = serde_json::from_str(&text).expect("JSON");
        let status = u16::try_from(body["code"].as_u64().expect("a code")).expect("a status");
        let error = create_against(Reply::Bytes(response(status, &text))).expect_err("an error");
        assert_eq!(error.status().map(|s| s.as_u16()), Some(status));
        assert_eq!(error.title(), body["title"].as_str());
        assert_eq!(error.trace_id(), body["trace_id"].as_str());
        assert_debug_snapshot!("error_read", error);
        assert_snapshot!("error_printed", error.to_string());
    });
}

/// Calls `test` with the text of each file, and fails without files. Snapshots have the names of the folders, or of the errors.
fn each(pattern: &str, test: impl Fn(String)) {
    glob!("../../../openapi/examples", pattern, |path| {
        let folder = path.parent().and_then(|p| p.file_name()).expect("a folder").to_string_lossy().into_owned();
        let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(path).expect("a text");
        // `request@twilio`, `error_read@400`
        let suffix = if folder == "errors" { stem } else { folder };
        with_settings!({ snapshot_suffix => suffix, omit_expression => true, prepend_module_to_snapshot => false }, {
            test(text);
        });
    });
}

fn create_against(reply: Reply) -> Result<Integration, Error> {
    let any = std::fs::read_dir("../../openapi/examples").expect("examples").flatten().map(|e| e.path());
    let file = any.map(|folder| folder.join("request.json")).find(|file| file.exists()).expect("an example");
    let request = NewIntegration::from_json(&std::fs::read_to_string(file).expect("a text")).expect("valid");
    run(async {
        let server = Server::start(reply).await;
        server.client().build()?.integrations().create(request).await
    })
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work)
}
