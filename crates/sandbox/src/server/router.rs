//! The API as a router.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;

use crate::server::handlers;
use crate::server::journal_middleware::journal;
use crate::server::state::Server;

/// Returns the API. The local routes of the sandbox are a router of their own.
pub fn router(server: Arc<Server>) -> Router {
    Router::new()
        // The document, not the router, knows the addresses: the journal and the API name a request alike.
        .fallback(handlers::handle)
        // One layer for everything before the routes, since each layer costs every request some allocations.
        .layer(from_fn_with_state(server.clone(), journal))
        .layer(DefaultBodyLimit::max(server.settings.max_body_bytes))
        .with_state(server)
}
