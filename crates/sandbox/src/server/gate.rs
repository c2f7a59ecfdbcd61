//! Admits requests that have the token and are within the limits.

use axum::extract::Request;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::account::rate_limit::{Quota, Windows};
use crate::contract::bearer_token::authorize;
use crate::contract::error_response::ErrorResponse;
use crate::server::fault_middleware::apply_fault;
use crate::server::state::Server;

/// Passes a request on if it has the token and is within the limits.
///
/// A request without the token belongs to no account, so it is refused and not counted.
pub async fn gate(server: &Server, request: Request, next: Next) -> Response {
    if let Err(error) = authorize(request.headers(), server.settings.token.as_deref()) {
        return with_quota(error.into_response(), server.windows(Windows::peek));
    }
    let Ok(_in_flight) = server.in_flight.try_acquire() else {
        return too_many("too many requests are in flight", HeaderValue::from_static("-1"));
    };
    match server.windows(Windows::admit) {
        Ok(quota) => with_quota(apply_fault(server, request, next).await, quota),
        Err(seconds) => too_many("the rate limit is reached", seconds.into()),
    }
}

fn too_many(message: &str, retry_after: HeaderValue) -> Response {
    ErrorResponse::new(StatusCode::TOO_MANY_REQUESTS, message).with_header(RETRY_AFTER, retry_after).into_response()
}

/// Adds the state of the rate limit to every response except a 429.
fn with_quota(mut response: Response, quota: Option<Quota>) -> Response {
    // The 429 may be that of a fault.
    if let Some(quota) = quota.filter(|_| response.status() != StatusCode::TOO_MANY_REQUESTS) {
        quota.write(response.headers_mut());
    }
    response
}
