//! The spans of requests, with the fields that OpenTelemetry's conventions and `tracing-opentelemetry` define.

mod support;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use ocamba_hood::Client;
use support::{Reply, Server, response};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

type Fields = BTreeMap<&'static str, String>;

/// Collects the fields of this crate's spans.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<Fields>>>);

struct Collector<'a>(&'a mut Fields);

impl Visit for Collector<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl Subscriber for Spans {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && metadata.target().starts_with("ocamba_hood")
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut spans = self.0.lock().expect("not poisoned");
        let mut fields = Fields::new();
        span.record(&mut Collector(&mut fields));
        spans.push(fields);
        Id::from_u64(spans.len() as u64)
    }
    fn record(&self, id: &Id, values: &Record<'_>) {
        let index = id.into_u64() as usize - 1;
        values.record(&mut Collector(&mut self.0.lock().expect("not poisoned")[index]));
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// Returns the fields of the only span of a request with this response.
fn span_of(status: u16) -> Fields {
    let spans = Spans::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    tracing::subscriber::with_default(spans.clone(), || {
        runtime.block_on(async {
            let server = Server::start(Reply::Bytes(response(status, r#"{"id": "7"}"#))).await;
            let client: Client = server.client().max_retries(0).build().expect("a client");
            assert_eq!(client.integrations().get("7").await.is_ok(), status == 200);
        });
    });
    let mut spans = spans.0.lock().expect("not poisoned");
    assert_eq!(spans.len(), 1, "{spans:?}");
    spans.remove(0)
}

#[test]
fn span_of_a_request_has_the_conventional_fields() {
    for (status, error) in [(200, None), (404, Some("not_found")), (500, Some("server_error"))] {
        let span = span_of(status);
        let field = |name: &str| span.get(name).map(String::as_str);
        let template = field("url.template").expect("a template").to_owned();
        assert!(template.starts_with('/') && template.ends_with('}'), "{template}");
        assert_eq!(field("otel.name"), Some(format!("GET {template}").as_str()));
        let url = field("url.full").expect("a URL");
        assert!(url.starts_with("http://127.0.0.1:") && url.ends_with(field("url.path").expect("a path")), "{url}");
        assert_eq!(field("otel.kind"), Some("client"));
        assert_eq!(field("http.request.method"), Some("GET"));
        assert_eq!(field("http.response.status_code"), Some(status.to_string().as_str()));
        assert_eq!(field("error.type"), error);
        assert_eq!(field("otel.status_code"), error.map(|_| "ERROR"));
    }
}
