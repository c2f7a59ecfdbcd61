//! One call to the server: sends what the generated client made, and remembers what came back.
//!
//! The generated client loses the status and headers of an answer that is not as promised, and cannot carry errors of
//! ours. So each call has an [`Exchange`], which sees all that happens on the wire; the call's result is made from it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use progenitor_client::{ClientHooks, OperationInfo, ResponseValue};
use reqwest::Request;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderName, HeaderValue, USER_AGENT};
use tokio::time::{Instant, sleep, timeout_at};
use tracing::Instrument;

use crate::answer::{Answer, NOT_AS_PROMISED, quoted, stand_in};
use crate::client::{CallOptions, Config};
use crate::connections::Broken;
use crate::lane::{Feedback, Permit};
use crate::received::{Answered, Received};
use crate::tracked_body::TrackedBody;
use crate::{Attempt, Error, Kind, Outcome, Progress, Response, body, generated, retry};

/// A header of the generator's that the API does not know.
const API_VERSION: HeaderName = HeaderName::from_static("api-version");
/// The operation that makes what may be looked for afterwards.
const CREATE: &str = "create_integration";
/// As good as forever, and still a point in time that can be computed.
pub const LONGEST_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// How long one attempt may take, from its first byte to its last: a server that stalls is not waited for until the
/// call's own deadline.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(60);

/// Less than this is no wait, but what taking a turn takes.
const NO_WAIT: Duration = Duration::from_millis(1);

/// One call: its settings, and what has happened so far.
pub struct Exchange {
    config: Arc<Config>,
    options: CallOptions,
    deadline: Instant,
    progress: Progress,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    answer: Option<Answer>,
    failure: Option<Error>,
    attempts: Vec<Attempt>,
    /// The body of the request.
    sent: Bytes,
}

/// Why no whole answer came.
enum Failure {
    Deadline,
    TooLarge,
    Broken(Broken),
}

impl Exchange {
    /// A call that begins now.
    pub(crate) fn new(config: &Arc<Config>, options: CallOptions, progress: Progress) -> Arc<Self> {
        let deadline = options.deadline();
        Arc::new(Self { config: config.clone(), options, deadline, progress, state: Mutex::default() })
    }

    /// The generated client, for this call alone.
    pub(crate) fn client(self: &Arc<Self>) -> generated::Client {
        generated::Client::new_with_client(&self.config.base_url, self.config.requests.clone(), self.clone())
    }

    /// The call's result: what was read from the answer, or what went wrong on the way.
    pub(crate) fn finish<T: Answered + Into<Received>, E>(
        &self,
        result: Result<ResponseValue<T>, progenitor_client::Error<E>>,
    ) -> Result<Response<Received>, Error> {
        let result = self.conclude(result).map_err(|error| match error.outcome() {
            Outcome::Unknown | Outcome::Applied => error.with_sought(self.progress.to_sought()),
            Outcome::NotSent | Outcome::Rejected => error,
        });
        self.config.count.end(&result);
        #[cfg(feature = "otel")]
        crate::otel::end(result.as_ref().map_or_else(|error| error.outcome().as_str(), |_| "succeeded"));
        result
    }

    fn conclude<T: Answered + Into<Received>, E>(
        &self,
        result: Result<ResponseValue<T>, progenitor_client::Error<E>>,
    ) -> Result<Response<Received>, Error> {
        let State { answer, failure, attempts, sent } = std::mem::take(&mut *self.state());
        let Some(answer) = answer else {
            let failure = failure.unwrap_or_else(|| {
                Error::new(Kind::Validation, Outcome::NotSent, "the request cannot be written as HTTP")
            });
            return Err(failure.with_attempts(attempts));
        };
        let value = match result {
            Ok(value) => value.into_inner(),
            // A success that is not the documented one may still have the documented body.
            Err(_) if answer.status.is_success() => match T::of(Received::default(), &answer.body) {
                Some(value) => value,
                None => return Err(answer.unreadable(NOT_AS_PROMISED).with_attempts(attempts)),
            },
            Err(_) => return Err(answer.into_error(&self.secrets(&sent)).with_attempts(attempts)),
        };
        Ok(Response {
            value: value.into(),
            trace_id: attempts.last().and_then(|attempt| attempt.trace_id.clone()),
            status: answer.status,
            headers: answer.headers,
            body: answer.body,
            attempts,
        })
    }

