//! What is known of one request on the wire, for logs.

use std::time::Duration;

use reqwest::{Method, Request, StatusCode};
use tracing::{Span, field};

use crate::Error;
use crate::answer::Answer;
use crate::generated::PATHS;

/// One request on the wire, for logs: no body, and no secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// Which attempt of its call, the first being 1.
    pub number: u32,
    /// Which operation of the API, as `create_integration`.
    pub operation: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path of the URL.
    pub path: String,
    /// The host of the URL.
    pub host: String,
    /// The port of the URL.
    pub port: u16,
    /// The status of the answer, if one came.
    pub status: Option<StatusCode>,
    /// From its start to the last byte of its answer.
    pub duration: Duration,
    /// Names the answer to the vendor's support.
    pub trace_id: Option<String>,
}

impl Attempt {
    /// A request that is about to be sent.
    pub(crate) fn of(request: &Request, operation: &'static str) -> Self {
        Self {
            number: 1,
            operation,
            method: request.method().clone(),
            path: request.url().path().to_owned(),
            host: request.url().host_str().unwrap_or_default().to_owned(),
            port: request.url().port_or_known_default().unwrap_or_default(),
            status: None,
            duration: Duration::ZERO,
            trace_id: None,
        }
    }

    /// The span in which it happens, named by OpenTelemetry's conventions for HTTP clients.
    pub(crate) fn span(&self) -> Span {
        tracing::info_span!(
            "request",
            otel.name = %format_args!("{} {}", self.method, self.path_template()),
            otel.kind = "client",
            http.request.method = %self.method,
            http.request.resend_count = self.number - 1,
            http.response.status_code = field::Empty,
            server.address = self.host,
            server.port = self.port,
            url.path = self.path,
            url.template = self.path_template(),
            error.type = field::Empty,
        )
    }

    /// The path with its parameters' names: alike for all requests of the operation.
    fn path_template(&self) -> &str {
        let found = PATHS.iter().find(|(operation, _)| *operation == self.operation);
        found.map_or(self.path.as_str(), |(_, path)| path)
    }

    /// Notes how it ended: here, in its span, and in the log.
    pub(crate) fn finish(
        &mut self,
        span: &Span,
        duration: Duration,
        result: &Result<Answer, Error>,
        trace_id: Option<String>,
    ) {
        self.duration = duration;
        self.status = result.as_ref().map_or_else(Error::status, |answer| Some(answer.status));
        self.trace_id = trace_id;
        let (status, error) = (self.status.map(|s| s.as_u16()), result.as_ref().err());
        if !span.is_disabled() {
            span.record("http.response.status_code", status);
            span.record("error.type", error.map(Error::code));
        }
        tracing::debug!(
            operation = self.operation,
            attempt = self.number,
            method = %self.method,
            path = self.path,
            status,
            duration_ms = duration.as_secs_f64() * 1e3,
            trace_id = self.trace_id,
            error = error.map(Error::code),
            "request"
        );
        #[cfg(feature = "otel")]
        crate::otel::attempt(self, error);
    }
}
