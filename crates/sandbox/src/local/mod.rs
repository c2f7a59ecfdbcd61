//! The local routes: the control, the inspector and the reference. On a loopback address they need no token, count in no
//! rate limit and are not in the journal. This layer knows the server's state, and guards who may see and change it.

mod control;
pub mod guard;
mod inspector;
mod reference;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;

use crate::contract::error_response::ErrorResponse;
use crate::local::guard::Guard;
use crate::server::faulty_stream::StreamHandle;
use crate::server::state::Server;

pub fn router(server: Arc<Server>, guard: Guard) -> Router {
    let control = Router::new()
        .nest("/_sandbox", control::router().merge(inspector::control()))
        .route_layer(from_fn_with_state(guard.clone(), guard::control))
        .with_state(server);
    let pages =
        inspector::pages().merge(reference::pages()).route_layer(from_fn_with_state(guard.clone(), guard::page));
    let nothing = Router::new()
        .fallback(async || ErrorResponse::not_found("there is nothing at this address"))
        .layer(from_fn_with_state(guard, guard::control));
    control
        .merge(pages)
        .fallback_service(nothing)
        .method_not_allowed_fallback(async || {
            ErrorResponse::new(StatusCode::METHOD_NOT_ALLOWED, "the address does not take this method")
        })
        .layer(from_fn(guard::headers))
        .layer(from_fn(without_fault))
}

/// Ends the effect of a fault in an earlier request of the connection.
async fn without_fault(request: Request, next: Next) -> Response {
    let stream = request.extensions().get::<StreamHandle>().cloned().unwrap_or_default();
    stream.request();
    let response = next.run(request).await;
    stream.response();
    response
}
