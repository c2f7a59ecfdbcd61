//! What OpenTelemetry is told, read back from its own exporters in memory.
#![cfg(feature = "otel")]

mod support;

use ocamba_hood::{NewIntegration, Provider, RawSettings};
use opentelemetry::global;
use opentelemetry::trace::SpanKind;
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, SdkMeterProvider};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use support::{Reply, Server, answer, answer_with};

#[tokio::test]
async fn spans_and_metrics_follow_the_conventions() {
    let (spans, metrics) = (InMemorySpanExporter::default(), InMemoryMetricExporter::default());
    global::set_tracer_provider(SdkTracerProvider::builder().with_simple_exporter(spans.clone()).build());
    let meters = SdkMeterProvider::builder().with_periodic_exporter(metrics.clone()).build();
    global::set_meter_provider(meters.clone());

    let refused = Reply::Bytes(answer_with(429, "retry-after: 0\r\n", b""));
    let server = Server::start(Reply::Each(vec![refused, Reply::Bytes(answer(201, r#"{"id": "7"}"#))])).await;
    let client = server.client().build().expect("a client");
    let provider = Provider::Unknown { provider_id: "9999".into(), settings: RawSettings::default() };
    client.integrations().create(NewIntegration::new("Example", provider)).await.expect("created");
    meters.force_flush().expect("flushed");

    let spans = spans.get_finished_spans().expect("spans");
    let statuses: Vec<_> = spans
        .iter()
        .map(|span| {
            assert_eq!(span.span_kind, SpanKind::Client);
            assert_eq!(span.name, "POST /v1/hood/integrations");
            let of = |name: &str| span.attributes.iter().find(|a| a.key.as_str() == name).map(|a| a.value.to_string());
            (of("http.response.status_code"), of("http.request.resend_count"), of("error.type"))
        })
        .collect();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(statuses, [(text("429"), text("0"), text("429")), (text("201"), text("1"), None)]);
    let shown = format!("{:?}", metrics.get_finished_metrics().expect("metrics"));
    for name in ["http.client.request.duration", "ocamba.hood.calls", "succeeded"] {
        assert!(shown.contains(name), "{name} is missing in {shown}");
    }
    assert!(!shown.contains("canary"));
}
