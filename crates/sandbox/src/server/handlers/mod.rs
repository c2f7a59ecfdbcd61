//! The handlers of the operations.

mod call;
mod create;
mod list;
mod providers;
mod test_notification;
mod update;
mod validate;

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::contract::error_response::ErrorResponse;
use crate::server::exchange::Exchange;
use crate::server::handlers::call::Call;
use crate::server::state::Server;

/// Handles a request.
pub async fn handle(
    State(server): State<Arc<Server>>,
    Extension(exchange): Extension<Exchange>,
    request: Request,
) -> Result<Response, ErrorResponse> {
    let path = request.uri().path();
    let operation = server.operations.find(request.method().as_str(), path)?;
    let call = Call {
        server: &server,
        operation,
        ticket: exchange.ticket,
        path: operation.path_values(path)?,
        query: operation.parameters.query(request.uri().query())?,
        request,
    };
    match operation.id.as_str() {
        "createIntegration" => create::create(call).await,
        "validateIntegration" => validate::validate(call).await,
        "listIntegrations" => Ok(list::list(&call)),
        "getIntegration" => list::get(&call),
        "updateIntegration" => update::update(call).await,
        "listProviders" => Ok(providers::list(&call)),
        "sendTestNotification" => test_notification::send(call).await,
        _ => Err(ErrorResponse::new(StatusCode::NOT_IMPLEMENTED, "the sandbox does not support this operation yet")),
    }
}
