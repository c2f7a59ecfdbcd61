//! What happens to a request: its token, the limits, its route, its body, its answer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header::{AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::answer::Refusal;
use crate::document::Document;
use crate::faults::{Faults, InvalidFaults, Selection, misbehave};
use crate::handlers;
use crate::inspector::Masking;
use crate::journal::{Journal, Ticket};
use crate::limits::{Gauge, Quota, Windows};
use crate::operations::Operations;
use crate::providers::Providers;
use crate::schema::Schema;
use crate::store::Store;
use crate::wire::Handle;
use crate::{Builder, Error, record};

/// One account and everything that its requests need.
pub struct Server {
    /// Tells one start of a sandbox from another at the same address.
    pub run: Uuid,
    pub journal: Journal,
    pub faults: Selection,
    pub operations: Operations,
    pub providers: Providers,
    /// What the body of a test message is when it has no id.
    pub test_whole: Schema,
    pub store: Store,
    pub masking: Masking,
    pub max_body_bytes: usize,
    token: Option<String>,
    settings: Settings,
    /// None when as many as come may be in flight.
    max_in_flight: Option<u32>,
    in_flight: Semaphore,
    windows: Mutex<(Instant, Windows)>,
    /// What goes on when its client has left.
    detached: Mutex<JoinSet<()>>,
}

/// What belongs to one request beside what was sent.
#[derive(Clone)]
pub struct Exchange {
    pub ticket: Ticket,
    pub wire: Handle,
    /// Whether a fault fired for it on the way in: then no other does, even if it had too few bytes to feel that one.
    pub has_fault: bool,
}

/// What a reset goes back to.
struct Settings {
    burst: u32,
    steady: u32,
    faults: Faults,
}

impl Server {
    pub fn new(settings: &Builder, document: &Document) -> Result<Self, Error> {
        let create = document.operation("createIntegration")?;
        let operations = Operations::new(document)?;
        let max_in_flight = Some(settings.max_in_flight).filter(|most| *most > 0);
        let (burst, steady, faults) = (settings.burst, settings.steady, settings.faults.clone());
        Ok(Self {
            run: Uuid::new_v4(),
            journal: Journal::new(settings.journal),
            faults: Selection::new(&faults, &operations).map_err(Error::Faults)?,
            operations,
            providers: Providers::new(document, create.examples("201"))?,
            test_whole: handlers::whole(document)?,
            store: Store::new(create.examples("201"))?,
            masking: Masking::new(document),
            token: settings.token.clone(),
            max_body_bytes: settings.max_body_bytes,
            settings: Settings { burst, steady, faults },
            in_flight: Semaphore::new(permits(max_in_flight)),
            max_in_flight,
            windows: Mutex::new((Instant::now(), Windows::new(burst, steady))),
            detached: Mutex::default(),
        })
    }

    /// The API. The control of this sandbox is beside it.
    pub fn router(self: &Arc<Self>) -> Router {
        Router::new()
            // The document, not the router, knows the addresses: what the journal calls a request is what it is.
            .fallback(handlers::handle)
            // One layer for all that stands before the routes: each costs every request some allocations.
            .layer(from_fn_with_state(self.clone(), record::record))
            .layer(DefaultBodyLimit::max(self.max_body_bytes))
            .with_state(self.clone())
    }

    /// Puts these faults in place of all.
    pub fn set_faults(&self, faults: &Faults) -> Result<(), InvalidFaults> {
        self.faults.replace(faults, &self.operations)
    }

    /// Back to the start: no requests, no integrations, windows that begin, the faults of the settings.
    pub fn reset(&self) {
        self.stop();
        // They were good when the sandbox started.
        let _ = self.set_faults(&self.settings.faults);
        let windows = Windows::new(self.settings.burst, self.settings.steady);
        *self.windows.lock().unwrap_or_else(PoisonError::into_inner) = (Instant::now(), windows);
        self.store.clear();
        self.journal.clear();
    }

    /// Runs something to its end, or to that of the sandbox, whatever becomes of the connection.
    pub fn detach(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut detached = self.detached.lock().unwrap_or_else(PoisonError::into_inner);
        while detached.try_join_next().is_some() {}
        detached.spawn(task);
    }

    /// Ends what was detached.
    pub fn stop(&self) {
        self.detached.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
    }

    /// What the inspector shows of the limits.
    pub fn limits(&self) -> Limits {
        Limits {
            windows: self.windows(Windows::gauges),
            in_flight: permits(self.max_in_flight).saturating_sub(self.in_flight.available_permits()),
            max_in_flight: self.max_in_flight,
        }
    }

    /// Looks at or counts in the windows. The time is taken while they are locked, so that they never see it go back.
    fn windows<T>(&self, use_them: impl FnOnce(&mut Windows, Duration) -> T) -> T {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let (began, windows) = &mut *windows;
        use_them(windows, began.elapsed())
    }
}

/// How full everything is that is limited.
#[derive(Serialize)]
pub struct Limits {
    pub windows: Vec<Gauge>,
    pub in_flight: usize,
    max_in_flight: Option<u32>,
}

fn permits(max_in_flight: Option<u32>) -> usize {
    max_in_flight.map_or(Semaphore::MAX_PERMITS, |most| (most as usize).min(Semaphore::MAX_PERMITS))
}

/// Lets a request through to its route if it has the token and is within the limits.
///
/// A request without the token belongs to no account, so it is refused before it is counted.
pub async fn gate(server: &Server, request: Request, next: Next) -> Response {
    if let Err(refusal) = authorize(request.headers(), server.token.as_deref()) {
        return with_quota(refusal.into_response(), server.windows(Windows::peek));
    }
    let Ok(_in_flight) = server.in_flight.try_acquire() else {
        return too_many("too many requests are in flight", HeaderValue::from_static("-1"));
    };
    match server.windows(Windows::admit) {
        Ok(quota) => with_quota(misbehave(server, request, next).await, quota),
        Err(seconds) => too_many("the rate limit is reached", seconds.into()),
    }
}

/// Whether the request has a token, and the right one if there is one.
pub fn authorize(headers: &HeaderMap, token: Option<&str>) -> Result<(), Refusal> {
    let refuse = |message| {
        let challenge = HeaderValue::from_static("Bearer");
        Err(Refusal::new(StatusCode::UNAUTHORIZED, message).with_header(WWW_AUTHENTICATE, challenge))
    };
    let Some(header) = headers.get(AUTHORIZATION) else {
        return refuse("the header Authorization is missing, expected Bearer and a token");
    };
    match header.to_str().unwrap_or_default().split_once(' ') {
        Some((scheme, sent)) if scheme.eq_ignore_ascii_case("bearer") && !sent.trim().is_empty() => match token {
            Some(token) if token != sent.trim() => refuse("the token is not valid"),
            _ => Ok(()),
        },
        _ => refuse("the header Authorization must be Bearer and a token"),
    }
}

fn too_many(message: &str, retry_after: HeaderValue) -> Response {
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, message).with_header(RETRY_AFTER, retry_after).into_response()
}

/// Every answer but a 429 tells the state of the limit.
fn with_quota(mut response: Response, quota: Option<Quota>) -> Response {
    // A fault may answer 429 too.
    if let Some(quota) = quota.filter(|_| response.status() != StatusCode::TOO_MANY_REQUESTS) {
        quota.write(response.headers_mut());
    }
    response
}
