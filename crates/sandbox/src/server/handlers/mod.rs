//! The handlers of the operations.

mod call;
mod reads;
mod writes;

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::contract::error_response::ErrorResponse;
use crate::server::accounts::Account;
use crate::server::as_assumed::ids_as_assumed;
use crate::server::faulty_stream::Exchange;
use crate::server::handlers::call::Call;
use crate::server::state::Server;

/// Handles a request.
pub async fn handle(
    State(server): State<Arc<Server>>,
    Extension(exchange): Extension<Exchange>,
    Extension(account): Extension<Arc<Account>>,
    request: Request,
) -> Result<Response, ErrorResponse> {
    let response = respond(&server, &exchange, &account, request).await?;
    Ok(ids_as_assumed(response, server.assumed.ids).await)
}

async fn respond(
    server: &Server,
    exchange: &Exchange,
    account: &Account,
    request: Request,
) -> Result<Response, ErrorResponse> {
    let path = request.uri().path();
    let operation = server.operations.find(request.method().as_str(), path)?;
    let call = Call {
        server,
        account: &account.company_id,
        operation,
        ticket: exchange.ticket,
        path: operation.path_values(path)?,
        query: operation.query_values(request.uri().query())?,
        body: request,
    };
    let written = match operation.id.as_str() {
        "validateIntegration" => return reads::validate(call).await,
        "listIntegrations" => return reads::list(call).await,
        "getIntegration" => return reads::get(&call),
        "listProviders" => return reads::providers(&call),
        "createIntegration" => writes::create(call).await,
        "updateIntegration" => writes::update(call).await,
        "sendTestNotification" => writes::send_test(call).await,
        _ => Err(ErrorResponse::new(StatusCode::NOT_IMPLEMENTED, "the sandbox does not support this operation yet")),
    }?;
    server.save().await?;
    Ok(written)
}
