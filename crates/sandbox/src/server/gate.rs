//! Admits requests that have the token and are within the limits.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::account::journal::Ticket;
use crate::account::rate_limit::{Quota, Windows};
use crate::contract::bearer_token::{authorize, refuse};
use crate::contract::error_response::ErrorResponse;
use crate::contract::unknowns::Assumptions;
use crate::faults::Subject;
use crate::server::accounts::Account;
use crate::server::as_assumed::error_as_assumed;
use crate::server::fault_middleware::apply_fault;
use crate::server::state::Server;

/// Passes a request on if it has the token and is within the limits.
///
/// A request without the token belongs to no account, so it is refused and not counted.
pub async fn gate(server: &Server, ticket: Ticket, mut request: Request, next: Next) -> Response {
    let account = match admit(server, ticket, &request) {
        Ok(account) => account,
        Err(error) => {
            let quota = server.accounts.common().windows(Windows::peek);
            return with_quota(error.into_response(), quota, &server.assumed);
        }
    };
    request.extensions_mut().insert(account.clone());
    let Ok(_in_flight) = account.in_flight.try_acquire() else {
        return too_many("too many requests are in flight", HeaderValue::from_static("-1"), &server.assumed);
    };
    match account.windows(Windows::admit) {
        Ok(quota) => with_quota(apply_fault(server, request, next).await, quota, &server.assumed),
        Err(seconds) => too_many("the rate limit is reached", seconds.into(), &server.assumed),
    }
}

/// Returns the account of the request's token, unless the token is invalid or a fault lets it expire.
fn admit(server: &Server, ticket: Ticket, request: &Request) -> Result<Arc<Account>, ErrorResponse> {
    let token = authorize(request.headers(), &server.settings.tokens)?;
    let account = server.account(token);
    let company_id = account.company_id.clone();
    server.journal.note(ticket, |entry| entry.account = Some(company_id));
    if server.faults.any_on_token() {
        let (method, path) = (request.method().as_str(), request.uri().path());
        let seen = Subject { account: Some(&account.company_id), ..Subject::of(method, path) };
        if let Some(fault) = server.faults.on_token(seen, token) {
            server.journal.note(ticket, |entry| entry.fault = Some(fault.fault.kind()));
            return Err(refuse("the token has expired"));
        }
    }
    Ok(account)
}

fn too_many(message: &str, retry_after: HeaderValue, assumed: &Assumptions) -> Response {
    let refused = ErrorResponse::new(StatusCode::TOO_MANY_REQUESTS, message).with_header(RETRY_AFTER, retry_after);
    with_quota(refused.into_response(), None, assumed)
}

/// Adds the state of the rate limit to every response except a 429, and has errors as they are assumed.
fn with_quota(response: Response, quota: Option<Quota>, assumed: &Assumptions) -> Response {
    let mut response = error_as_assumed(response, assumed);
    // The 429 may be that of a fault.
    if let Some(quota) = quota.filter(|_| response.status() != StatusCode::TOO_MANY_REQUESTS) {
        quota.write(response.headers_mut(), assumed.rate_reset);
    }
    response
}
