//! Spans and metrics for OpenTelemetry, by its conventions for HTTP clients, sent to the global providers.
//!
//! Set the providers before the first call: the instruments are made then.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use opentelemetry::metrics::{Counter, Histogram};
use opentelemetry::trace::{Span, SpanKind, Status, Tracer};
use opentelemetry::{KeyValue, global};

use crate::{Attempt, Error};

const NAME: &str = "ocamba-hood";

/// One request on the wire.
pub fn attempt(attempt: &Attempt, error: Option<&Error>) {
    let status = attempt.status.map(|status| i64::from(status.as_u16()));
    let mut attributes = vec![
        KeyValue::new("http.request.method", attempt.method.to_string()),
        KeyValue::new("server.address", attempt.host.clone()),
        KeyValue::new("server.port", i64::from(attempt.port)),
    ];
    attributes.extend(status.map(|status| KeyValue::new("http.response.status_code", status)));
    let failed = error.map(|error| error.code().to_owned());
    let error_type = failed.or_else(|| status.filter(|status| *status >= 400).map(|status| status.to_string()));
    attributes.extend(error_type.clone().map(|kind| KeyValue::new("error.type", kind)));
    instruments().duration.record(attempt.duration.as_secs_f64(), &attributes);

    attributes.push(KeyValue::new("url.path", attempt.path.clone()));
    attributes.push(KeyValue::new("http.request.resend_count", i64::from(attempt.number - 1)));
    attributes.extend(attempt.trace_id.clone().map(|id| KeyValue::new("ocamba.trace_id", id)));
    let now = SystemTime::now();
    let tracer = global::tracer(NAME);
    let mut span = tracer
        .span_builder(format!("{} {}", attempt.method, attempt.path))
        .with_kind(SpanKind::Client)
        .with_start_time(now.checked_sub(attempt.duration).unwrap_or(now))
        .with_attributes(attributes)
        .start(&tracer);
    if let Some(kind) = error_type {
        span.set_status(Status::error(kind));
    }
    span.end_with_timestamp(now);
}

/// A wait for a turn in the lane.
pub fn wait(waited: Duration) {
    instruments().wait.record(waited.as_secs_f64(), &[]);
}

/// The end of a call: `succeeded`, or an error's outcome.
pub fn end(outcome: &'static str) {
    instruments().calls.add(1, &[KeyValue::new("ocamba.outcome", outcome)]);
}

struct Instruments {
    duration: Histogram<f64>,
    wait: Histogram<f64>,
    calls: Counter<u64>,
}

fn instruments() -> &'static Instruments {
    static INSTRUMENTS: OnceLock<Instruments> = OnceLock::new();
    INSTRUMENTS.get_or_init(|| {
        let meter = global::meter(NAME);
        Instruments {
            duration: meter.f64_histogram("http.client.request.duration").with_unit("s").build(),
            wait: meter.f64_histogram("ocamba.hood.lane.wait").with_unit("s").build(),
            calls: meter.u64_counter("ocamba.hood.calls").build(),
        }
    })
}
