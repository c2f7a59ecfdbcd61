//! What is served beside the API: the control, the inspector, and the reference. None of it needs the API's token on a
//! loopback address, counts in a limit, or stands in the journal.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;

use crate::answer::Refusal;
use crate::guard::{self, Guard};
use crate::server::Server;
use crate::wire::Handle;
use crate::{control, inspector, reference};

/// Whether a request is for one of these. What only the API could answer, it does.
pub fn is_at(method: &str, path: &str) -> bool {
    let is_below = |folder: &str| path.strip_prefix(folder).is_some_and(|below| below.starts_with('/'));
    let is_page = || path == "/" || path == "/docs" || is_below("/docs");
    is_below("/_sandbox") || matches!(method, "GET" | "HEAD") && is_page()
}

pub fn router(server: Arc<Server>, guard: Guard) -> Router {
    let control = Router::new()
        .nest("/_sandbox", control::router().merge(inspector::control()))
        .route_layer(from_fn_with_state(guard.clone(), guard::control))
        .with_state(server);
    let pages =
        inspector::pages().merge(reference::pages()).route_layer(from_fn_with_state(guard.clone(), guard::page));
    let nothing = Router::new()
        .fallback(async || Refusal::new(StatusCode::NOT_FOUND, "there is nothing at this address"))
        .layer(from_fn_with_state(guard, guard::control));
    control
        .merge(pages)
        .fallback_service(nothing)
        .method_not_allowed_fallback(async || {
            Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "the address does not take this method")
        })
        .layer(from_fn(guard::headers))
        .layer(from_fn(exchange))
}

/// A fault in the exchange before this one does not reach here.
async fn exchange(request: Request, next: Next) -> Response {
    let wire = request.extensions().get::<Handle>().cloned().unwrap_or_default();
    wire.request();
    let response = next.run(request).await;
    wire.answer();
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beside_the_api_is_told_by_its_address() {
        for (method, path) in [
            ("GET", "/"),
            ("HEAD", "/"),
            ("GET", "/docs"),
            ("GET", "/docs/"),
            ("GET", "/docs/a.js"),
            ("POST", "/_sandbox/reset"),
            ("GET", "/_sandbox/"),
        ] {
            assert!(is_at(method, path), "{method} {path}");
        }
        for (method, path) in [
            ("POST", "/"),
            ("GET", ""),
            ("GET", "/v1/hood/integrations"),
            ("GET", "/docsx"),
            ("POST", "/docs"),
            ("GET", "/_sandbox"),
        ] {
            assert!(!is_at(method, path), "{method} {path}");
        }
    }
}
