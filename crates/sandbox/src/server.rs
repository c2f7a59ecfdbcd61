//! What happens to a request: its token, the limits, its route, its body, its answer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use serde_json::from_value;
use tokio::sync::Semaphore;

use crate::answer::{self, Refusal};
use crate::document::Document;
use crate::limits::{Quota, Windows};
use crate::schema::Schema;
use crate::store::Store;
use crate::{Builder, Error, body};

/// One account and everything that its requests need.
pub struct Server {
    token: Option<String>,
    in_flight: Semaphore,
    started: Instant,
    windows: Mutex<Windows>,
    max_body_bytes: usize,
    create: Route,
    store: Store,
}

/// Where an operation is, and what it takes.
struct Route {
    path: String,
    method: MethodFilter,
    request: Schema,
}

impl Server {
    pub fn new(settings: &Builder, document: &Document) -> Result<Self, Error> {
        let create = document.operation("createIntegration")?;
        let in_flight = match settings.max_in_flight {
            0 => Semaphore::MAX_PERMITS,
            most => (most as usize).min(Semaphore::MAX_PERMITS),
        };
        Ok(Self {
            token: settings.token.clone(),
            in_flight: Semaphore::new(in_flight),
            started: Instant::now(),
            windows: Mutex::new(Windows::new(settings.burst, settings.steady)),
            max_body_bytes: settings.max_body_bytes,
            store: Store::new(create.examples("201"))?,
            create: Route { path: create.path.to_owned(), method: create.method, request: create.request()? },
        })
    }

    pub fn router(self) -> Router {
        let server = Arc::new(self);
        Router::new()
            .route(&server.create.path, on(server.create.method, create))
            .fallback(async || Refusal::new(StatusCode::NOT_FOUND, "there is nothing at this address"))
            // The router adds the header `Allow`.
            .method_not_allowed_fallback(async || {
                Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "the address does not take this method")
            })
            .layer(DefaultBodyLimit::max(server.max_body_bytes))
            .layer(from_fn_with_state(server.clone(), gate))
            .with_state(server)
    }

    /// Looks at or counts in the windows. The time is taken while they are locked, so that they never see it go back.
    fn windows<T>(&self, use_them: impl FnOnce(&mut Windows, Duration) -> T) -> T {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        use_them(&mut windows, self.started.elapsed())
    }
}

/// Lets a request through to its route if it has the token and is within the limits.
///
/// A request without the token belongs to no account, so it is refused before it is counted.
async fn gate(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    if let Err(refusal) = authorize(request.headers(), server.token.as_deref()) {
        return with_quota(refusal.into_response(), server.windows(Windows::peek));
    }
    let Ok(_in_flight) = server.in_flight.try_acquire() else {
        return too_many("too many requests are in flight", HeaderValue::from_static("-1"));
    };
    match server.windows(Windows::admit) {
        Ok(quota) => with_quota(next.run(request).await, quota),
        Err(seconds) => too_many("the rate limit is reached", seconds.into()),
    }
}

fn authorize(headers: &HeaderMap, token: Option<&str>) -> Result<(), Refusal> {
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
    if let Some(quota) = quota {
        quota.write(response.headers_mut());
    }
    response
}

async fn create(State(server): State<Arc<Server>>, request: Request) -> Result<Response, Refusal> {
    let body = body::read(request, server.max_body_bytes).await?;
    server.create.request.check(&body).map_err(|message| Refusal::new(StatusCode::BAD_REQUEST, message))?;
    let created = from_value(body).ok().and_then(|new| server.store.create(new)).ok_or_else(Refusal::server_error)?;
    Ok(answer::json(StatusCode::CREATED, &created))
}
