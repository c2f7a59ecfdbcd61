//! Guards the local routes, and sets the security headers of their responses.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::contract::bearer_token::authorize;
use crate::contract::error_response::ErrorResponse;

/// Who may use the local routes.
#[derive(Clone)]
pub enum Guard {
    /// Everyone on the loopback interface, except web pages of other origins. Such a page could resolve its own name to
    /// this address (DNS rebinding), so the `Host` must be a loopback name.
    Loopback,
    /// Everyone with the token. Without a token: nobody.
    Token(Option<String>),
}

/// Guards the routes that show and control what the sandbox does.
pub async fn control(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let admitted = guard.names(headers).and_then(|()| own_page(headers)).and_then(|()| guard.token(headers));
    pass(admitted, request, next).await
}

/// Guards the pages, which have no data of requests.
pub async fn page(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let admitted = guard.names(request.headers());
    pass(admitted, request, next).await
}

/// Adds the security headers, unless a page has its own.
pub async fn headers(request: Request, next: Next) -> Response {
    const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                          img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    let mut response = next.run(request).await;
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

impl Guard {
    /// Checks the name by which the client calls this server.
    fn names(&self, headers: &HeaderMap) -> Result<(), ErrorResponse> {
        let mut hosts = headers.get_all(HOST).iter();
        let (Some(Ok(host)), None) = (hosts.next().map(HeaderValue::to_str), hosts.next()) else {
            return forbid("the header Host is missing");
        };
        match self {
            Self::Loopback if !is_loopback(host) => forbid(
                "the header Host must be a loopback address or localhost: open this page by http://127.0.0.1 and its port",
            ),
            _ => Ok(()),
        }
    }

    fn token(&self, headers: &HeaderMap) -> Result<(), ErrorResponse> {
        match self {
            Self::Loopback => Ok(()),
            Self::Token(Some(token)) => authorize(headers, Some(token)),
            Self::Token(None) => forbid(
                "a sandbox on other interfaces than loopback requires its token here, but it was started without one",
            ),
        }
    }
}

async fn pass(admitted: Result<(), ErrorResponse>, request: Request, next: Next) -> Response {
    match admitted {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

/// Refuses pages of other origins. Old browsers send only the origin, and only with some requests.
fn own_page(headers: &HeaderMap) -> Result<(), ErrorResponse> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let is_own = |origin: &HeaderValue| {
        let name = origin.to_str().ok().and_then(|it| it.strip_prefix("http://").or(it.strip_prefix("https://")));
        name.is_some() && name == host
    };
    let site = headers.get_all("sec-fetch-site").iter().all(|site| site == "same-origin" || site == "none");
    if site && headers.get_all(ORIGIN).iter().all(is_own) {
        return Ok(());
    }
    forbid("web pages of other origins have no access")
}

fn forbid(message: &str) -> Result<(), ErrorResponse> {
    Err(ErrorResponse::new(StatusCode::FORBIDDEN, message))
}

/// Returns whether a `Host`, with or without a port, is a loopback name.
fn is_loopback(host: &str) -> bool {
    if let Ok(address) = host.parse::<SocketAddr>() {
        return address.ip().is_loopback();
    }
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    let ip = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    ip.parse().is_ok_and(|ip: IpAddr| ip.is_loopback()) || name.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn host_is_local_only_when_a_loopback_name() {
        for host in ["127.0.0.1", "127.0.0.1:80", "127.9.9.9:1", "localhost", "LocalHost:4010", "[::1]", "[::1]:80"] {
            assert!(is_loopback(host), "{host}");
        }
        let foreign = ["", "x", "10.0.0.1:80", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil.example:1"];
        for host in foreign.into_iter().chain(["0.0.0.0:1", "[::]:1", "[fe80::1]", "localhost@evil.example", "127.1"]) {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn page_is_admitted_only_with_its_own_origin() {
        let ask = |name: &'static str, value: &str| {
            let headers =
                [(HOST, "localhost:1".parse().unwrap()), (HeaderName::from_static(name), value.parse().unwrap())];
            own_page(&HeaderMap::from_iter(headers)).is_ok()
        };
        assert!(ask("origin", "http://localhost:1") && ask("origin", "https://localhost:1"));
        for origin in ["null", "http://localhost:2", "ftp://localhost:1", "http://evil.example", "localhost:1", ""] {
            assert!(!ask("origin", origin), "{origin}");
        }
        assert!(ask("sec-fetch-site", "same-origin") && ask("sec-fetch-site", "none"));
        // Another port of the same machine is the same site, but another origin.
        for site in ["same-site", "cross-site", ""] {
            assert!(!ask("sec-fetch-site", site), "{site}");
        }
    }
}
