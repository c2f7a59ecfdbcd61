//! Sends a written request: waits for the rate limit, retries where nothing can be duplicated, and keeps the deadline.

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, AUTHORIZATION, HeaderValue, USER_AGENT};
use http_body_util::BodyExt;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::Instrument;

use super::gated_body::{Fence, GatedBody};
use super::metrics::Counters;
use super::options::CallOptions;
use super::pool::{ConnectionError, ConnectionPool};
use super::progress::Progress;
use super::raw_response::RawResponse;
use super::redact::redact;
use super::response_outcome::of_response;
use super::retry::{self, RetryBudget};
use super::send_gate::SendGate;
use super::telemetry;
use super::written_request::WrittenRequest;
use crate::coordination::{Permit, RateLimitHint, RateLimiter};
use crate::error::{Attempt, Error, ErrorKind, Outcome};
use crate::secret::Secret;

/// Maximum duration of one attempt, from its first byte to its last: a stalled server does not use up the call's timeout.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(60);
/// A shorter wait for the rate limit is only what a permit takes.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// Work that must be done before each attempt, if there is any.
pub type Announce<'a> = Option<&'a (dyn Fn() -> BoxFuture<'a, Result<(), Error>> + Send + Sync)>;

/// A future of work that is rare enough to be boxed.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends requests for one client and its clones.
pub struct Transport {
    pub pool: ConnectionPool,
    pub limiter: Arc<RateLimiter>,
    pub retry_budget: RetryBudget,
    pub counters: Counters,
    pub token: Secret,
    pub authorization: HeaderValue,
    pub user_agent: HeaderValue,
    pub max_response_bytes: usize,
}

/// Why no whole response arrived.
enum Failure {
    Deadline,
    TooLarge,
    Connection(ConnectionError),
}

impl Transport {
    /// Sends the request, again where that is safe, and reads the whole response: all before the deadline. Returns the
    /// response if it is a success.
    ///
    /// Each attempt begins with `announce`, and its request is sent within the [`CallOptions::send_limit`] from then, or never.
    pub async fn send(
        &self,
        request: &mut WrittenRequest,
        options: &CallOptions,
        progress: &Progress,
        announce: Announce<'_>,
    ) -> Result<RawResponse, Error> {
        let deadline = options.deadline();
        let headers = request.http.headers_mut();
        // Also where no body is promised: an error has one.
        headers.entry(ACCEPT).or_insert(HeaderValue::from_static("application/json"));
        options.headers.write(headers);
        headers.insert(AUTHORIZATION, self.authorization.clone());
        headers.insert(USER_AGENT, self.user_agent.clone());
        let mut attempts = Vec::new();
        let result = self.send_until(request, options, deadline, progress, announce, &mut attempts).await;
        match result {
            Ok(response) if response.status.is_success() => Ok(RawResponse { attempts, ..response }),
            Ok(response) => Err(response.into_error(&self.secrets(request, options)).with_attempts(attempts)),
            Err(error) => Err(error.with_attempts(attempts)),
        }
    }

    /// Returns the error of a request, whose headers quote none of its secrets.
    pub fn redact_headers(&self, error: Error, request: &WrittenRequest, options: &CallOptions) -> Error {
        if error.headers().is_empty() {
            return error;
        }
        let secrets = self.secrets(request, options);
        error.redact_headers(|text| redact(text, &secrets))
    }

    async fn send_until(
        &self,
        request: &WrittenRequest,
        options: &CallOptions,
        deadline: Instant,
        progress: &Progress,
        announce: Announce<'_>,
        attempts: &mut Vec<Attempt>,
    ) -> Result<RawResponse, Error> {
        let idempotent = request.http.method().is_safe();
        let mut gate = progress.begin_request();
        let mut permit = self.permit(deadline).await?;
        // Where another attempt cannot be made, this failure is the one to report.
        let mut earlier = None;
        let mut number = 0;
        loop {
            number += 1;
            let fence = Fence::new(options.send_limit());
            if let Some(announce) = announce
                && let Err(error) = announce().await
            {
                return earlier.unwrap_or(Err(error));
            }
            let mut attempt = attempt(request, number);
            let (started, span) = (Instant::now(), telemetry::span(&attempt));
            self.counters.count_attempt();
            let result = self.send_once(request, options, deadline, gate, fence).instrument(span.clone()).await;
            permit.finish(rate_limit_hint(&result), deadline).await;
            let trace_id = result.as_ref().ok().and_then(RawResponse::trace_id);
            attempt.trace_id = trace_id.map(|id| redact(id, &self.secrets(request, options)));
            attempt.duration = started.elapsed();
            attempt.status = result.as_ref().map_or_else(Error::status, |response| Some(response.status));
            attempt.error = error_code(&result);
            telemetry::finish(&span, &attempt);
            attempts.push(attempt);
            if result.as_ref().is_ok_and(|response| response.status.is_success()) {
                self.retry_budget.refund();
            }
            let Some(retry) = retry::of(&result, idempotent) else { return result };
            let wait = retry.wait(number - 1);
            if number > options.max_retries || Instant::now() + wait >= deadline || !self.retry_budget.spend() {
                return result;
            }
            gate = progress.begin_attempt();
            if let Some(attempt) = attempts.last() {
                telemetry::retry(wait, attempt);
            }
            sleep(wait).await;
            let Ok(next) = self.permit(deadline).await else { return result };
            (permit, earlier) = (next, Some(result));
        }
    }

    /// Waits for the rate limit.
    async fn permit(&self, deadline: Instant) -> Result<Permit, Error> {
        let started = Instant::now();
        let permit = self.limiter.acquire(deadline).await;
        let waited = started.elapsed();
        if waited >= SHORTEST_WAIT {
            self.counters.count_wait(waited);
            telemetry::wait(waited);
        }
        permit
    }

    async fn send_once(
        &self,
        request: &WrittenRequest,
        options: &CallOptions,
        deadline: Instant,
        gate: Arc<SendGate>,
        fence: Fence,
    ) -> Result<RawResponse, Error> {
        let gate = CloseOnDrop(gate);
        let request = request.http.clone().map(|bytes| GatedBody::new(bytes, gate.0.clone(), fence));
        let deadline = deadline.min(Instant::now() + LONGEST_ATTEMPT);
        let mut response = None;
        let receive = self.receive(request, options.connect_limit(), &mut response);
        let failure = match timeout_at(deadline, receive).await {
            Ok(Ok(())) => None,
            Ok(Err(failure)) => Some(failure),
            Err(_) => Some(Failure::Deadline),
        };
        match (failure, response) {
            (None, Some(response)) => Ok(response),
            (Some(failure), None) => Err(failed_before_response(failure, gate.0.close())),
            (Some(failure), Some(response)) => Err(failed_within_response(failure, response)),
            (None, None) => Err(Error::new(ErrorKind::OutcomeUnknown, Outcome::Unknown, "no response arrived")),
        }
    }

    /// Fills `response` as it arrives, so that its head outlives a failure.
    async fn receive(
        &self,
        request: http::Request<GatedBody>,
        connect_timeout: Duration,
        response: &mut Option<RawResponse>,
    ) -> Result<(), Failure> {
        let (head, mut body) =
            self.pool.send(request, connect_timeout).await.map_err(Failure::Connection)?.into_parts();
        let response = response.insert(RawResponse::new(head.status, head.headers));
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|e| Failure::Connection(ConnectionError::new(&e)))?;
            let Ok(chunk) = frame.into_data() else { continue };
            if response.body.len() + chunk.len() > self.max_response_bytes {
                return Err(Failure::TooLarge);
            }
            if response.body.is_empty() {
                response.body = chunk;
            } else {
                let mut longer = BytesMut::from(std::mem::take(&mut response.body));
                longer.extend_from_slice(&chunk);
                response.body = longer.freeze();
            }
        }
        Ok(())
    }

    /// Returns what no error may quote: the token, and the secrets of the request and of its headers.
    fn secrets(&self, request: &WrittenRequest, options: &CallOptions) -> Vec<String> {
        let body: &Bytes = request.http.body();
        let mut secrets = (request.secrets_of)(body);
        secrets.push(self.token.expose().to_owned());
        secrets.extend(options.headers.secrets());
        secrets
    }
}

