//! The inspector: a page that shows each request as it arrives, and the routes that it uses.

mod assets;
mod budget;
mod detail;
mod events;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::server::state::Server;

/// Returns the files of the page, which have no data of requests.
pub fn pages() -> Router {
    Router::new().route("/", get(assets::index)).route("/_sandbox/page/{name}", get(assets::asset))
}

/// Returns the routes with data of requests, for those who may control the sandbox.
pub fn control() -> Router<Arc<Server>> {
    Router::new().route("/events", get(events::events)).route("/requests/{id}", get(detail::detail))
}
