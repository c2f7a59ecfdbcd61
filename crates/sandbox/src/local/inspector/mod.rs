//! The inspector: a page that shows each request as it comes, and what it asks for.

mod assets;
mod budget;
mod detail;
mod events;
mod rows;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::server::state::Server;

/// What shows nothing before it has asked the control.
pub fn pages() -> Router {
    Router::new().route("/", get(assets::index)).route("/_sandbox/page/{name}", get(assets::asset))
}

/// What is told of requests, to who may control the sandbox.
pub fn control() -> Router<Arc<Server>> {
    Router::new().route("/events", get(events::events)).route("/requests/{id}", get(detail::detail))
}