/// Gives an attempt up when its future ends or is dropped.
struct CloseOnDrop(Arc<SendGate>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Returns the record of a request that is about to be sent.
fn attempt(request: &WrittenRequest, number: u32) -> Attempt {
    let uri = request.http.uri();
    let (scheme, default_port) = if uri.scheme_str() == Some("https") { ("https", 443) } else { ("http", 80) };
    Attempt {
        number,
        operation: request.operation,
        method: request.http.method().clone(),
        path: uri.path().to_owned(),
        path_template: request.path_template,
        scheme,
        host: uri.host().unwrap_or_default().to_owned(),
        port: uri.port_u16().unwrap_or(default_port),
        started: SystemTime::now(),
        status: None,
        duration: Duration::ZERO,
        trace_id: None,
        error: None,
    }
}

/// Returns the hint for the rate limit, also of a response whose head alone has arrived.
fn rate_limit_hint(result: &Result<RawResponse, Error>) -> RateLimitHint {
    match result {
        Ok(response) => response.rate_limit_hint(),
        Err(error) => error
            .status()
            .map_or(RateLimitHint::None, |status| RawResponse::new(status, error.headers().clone()).rate_limit_hint()),
    }
}

/// Returns the stable name of the failure of an attempt.
fn error_code(result: &Result<RawResponse, Error>) -> Option<&'static str> {
    match result {
        Ok(response) if response.status.is_success() => None,
        Ok(response) => Some(ErrorKind::of_status(response.status).code()),
        Err(error) => Some(error.code()),
    }
}