    /// Sends the request, again where that is safe, and reads the whole answer: all before the deadline.
    async fn run(&self, request: Request, operation: &'static str) -> Result<Answer, Error> {
        let mut attempt = Attempt::of(&request, operation);
        let idempotent = request.method().is_safe();
        let bytes = request.body().and_then(|b| b.as_bytes()).map(Bytes::copy_from_slice).unwrap_or_default();
        let request = http::Request::try_from(request)
            .map_err(|_| Error::configuration("the base URL cannot be sent"))?
            .map(|_| bytes);
        self.state().sent = request.body().clone();
        if operation == CREATE {
            self.progress.creates(request.body());
        }
        let mut permit = self.turn().await?;
        loop {
            let (started, span) = (Instant::now(), attempt.span());
            self.config.count.attempt();
            let result = self.send(&request).instrument(span.clone()).await;
            permit.finish(result.as_ref().map_or(Feedback::None, Answer::feedback)).await;
            let trace_id = result.as_ref().ok().and_then(Answer::trace_id);
            let trace_id = trace_id.map(|id| quoted(id, &self.secrets(request.body())));
            attempt.finish(&span, started.elapsed(), &result, trace_id);
            self.state().attempts.push(attempt.clone());
            if result.as_ref().is_ok_and(|answer| answer.status.is_success()) {
                self.config.retry_budget.refund();
            }
            let Some(retry) = retry::of(&result, idempotent) else { return result };
            let wait = retry.wait(attempt.number - 1);
            if attempt.number > self.options.max_retries
                || Instant::now() + wait >= self.deadline
                || !self.config.retry_budget.spend()
            {
                return result;
            }
            sleep(wait).await;
            // Without a turn before the deadline, what went wrong first is what there is to tell.
            permit = match self.turn().await {
                Ok(permit) => permit,
                Err(_) => return result,
            };
            attempt.number += 1;
        }
    }

    /// Waits for a turn in the lane.
    async fn turn(&self) -> Result<Permit, Error> {
        let started = Instant::now();
        let turn = self.config.lane.acquire(self.deadline).await;
        let waited = started.elapsed();
        if waited >= NO_WAIT {
            self.config.count.wait(waited);
            #[cfg(feature = "otel")]
            crate::otel::wait(waited);
            tracing::debug!(waited_ms = waited.as_secs_f64() * 1e3, "waited for the lane");
        }
        turn
    }

    /// Sends the request once.
    async fn send(&self, request: &http::Request<Bytes>) -> Result<Answer, Error> {
        self.progress.begin();
        let request = request.clone().map(|bytes| TrackedBody::new(bytes, self.progress.clone()));
        let deadline = self.deadline.min(Instant::now() + LONGEST_ATTEMPT);
        let mut answer = None;
        let failure = match timeout_at(deadline, self.receive(request, &mut answer)).await {
            Ok(Ok(())) => None,
            Ok(Err(failure)) => Some(failure),
            Err(_) => Some(Failure::Deadline),
        };
        match (failure, answer) {
            (None, Some(answer)) => Ok(answer),
            (Some(failure), None) => Err(failed_before_answer(failure, self.progress.may_have_been_sent())),
            (Some(failure), Some(answer)) => Err(failed_within_answer(failure, answer)),
            (None, None) => Err(Error::new(Kind::OutcomeUnknown, Outcome::Unknown, "no answer came")),
        }
    }

