//! What is known of one request on the wire, for logs.

use std::time::Duration;

use reqwest::{Method, Request, StatusCode};

use crate::Error;
use crate::answer::{Answer, redact};

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
            status: None,
            duration: Duration::ZERO,
            trace_id: None,
        }
    }

    /// Leaves out what the server quotes of `secrets`.
    pub(crate) fn hide(&mut self, secrets: &[String]) {
        self.trace_id = self.trace_id.take().map(|text| redact(text, secrets));
    }

    /// Notes how it ended, here and in the log.
    pub(crate) fn finish(&mut self, duration: Duration, result: &Result<Answer, Error>) {
        self.duration = duration;
        self.status = result.as_ref().map_or_else(Error::status, |answer| Some(answer.status));
        self.trace_id = result.as_ref().ok().and_then(Answer::trace_id);
        tracing::debug!(
            operation = self.operation,
            attempt = self.number,
            method = %self.method,
            path = self.path,
            status = self.status.map(|s| s.as_u16()),
            duration_ms = duration.as_secs_f64() * 1e3,
            trace_id = self.trace_id,
            error = result.as_ref().err().map(Error::code),
            "request"
        );
    }
}
