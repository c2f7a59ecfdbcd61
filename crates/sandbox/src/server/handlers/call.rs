//! A request on its way to its operation.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::account::journal::{Body, Ticket, short};
use crate::contract::error_response::{ErrorResponse, Reason};
use crate::contract::operations::Operation;
use crate::contract::parameters::Values;
use crate::contract::request_body;
use crate::server::state::Server;

/// A request of which the address has been checked.
pub struct Call<'a> {
    pub server: &'a Server,
    pub operation: &'a Operation,
    pub ticket: Ticket,
    pub path: Values,
    pub query: Values,
    pub request: Request,
}

/// What is left of a call when its body has been read.
pub struct Carried<'a> {
    pub server: &'a Server,
    pub operation: &'a Operation,
    pub ticket: Ticket,
    pub path: Values,
    pub body: Value,
}

impl<'a> Call<'a> {
    /// Reads the body, and checks it.
    pub async fn carried(self) -> Result<Carried<'a>, ErrorResponse> {
        let carried = self.unchecked().await?;
        carried.check()?;
        Ok(carried)
    }

    /// Reads the body, which is JSON.
    pub async fn unchecked(self) -> Result<Carried<'a>, ErrorResponse> {
        let Self { server, operation, ticket, path, request, .. } = self;
        let bytes = request_body::read(request, server.settings.max_body_bytes).await?;
        let sent = Body::of(&bytes);
        server.journal.keep(ticket, |it| it.body = Some(sent));
        let body = request_body::json(&bytes)?;
        let name = body["name"].as_str().map(short);
        server.journal.note(ticket, |entry| entry.name = name);
        Ok(Carried { server, operation, ticket, path, body })
    }
}

impl Carried<'_> {
    pub fn check(&self) -> Result<(), ErrorResponse> {
        self.operation.body.as_ref().map_or(Ok(()), |schema| schema.check(&self.body).map_err(invalid))
    }

    /// Writes into the journal that the request was carried out, and with which integration.
    pub fn committed(&self, integration: Option<&str>) {
        self.server.journal.note(self.ticket, |entry| {
            entry.integration_id = integration.map(str::to_owned);
            entry.committed = true;
        });
    }
}

/// The integration's id in the path.
pub fn id(path: &Values) -> &str {
    path.get("id").unwrap_or_default()
}

pub fn invalid(reason: impl Into<Reason>) -> ErrorResponse {
    ErrorResponse::new(StatusCode::BAD_REQUEST, reason)
}

pub fn not_found() -> ErrorResponse {
    ErrorResponse::new(StatusCode::NOT_FOUND, "there is no integration with this id")
}

pub fn not_accepted() -> ErrorResponse {
    invalid("the provider does not accept the credentials")
}

pub fn nothing_to_say() -> Response {
    StatusCode::NO_CONTENT.into_response()
}
