//! Spans and events of `tracing`, named by OpenTelemetry's conventions for HTTP clients.
//!
//! `tracing-opentelemetry` reads the fields that begin with `otel.`, and exports the spans as they are.

use std::time::Duration;

use tracing::{Span, field};

use crate::error::Attempt;

/// Returns the span of one HTTP request.
pub fn span(attempt: &Attempt) -> Span {
    tracing::info_span!(
        "request",
        otel.name = %format_args!("{} {}", attempt.method, attempt.path_template),
        otel.kind = "client",
        otel.status_code = field::Empty,
        http.request.method = %attempt.method,
        http.request.resend_count = attempt.number - 1,
        http.response.status_code = field::Empty,
        server.address = attempt.host,
        server.port = attempt.port,
        url.full = attempt.url(),
        url.path = attempt.path,
        url.template = attempt.path_template,
        error.type = field::Empty,
        ocamba.trace_id = field::Empty,
    )
}

/// Records the end of a request in its span, and logs it.
pub fn finish(span: &Span, attempt: &Attempt) {
    let (status, code) = (attempt.status.map(|status| status.as_u16()), attempt.error);
    if !span.is_disabled() {
        span.record("http.response.status_code", status);
        span.record("error.type", code);
        span.record("otel.status_code", code.map(|_| "ERROR"));
        span.record("ocamba.trace_id", attempt.trace_id.as_deref());
    }
    tracing::debug!(
        operation = attempt.operation,
        attempt = attempt.number,
        method = %attempt.method,
        path = attempt.path,
        status,
        duration_ms = attempt.duration.as_secs_f64() * 1e3,
        trace_id = attempt.trace_id,
        error = code,
        "request"
    );
}

/// Logs a wait for the rate limit.
pub fn wait(waited: Duration) {
    tracing::debug!(waited_ms = waited.as_secs_f64() * 1e3, "waited for the rate limit");
}

/// Logs a wait that begins, before a request is sent again.
pub fn retry(wait: Duration, attempt: &Attempt) {
    let wait_ms = wait.as_secs_f64() * 1e3;
    tracing::info!(wait_ms, attempt = attempt.number, error = attempt.error, "waiting to send the request again");
}