fn failed_before_response(failure: Failure, sent: bool) -> Error {
    let outcome = if sent { Outcome::Unknown } else { Outcome::NotSent };
    let (stage, is_lasting) = match &failure {
        Failure::Connection(error) => (error.stage, error.is_lasting),
        _ => (None, false),
    };
    let (kind, message) = match failure {
        Failure::Deadline if sent => (ErrorKind::Timeout, "timed out waiting for the response".to_owned()),
        Failure::Deadline => (ErrorKind::Timeout, "timed out before the request was sent".to_owned()),
        Failure::TooLarge => (ErrorKind::OutcomeUnknown, "the response is too large".to_owned()),
        Failure::Connection(error) if sent => {
            (ErrorKind::OutcomeUnknown, format!("the connection broke after the request was sent ({error})"))
        }
        Failure::Connection(error) if error.gate_closed => {
            (ErrorKind::Timeout, "timed out before the request was sent".to_owned())
        }
        Failure::Connection(error) if error.timed_out => {
            (ErrorKind::Timeout, format!("timed out making a connection: {error}"))
        }
        Failure::Connection(error) => (ErrorKind::Connection, format!("no connection could be made: {error}")),
    };
    Error::new(kind, outcome, message).at_stage(stage, is_lasting)
}

/// The head of the response has arrived: its status may tell the outcome, even if the rest never came.
fn failed_within_response(failure: Failure, response: RawResponse) -> Error {
    match failure {
        Failure::Deadline => {
            let outcome = of_response(response.status, &[]);
            let error = Error::new(ErrorKind::Timeout, outcome, "timed out reading the response");
            error.with_status(response.status).with_headers(response.headers)
        }
        Failure::TooLarge => response.unreadable("it is too large"),
        // The source marks a response that may be complete at the next attempt.
        Failure::Connection(error) => {
            response.unreadable(&format!("it was cut off ({error})")).with_source(error.to_string())
        }
    }
}
