//! Plants a secret in every place that has one, and searches all visible output for it: results, errors, debug output,
//! serde, and every span and event of this crate and its dependencies.

mod support;

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ocamba_hood::{
    Client, NewIntegration, Provider, Proxy, RawValues, RequestBody, SettingsUpdate, UpdateIntegration, providers,
};
use serde_json::{Map, Value, json};
use support::{Reply, Server, response, response_with};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

const CANARY: &str = "canary";

/// Records all spans and events, at every level.
#[derive(Clone, Default)]
struct Everything(Arc<Mutex<String>>);

impl Everything {
    fn note(&self, what: &dyn Debug, record: impl FnOnce(&mut Lines)) {
        let mut lines = Lines(format!("{what:?}\n"));
        record(&mut lines);
        self.0.lock().expect("not poisoned").push_str(&lines.0);
    }
}

struct Lines(String);

impl Visit for Lines {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.0, "{field}={value:?}").expect("written");
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.note(span.metadata(), |lines| span.record(lines));
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, values: &Record<'_>) {
        self.note(&"record", |lines| values.record(lines));
    }
    fn event(&self, event: &Event<'_>) {
        self.note(event.metadata(), |lines| event.record(lines));
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// Returns a request to each provider, with the canary in each secret; and one to an unknown provider.
fn requests() -> Vec<NewIntegration> {
    let known = providers().iter().map(|provider| {
        let settings: Map<String, Value> = provider
            .settings
            .iter()
            .map(|s| {
                (s.name.to_owned(), json!(if s.secret { format!("{CANARY}-setting") } else { "plain".to_owned() }))
            })
            .collect();
        let text = json!({ "name": "Example", "provider_id": provider.id, "settings": settings }).to_string();
        NewIntegration::from_json(&text).expect("a valid request")
    });
    let settings = RawValues::from_iter([("anything", format!("{CANARY}-setting").into())]);
    known.chain([NewIntegration::new("Example", Provider::Unknown { provider_id: "9999".into(), settings })]).collect()
}

/// Returns the integration of a request, with secrets in fields that this version does not know.
fn echo(sent: &Value) -> Value {
    json!({
        "id": "7", "name": "Example", "provider_id": sent["provider_id"], "settings": sent["settings"],
        "webhook_secret": "canary-hook", "hooks": [{ "secret": "canary-hook" }], "company_id": { "secret": "canary-hook" },
        "provider": { "id": "1", "key": "canary-hook", "settings": [{ "name": "a", "default": "canary-hook" }] },
    })
}

fn replies(request: &NewIntegration) -> Vec<Reply> {
    let sent = RequestBody::try_from(request).expect("a valid request");
    let sent: Value = serde_json::from_str(sent.expose()).expect("JSON");
    let echo = echo(&sent).to_string();
    let quoting =
        json!({ "title": "token-canary", "message": "canary-setting", "trace_id": "canary-setting" }).to_string();
    let mut replies = vec![
        Reply::Bytes(response_with(201, "X-Echo: token-canary\r\n", echo.as_bytes())),
        Reply::Bytes(response(201, &echo.replace("\"7\"", "[]"))),
        Reply::Bytes(response(201, &format!("{echo}{echo}"))),
        Reply::Close,
        Reply::Bytes(b"canary-setting\r\n\r\n".to_vec()),
        Reply::Stall(b"HTTP/1.1 201 canary-setting\r\n".to_vec()),
    ];
    for status in [302, 400, 401, 403, 404, 429, 500, 503] {
        replies.push(Reply::Bytes(response(status, &quoting)));
        replies.push(Reply::Bytes(response_with(status, "", b"<html>canary-setting token-canary")));
    }
    replies
}

async fn server(reply: Reply, with_tls: bool) -> Server {
    if with_tls { Server::start_with_tls(reply).await } else { Server::start(reply).await }
}

#[test]
fn secrets_are_never_shown() {
    hunt(false);
}

#[test]
fn secrets_are_never_shown_over_tls() {
    hunt(true);
}

fn hunt(with_tls: bool) {
    let everything = Everything::default();
    let seen = everything.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    tracing::subscriber::with_default(everything, || {
        runtime.block_on(create_everything(&seen, with_tls));
        runtime.block_on(call_everything_else(&seen, with_tls));
    });
    let seen = seen.0.lock().expect("not poisoned").clone();
    assert!(seen.contains("http.response.status_code=201"), "the spans were recorded, and the server was reached");
    let place = seen.lines().find(|line| line.contains(CANARY));
    assert_eq!(place, None);
}

/// Makes all other calls, and notes their results and errors.
async fn call_everything_else(seen: &Everything, with_tls: bool) {
    for request in requests() {
        let body = RequestBody::try_from(&request).expect("a valid request");
        let sent: Value = serde_json::from_str(body.expose()).expect("JSON");
        let echo = echo(&sent);
        let page = json!({ "total": 1, "items": [echo] }).to_string();
        // The server can quote only the token of a read.
        let quoting = json!({ "message": "token-canary", "trace_id": "token-canary" }).to_string();
        let quoting_all = json!({ "message": "canary-setting token-canary", "trace_id": "canary-setting" }).to_string();
        let settings = SettingsUpdate::Unknown(RawValues::new(sent["settings"].clone()));
        let update = UpdateIntegration::new().settings(settings);
        for status in [400, 500] {
            let server = server(Reply::Bytes(response(status, &quoting_all)), with_tls).await;
            let client = server.client().build().expect("a client");
            seen.note(&client.integrations().validate(request.clone()).await, |_| {});
            seen.note(&client.integrations().update("7", update.clone()).await, |_| {});
            seen.note(&client.integrations().send_test_with(request.clone()).await, |_| {});
        }
        for reply in [
            Reply::Bytes(response(200, &echo.to_string())),
            Reply::Bytes(response(200, &page)),
            Reply::Bytes(response(200, &page.replace("\"7\"", "[]"))),
            Reply::Bytes(response(400, &quoting)),
            Reply::Bytes(response(500, &quoting)),
            Reply::Close,
        ] {
            let server = server(reply, with_tls).await;
            let builder = server.client().timeout(Duration::from_millis(200)).max_retries(1);
            let client = builder.build().expect("a client");
            let integrations = client.integrations();
            let timeout = Duration::from_millis(1);
            seen.note(&(&update, serde_json::to_string(&update).expect("JSON")), |_| {});
            seen.note(&(integrations.list(), integrations.ensure(request.clone())), |_| {});
            seen.note(&integrations.validate(request.clone()).await, |_| {});
            seen.note(&integrations.get("7").with_response().await, |_| {});
            seen.note(&integrations.list().page(1).await, |_| {});
            seen.note(&integrations.list().all().await, |_| {});
            seen.note(&integrations.update("7", update.clone()).await, |_| {});
            seen.note(&integrations.send_test_with(request.clone()).await, |_| {});
            let ensured = integrations.ensure(request.clone()).reconcile_timeout(timeout).await;
            seen.note(&ensured, |_| {});
            if let Err(error) = ensured {
                seen.note(&(error.to_string(), error.unconfirmed_create()), |_| {});
                seen.note(&integrations.find_created(&error).reconcile_timeout(timeout).await, |_| {});
            }
        }
    }
}

async fn create_everything(seen: &Everything, with_tls: bool) {
    for request in requests() {
        let body = RequestBody::try_from(&request).expect("a valid request");
        seen.note(&(&request, &body), |_| {});
        seen.note(&serde_json::to_string(&request).expect("JSON"), |_| {});
        let proxy = Proxy::url(format!("http://someone:{CANARY}@127.0.0.1:1"));
        let through = Client::builder().token(CANARY).base_url("https://127.0.0.1:1").proxy(proxy).max_retries(0);
        let result = through.clone().build().expect("a client").integrations().get("7").await;
        seen.note(&(&through, &result, result.as_ref().map_err(ToString::to_string).err()), |_| {});
        for reply in replies(&request) {
            let server = server(reply, with_tls).await;
            let builder = server.client().timeout(Duration::from_millis(200)).max_retries(1);
            seen.note(&builder, |_| {});
            let client = builder.build().expect("a client");
            let create = client.integrations().create(request.clone());
            seen.note(&(&client, &create), |_| {});
            match create.with_response().await {
                Ok(response) => {
                    seen.note(&response, |_| {});
                    seen.note(&serde_json::to_string(&response.value).expect("JSON"), |_| {});
                }
                Err(error) => {
                    seen.note(&(&error, error.to_string(), error.attempts(), error.field_errors()), |_| {});
                    let mut source = std::error::Error::source(&error);
                    while let Some(error) = source {
                        seen.note(&(error, error.to_string()), |_| {});
                        source = error.source();
                    }
                }
            }
        }
    }
    let bad = format!(r#"{{"name": 5, "provider_id": "{}", "settings": {{"x": "{CANARY}"}}}}"#, providers()[0].id);
    let error = NewIntegration::from_json(&bad).expect_err("refused");
    seen.note(&(&error, error.to_string(), error.field_errors()), |_| {});
    let error = NewIntegration::from_json(&bad[..bad.len() - 3]).expect_err("malformed");
    seen.note(&(&error, error.to_string()), |_| {});
}
