//! `/_sandbox`: the control, for tests and tools on the same machine.

use std::iter::from_fn;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::contract::error_response::{self, ErrorResponse};
use crate::contract::request_body;
use crate::faults::{Faults, InvalidFaults};
use crate::server::state::Server;

pub fn router() -> Router<Arc<Server>> {
    Router::new()
        .route("/journal", get(journal).delete(clear_journal))
        .route("/arrivals", get(arrivals))
        .route("/faults", get(faults).put(replace_faults).post(add_faults).delete(clear_faults))
        .route("/integrations", get(integrations).post(add_integration))
        .route("/ca_certificate", get(ca_certificate))
        .route("/reset", post(reset))
}

type Control = State<Arc<Server>>;

/// Returns the account that a request is about, or none for all.
fn account(server: &Server, headers: &HeaderMap) -> Option<String> {
    server.chosen_account(headers).map(|account| account.company_id.clone())
}

async fn journal(State(server): Control, headers: HeaderMap) -> Response {
    let mut reading = server.journal.begin_entries(account(&server, &headers).as_deref());
    error_response::list(from_fn(move || server.journal.next_entries(&mut reading)))
}

async fn arrivals(State(server): Control, headers: HeaderMap) -> Response {
    let mut reading = server.journal.begin_arrivals(account(&server, &headers).as_deref());
    error_response::list(from_fn(move || server.journal.next_arrivals(&mut reading)))
}

async fn clear_journal(State(server): Control, headers: HeaderMap) -> StatusCode {
    server.journal.clear(account(&server, &headers).as_deref());
    StatusCode::NO_CONTENT
}

async fn integrations(State(server): Control, headers: HeaderMap) -> Response {
    let (mut next, account) = (0, account(&server, &headers));
    error_response::list(from_fn(move || server.store.created_from(account.as_deref(), &mut next)))
}

/// Adds an integration for the test of something else.
async fn add_integration(State(server): Control, request: Request) -> Result<Response, ErrorResponse> {
    let account = server.chosen_account(request.headers()).unwrap_or_else(|| server.accounts.common().clone());
    let bytes = request_body::read(request, server.settings.max_body_bytes).await?;
    let created = server.add_integration(&account.company_id, request_body::json(&bytes)?)?;
    server.save().await?;
    Ok(error_response::json(StatusCode::CREATED, &*created))
}

async fn ca_certificate(State(server): Control) -> Result<Response, ErrorResponse> {
    let authority =
        server.authority.as_ref().ok_or_else(|| ErrorResponse::not_found("the sandbox does not speak TLS"))?;
    Ok(([(CONTENT_TYPE, "application/x-pem-file")], authority.pem()).into_response())
}

async fn reset(State(server): Control, headers: HeaderMap) -> Result<StatusCode, ErrorResponse> {
    server.reset(server.chosen_account(&headers).as_deref());
    server.save().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn faults(State(server): Control, headers: HeaderMap) -> Response {
    let account = account(&server, &headers);
    error_response::json(StatusCode::OK, &server.faults.remaining(account.as_deref()))
}

async fn replace_faults(State(server): Control, request: Request) -> Result<StatusCode, ErrorResponse> {
    let account = account(&server, request.headers());
    let faults = read(request).await?;
    server.set_faults(account.as_deref(), &faults).map_err(refuse)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn add_faults(State(server): Control, request: Request) -> Result<StatusCode, ErrorResponse> {
    let account = account(&server, request.headers());
    let faults = read(request).await?;
    server.faults.add(account.as_deref(), &faults, &server.operations).map_err(refuse)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn clear_faults(State(server): Control, headers: HeaderMap) -> StatusCode {
    server.faults.clear(account(&server, &headers).as_deref());
    StatusCode::NO_CONTENT
}

/// Reads faults of any content type, so that any tool can send a file.
async fn read(request: Request) -> Result<Faults, ErrorResponse> {
    /// The default maximum of axum.
    const MOST: usize = 2 << 20;
    let (_, bytes) = request_body::whole(request, MOST).await?;
    String::from_utf8_lossy(&bytes).parse().map_err(refuse)
}

fn refuse(invalid: InvalidFaults) -> ErrorResponse {
    ErrorResponse::bad_request(invalid.to_string())
}
