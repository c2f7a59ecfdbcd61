//! The local routes: the control, the health, the inspector and the reference. On a loopback address they need no token, count in no
//! rate limit and are not in the journal. This layer knows the server's state; the server's guard admits its requests.

mod control;
mod headers;
mod inspector;
mod reference;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use serde_json::json;

use crate::contract::error_response::{self, ErrorResponse};
use crate::local::headers::secure;
use crate::server::faulty_stream::StreamHandle;
use crate::server::state::Server;

pub fn router(server: Arc<Server>) -> Router {
    Router::new()
        .nest("/_sandbox", control::router().merge(inspector::control()))
        .with_state(server)
        .route("/health", get(health))
        .merge(inspector::pages())
        .merge(reference::pages())
        .fallback(async || ErrorResponse::not_found("there is nothing at this address"))
        .method_not_allowed_fallback(async || {
            ErrorResponse::new(StatusCode::METHOD_NOT_ALLOWED, "the address does not take this method")
        })
        .layer(from_fn(secure))
        .layer(from_fn(without_fault))
}

/// Says that the sandbox is up, to whoever waits for it. Its name tells it apart from another server at the address.
async fn health() -> Response {
    let health = json!({ "status": "ok", "name": "ocamba sandbox", "version": env!("CARGO_PKG_VERSION") });
    error_response::json(StatusCode::OK, &health)
}

/// Ends the effect of a fault in an earlier request of the connection.
async fn without_fault(request: Request, next: Next) -> Response {
    let stream = request.extensions().get::<StreamHandle>().cloned().unwrap_or_default();
    stream.request();
    let response = next.run(request).await;
    stream.response();
    response
}
