//! `/docs`: the reference of the API. Scalar renders it in the browser, where each operation can be tried on this sandbox.

use axum::Router;
use axum::http::header::{CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::routing::get;

use crate::contract::document;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Returns the pages, which show only the document.
pub fn pages() -> Router {
    let page = || get(async || (policy(), include_str!("page.html")));
    Router::new()
        .route("/docs", page())
        .route("/docs/", page())
        .route("/docs/page.css", get(async || (kind(CSS), include_str!("page.css"))))
        .route("/docs/page.js", get(async || (kind(SCRIPT), include_str!("page.js"))))
        .route("/docs/scalar.js", get(async || (packed(), include_bytes!("scalar.js.gz").as_slice())))
        .route("/docs/openapi.json", get(async || (kind("application/json"), document::TEXT)))
}

/// The policy of other pages, except for inline styles: Scalar writes them as elements and attributes, so hashes cannot
/// list them. Only scripts of this server run, and no other server gets requests.
fn policy() -> [(HeaderName, HeaderValue); 2] {
    const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; \
                          img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    [(CONTENT_TYPE, HeaderValue::from_static(HTML)), (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))]
}

fn kind(kind: &'static str) -> [(HeaderName, HeaderValue); 1] {
    [(CONTENT_TYPE, HeaderValue::from_static(kind))]
}

/// All browsers unpack gzip.
fn packed() -> HeaderMap {
    let encoding = (CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    kind(SCRIPT).into_iter().chain([encoding]).collect()
}
