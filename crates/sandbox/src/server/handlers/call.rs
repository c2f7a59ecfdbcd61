//! The request of an operation.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::account::journal::{Body, Ticket, short};
use crate::contract::error_response::{self, ErrorResponse};
use crate::contract::operations::Operation;
use crate::contract::parameters::Values;
use crate::contract::request_body;
use crate::server::state::Server;

/// A request with a checked address, and its body: unread, or read as JSON.
pub struct Call<'a, Body = Request> {
    pub server: &'a Server,
    /// The `company_id` of the token's account.
    pub account: &'a str,
    pub operation: &'a Operation,
    pub ticket: Ticket,
    pub path: Values,
    pub query: Values,
    pub body: Body,
}

impl<'a> Call<'a> {
    /// Reads and checks the body.
    pub async fn checked(self) -> Result<Call<'a, Value>, ErrorResponse> {
        let call = self.unchecked().await?;
        call.check().map(|()| call)
    }

    /// Reads the body, which must be JSON.
    pub async fn unchecked(self) -> Result<Call<'a, Value>, ErrorResponse> {
        let Self { server, account, operation, ticket, path, query, body } = self;
        let bytes = request_body::read(body, server.settings.max_body_bytes).await?;
        let sent = Body::of(&bytes);
        server.journal.keep(ticket, |it| it.body = Some(sent));
        let body = request_body::json(&bytes)?;
        let text = |value: &Value| value.as_str().map(short);
        let integration = if body["integration"].is_object() { &body["integration"] } else { &body };
        let (name, provider_id) = (text(&body["name"]), text(&integration["provider_id"]));
        server.journal.note(ticket, |entry| (entry.name, entry.provider_id) = (name, provider_id));
        Ok(Call { server, account, operation, ticket, path, query, body })
    }
}

impl<Body> Call<'_, Body> {
    /// Notes the provider of a stored integration in the journal.
    pub fn is_of(&self, provider_id: &str) {
        self.server.journal.note(self.ticket, |entry| entry.provider_id = Some(provider_id.to_owned()));
    }

    /// Returns the integration's id in the path.
    pub fn id(&self) -> &str {
        self.path.get("id").unwrap_or_default()
    }
}

impl Call<'_, Value> {
    /// Checks the body with the operation's schema.
    pub fn check(&self) -> Result<(), ErrorResponse> {
        Ok(self.operation.body.as_ref().map_or(Ok(()), |schema| schema.check(&self.body))?)
    }

    /// Notes in the journal that the request took effect, and on which integration.
    pub fn committed(&self, integration: Option<&str>) {
        self.committed_for(integration, 0);
    }

    /// Notes it with the number of integrations that the sandbox has dropped for it.
    pub fn committed_for(&self, integration: Option<&str>, dropped: u64) {
        self.server.journal.note(self.ticket, |entry| {
            entry.integration_id = integration.map(str::to_owned);
            entry.committed = true;
            entry.dropped = dropped;
        });
    }
}

pub fn not_found(server: &Server, id: &str) -> ErrorResponse {
    let dropped = server.store.was_dropped(id);
    let status = server.assumed.not_found_status.status();
    ErrorResponse::new(status, dropped.as_deref().unwrap_or("there is no integration with this id"))
}

pub fn not_accepted(server: &Server) -> ErrorResponse {
    ErrorResponse::new(server.assumed.credentials_status.status(), "the provider does not accept the credentials")
}

pub fn no_content(server: &Server) -> Response {
    match server.assumed.no_content.status() {
        StatusCode::NO_CONTENT => StatusCode::NO_CONTENT.into_response(),
        status => error_response::json(status, &json!({})),
    }
}
