//! Pages of other origins that may use the API (CORS), as a front end under development.

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, VARY,
};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::server::error::Error;

/// The origin of a page, as a browser sends it: scheme, host, and the port unless it is the scheme's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

/// Chromium asks before a page of another network calls a loopback address.
const REQUEST_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-request-private-network");
const ALLOW_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-allow-private-network");
/// The documented headers, and those that faults add.
const EXPOSED: &str = "Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, *";

impl Origin {
    /// Reads an origin in any case, with or without the scheme's own port and a final slash.
    pub fn parse(text: &str) -> Result<Self, Error> {
        read(text).map_err(|why| Error::Origin { origin: text.to_owned(), why })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Responds to a browser that asks whether it may send a request.
    pub fn preflight(&self, request: &HeaderMap) -> Response {
        let mut response = StatusCode::NO_CONTENT.into_response();
        let headers = response.headers_mut();
        for (asked, allowed) in [
            (ACCESS_CONTROL_REQUEST_METHOD, ACCESS_CONTROL_ALLOW_METHODS),
            // Each by its name: a star would not include Authorization.
            (ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_ALLOW_HEADERS),
            (REQUEST_PRIVATE_NETWORK, ALLOW_PRIVATE_NETWORK),
        ] {
            headers.extend(request.get(asked).map(|value| (allowed, value.clone())));
        }
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        self.share(&mut response);
        response
    }

    /// Lets pages of this origin read a response.
    pub fn share(&self, response: &mut Response) {
        let headers = response.headers_mut();
        headers.extend(HeaderValue::from_str(&self.0).ok().map(|origin| (ACCESS_CONTROL_ALLOW_ORIGIN, origin)));
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        headers.append(VARY, HeaderValue::from_static("Origin"));
    }
}

/// Returns whether a browser asks by this request whether it may send another.
pub fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

fn read(text: &str) -> Result<Origin, &'static str> {
    const EXPECTED: &str = "expected an origin as the page's address has it, such as http://localhost:5173";
    if text == "null" || text.contains('*') {
        return Err(
            "expected one origin, such as http://localhost:5173; name each page, since * would admit all of the web",
        );
    }
    let (scheme, rest) = text.split_once("://").ok_or(EXPECTED)?;
    let scheme = scheme.to_ascii_lowercase();
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let host = rest.strip_suffix('/').unwrap_or(rest).to_ascii_lowercase();
    let authority: Authority = host.parse().map_err(|_| EXPECTED)?;
    if !is_scheme || host.contains('@') || authority.host().is_empty() || host.ends_with(':') {
        return Err(EXPECTED);
    }
    let own_port = match scheme.as_str() {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    };
    let port = match (authority.as_str().len() > authority.host().len(), authority.port_u16()) {
        (true, None) => return Err("expected a port below 65536"),
        (_, port) => port.filter(|port| Some(*port) != own_port),
    };
    let port = port.map_or(String::new(), |port| format!(":{port}"));
    Ok(Origin(format!("{scheme}://{}{port}", authority.host())))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn origin_is_read_as_browsers_send_it() {
        for (text, origin) in [
            ("http://localhost:5173", "http://localhost:5173"),
            ("HTTP://LocalHost:5173/", "http://localhost:5173"),
            ("http://localhost:80", "http://localhost"),
            ("https://app.example:443", "https://app.example"),
            ("https://app.example:80", "https://app.example:80"),
            ("http://[::1]:3000", "http://[::1]:3000"),
            ("capacitor://localhost", "capacitor://localhost"),
        ] {
            assert_eq!(Origin::parse(text).unwrap().as_str(), origin, "{text}");
        }
    }

    #[test]
    fn origin_is_refused_unless_it_is_that_of_one_page() {
        for text in [
            "",
            "*",
            "null",
            "localhost:5173",
            "http://",
            "http:///",
            "http://localhost/app",
            "http://localhost:5173/?a",
            "http://user@localhost",
            "http://localhost:",
            "http://localhost:99999",
            "http://local host",
            "http://a, http://b",
            "://localhost",
            "1http://localhost",
            "http://*.example",
            "http://*",
        ] {
            let error = Origin::parse(text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("cannot admit pages of {text:?}: expected ")), "{error}");
        }
    }
}