    /// Fills `answer` as it comes, so that what is known of it outlives a failure.
    async fn receive(&self, request: http::Request<TrackedBody>, answer: &mut Option<Answer>) -> Result<(), Failure> {
        let response =
            self.config.connections.send(request, self.options.connect_timeout).await.map_err(Failure::Broken)?;
        let (head, mut body) = response.into_parts();
        let answer = answer.insert(Answer { status: head.status, headers: head.headers, body: Bytes::new() });
        while let Some(frame) = body.frame().await {
            let Ok(chunk) = frame.map_err(|e| Failure::Broken(Broken::of(&e)))?.into_data() else { continue };
            if answer.body.len() + chunk.len() > self.config.max_response_bytes {
                return Err(Failure::TooLarge);
            }
            if answer.body.is_empty() {
                answer.body = chunk;
            } else {
                let mut longer = BytesMut::from(std::mem::take(&mut answer.body));
                longer.extend_from_slice(&chunk);
                answer.body = longer.freeze();
            }
        }
        Ok(())
    }

    /// What must not be shown, though the server may quote it: the token, and the secrets that were sent.
    fn secrets(&self, sent: &[u8]) -> Vec<String> {
        let mut secrets = body::secrets(sent);
        secrets.push(self.config.token.expose().to_owned());
        secrets
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").finish_non_exhaustive()
    }
}

impl ClientHooks<Arc<Exchange>> for generated::Client {
    async fn pre<E>(&self, request: &mut Request, _info: &OperationInfo) -> Result<(), progenitor_client::Error<E>> {
        let config = &self.inner.config;
        let headers = request.headers_mut();
        headers.remove(API_VERSION);
        // Also where no body is promised: an error has one.
        headers.entry(ACCEPT).or_insert(HeaderValue::from_static("application/json"));
        headers.insert(AUTHORIZATION, config.authorization.clone());
        headers.insert(USER_AGENT, config.user_agent.clone());
        Ok(())
    }

    async fn exec(&self, request: Request, info: &OperationInfo) -> reqwest::Result<reqwest::Response> {
        let url = request.url().clone();
        let result = self.inner.run(request, info.operation_id).await;
        let mut state = self.inner.state();
        match result {
            Ok(answer) => Ok(state.answer.insert(answer).to_response(url)),
            Err(failure) => {
                state.failure = Some(failure);
                // `finish` looks at the failure first.
                Ok(stand_in())
            }
        }
    }
}

fn failed_before_answer(failure: Failure, sent: bool) -> Error {
    let outcome = if sent { Outcome::Unknown } else { Outcome::NotSent };
    match failure {
        Failure::Deadline if sent => Error::new(
            Kind::Timeout,
            outcome,
            "no answer came in time; the request was sent and may have been carried out",
        ),
        Failure::Deadline => Error::new(Kind::Timeout, outcome, "the time was over before the request was sent"),
        Failure::TooLarge => Error::new(Kind::OutcomeUnknown, outcome, "the answer is too large"),
        Failure::Broken(broken) => {
            let (kind, message) = if sent {
                (Kind::OutcomeUnknown, "the connection broke after the request was sent; it may have been carried out")
            } else if broken.timed_out {
                (Kind::Timeout, "no connection could be made in time")
            } else {
                (Kind::Connection, "no connection could be made")
            };
            Error::new(kind, outcome, format!("{message} ({broken})"))
        }
    }
}

/// The answer has begun, so its status says what became of the request, even if the rest of it never came.
fn failed_within_answer(failure: Failure, answer: Answer) -> Error {
    match failure {
        Failure::Deadline => {
            let message = "the answer did not end in time";
            Error::new(Kind::Timeout, Outcome::of_status(answer.status), message).with_status(answer.status)
        }
        Failure::TooLarge => answer.unreadable("it is too large"),
        // What broke is its source: by that it is known for one that may come whole the next time.
        Failure::Broken(broken) => {
            answer.unreadable(&format!("it was cut off ({broken})")).with_source(broken.to_string())
        }
    }
}
