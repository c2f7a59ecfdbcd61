//! Every example of `openapi/examples/operations`, found by glob: the request that is sent, and the result of the response.

mod support;

use insta::{assert_debug_snapshot, assert_snapshot, glob, with_settings};
use ocamba_hood::{Client, Error, Operation, reveal};
use serde_json::Value;
use support::{Reply, Server, response};

const ID: &str = "1165";

#[test]
fn examples_of_requests_are_sent() {
    each("*/request.json", |operation, text| {
        let (name, id) = match operation {
            "updateIntegration" => ("update", Some(ID)),
            "sendTestNotification" => ("send_test", Some(ID)),
            other => panic!("{other} has an example of a request, but no test"),
        };
        let sent = run(async {
            let server = Server::start(Reply::Bytes(response(204, ""))).await;
            let operation = Operation::from_json(name, id, &text, true).expect("valid");
            server.client().build().expect("a client").call(operation).with_response().await.expect("done");
            server.requests().remove(0)
        });
        let (head, body) = sent.split_once("\r\n\r\n").expect("head and body");
        let body: Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(body, serde_json::from_str::<Value>(&text).expect("JSON"));
        assert_snapshot!("operation_request", format!("{}\n\n{body:#}", shown(head)));
    });
}

#[test]
fn examples_of_responses_are_read_and_printed() {
    each("*/response.json", |operation, text| {
        let (sent, read) = run(async {
            let server = Server::start(Reply::Bytes(response(200, &text))).await;
            let client = server.client().build().expect("a client");
            let read = read(&client, operation, &text).await.expect("a response");
            (server.requests().remove(0), read)
        });
        let (head, _) = sent.split_once("\r\n\r\n").expect("a head");
        assert_snapshot!("operation_request", shown(head));
        assert_snapshot!("operation_read", read);
    });
}

/// Returns the result of a response, after comparing its serialization with the response.
async fn read(client: &Client, operation: &str, text: &str) -> Result<String, Error> {
    let expected: Value = serde_json::from_str(text).expect("JSON");
    let same = |items: Value| assert_eq!(items, expected.get("items").unwrap_or(&expected).clone());
    let written = |value: Result<Value, serde_json::Error>| value.expect("JSON");
    Ok(match operation {
        "getIntegration" => {
            let integration = client.integrations().get(ID).await?;
            same(written(reveal(|| serde_json::to_value(&integration))));
            format!("{integration:#?}")
        }
        "listIntegrations" => {
            let page = client.integrations().list().page(1).await?;
            assert_eq!(page.total, expected["total"].as_u64());
            same(written(reveal(|| serde_json::to_value(&page.items))));
            format!("{page:#?}")
        }
        "listProviders" => {
            let page = client.providers().list().page(1).await?;
            assert_eq!(page.total, expected["total"].as_u64());
            same(written(serde_json::to_value(&page.items)));
            format!("{page:#?}")
        }
        other => panic!("{other} has an example of a response, but no test"),
    })
}

#[test]
fn provider_description_is_read() {
    // With a value of each kind.
    assert_debug_snapshot!(
        serde_json::from_str::<ocamba_hood::ProviderDescription>(
            r#"{"id": 7, "type": "owl", "settings": [{"name": "n", "required": true, "new": 1}]}"#
        )
        .expect("a provider")
    );
}

/// Returns the head of a request, without the parts that differ from run to run.
fn shown(head: &str) -> String {
    let head = head.replace("token-canary", "[REDACTED]").replace(env!("CARGO_PKG_VERSION"), "[VERSION]");
    head.lines().filter(|line| !line.starts_with("host: ")).collect::<Vec<_>>().join("\n")
}

/// Calls `test` with the operation and the text of each file, and fails without files.
fn each(pattern: &str, test: impl Fn(&str, String)) {
    glob!("../../../openapi/examples/operations", pattern, |path| {
        let operation = path.parent().and_then(|p| p.file_name()).expect("a folder").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(path).expect("a text");
        with_settings!({ snapshot_suffix => &operation, omit_expression => true, prepend_module_to_snapshot => false }, {
            test(&operation, text);
        });
    });
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work)
}
