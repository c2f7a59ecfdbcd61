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
use crate::server::faulty_stream::Exchange;
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
        query: operation.query_values(request.uri().query())?,
        body: request,
    };
    match operation.id.as_str() {
        "createIntegration" => writes::create(call).await,
        "validateIntegration" => reads::validate(call).await,
        "listIntegrations" => Ok(reads::list(call).await),
        "getIntegration" => reads::get(&call),
        "updateIntegration" => writes::update(call).await,
        "listProviders" => Ok(reads::providers(&call)),
        "sendTestNotification" => writes::send_test(call).await,
        _ => Err(ErrorResponse::new(StatusCode::NOT_IMPLEMENTED, "the sandbox does not support this operation yet")),
    }
}
