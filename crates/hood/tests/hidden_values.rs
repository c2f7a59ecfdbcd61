//! Values of a server that are hidden: unknown fields, and quoted secrets in every encoding.

mod support;

use ocamba_hood::{NewIntegration, Provider, RawValues, providers, reveal};
use serde_json::{Map, Value, json};
use support::{Reply, Server, response};

#[tokio::test]
async fn unknown_fields_are_readable_on_request() {
    let settings = providers()[0].settings.iter().map(|setting| (setting.name.to_owned(), json!("plain")));
    let sent = json!({
        "id": "7", "name": "Example", "provider_id": providers()[0].id, "settings": Map::from_iter(settings),
        "provider": { "id": "1", "key": "canary-hook", "settings": [{ "name": "a", "default": "canary-hook" }] },
        "webhook_secret": "canary-hook", "company_id": null,
    });
    let server = Server::start(Reply::Bytes(response(200, &sent.to_string()))).await;
    let client = server.client().build().expect("a client");
    let integration = client.integrations().get("7").await.expect("an integration");
    assert_eq!(integration.extra.get("webhook_secret"), Some(&"canary-hook".into()));
    assert_eq!(reveal(|| json!(integration)), sent);
    let shown = json!(integration);
    assert_eq!((&shown["name"], &shown["webhook_secret"]), (&json!("Example"), &json!("[REDACTED]")));
    assert_eq!(shown["company_id"], Value::Null);
    assert!(!format!("{integration:?} {shown}").contains("canary"));
    assert_eq!(shown["provider"]["settings"][0], json!({ "name": "a", "default": "[REDACTED]" }));
}

#[tokio::test]
async fn secret_that_a_server_quotes_is_hidden_in_every_encoding() {
    let canary: Value = serde_json::from_str(include_str!("../../../tests/canary/quotes.json")).expect("JSON");
    let secret = canary["secret"].as_str().expect("a text");
    let settings = RawValues::from_iter([("anything", secret.into())]);
    let request = NewIntegration::new("Example", Provider::Unknown { provider_id: "9999".into(), settings });
    for (encoding, quote) in canary["quotes"].as_object().expect("quotes") {
        let text = format!("the value '{}' is wrong", quote.as_str().expect("a text"));
        let body = json!({ "title": text, "message": text, "trace_id": quote }).to_string();
        let server = Server::start(Reply::Bytes(response(400, &body))).await;
        // Once the secret is the token, and once a setting.
        for token in [secret, "token"] {
            let client = server.client().token(token).build().expect("a client");
            let error = client.integrations().create(request.clone()).await.expect_err("refused");
            let seen = format!("{error:?} {error} {:?}", error.attempts());
            let trace =
                canary["traces"].as_array().expect("texts").iter().find(|t| seen.contains(t.as_str().expect("a text")));
            assert_eq!(trace, None, "{encoding}: {seen}");
            assert!(error.message().starts_with("the value '") && error.message().ends_with("' is wrong"), "{error}");
        }
    }
}
