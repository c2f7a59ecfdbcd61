//! Guards everything that the sandbox serves: each request passes here before anything else sees it.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use httparse::{EMPTY_HEADER, Request, Status};

use crate::contract::bearer_token::authorize;
use crate::contract::error_response::ErrorResponse;
use crate::server::cors::{Origin, is_preflight};
use crate::server::error::Error;
use crate::server::local_paths::{is_local, is_page};
use crate::server::settings::Settings;

/// Who may use the sandbox.
///
/// A web page could resolve its own name to this address (DNS rebinding) and then read what it serves, so the name by which a
/// client calls it must be known. Pages of other origins have no access at all.
pub struct Guard {
    /// Names and addresses in addition to those of loopback.
    hosts: Vec<String>,
    ips: Vec<IpAddr>,
    /// The tokens of which the control requires one when other machines can reach the sandbox.
    public: Option<Vec<String>>,
    /// Origins of pages that may use the API, but not the local routes.
    cors: Vec<Origin>,
}

impl Guard {
    /// Creates a guard. Fails when other machines can reach the address, and there is no token, or when no request can have a
    /// token, a name or an origin.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        let Settings { listen, hosts, tokens, cors, .. } = settings;
        if let Some(host) = hosts.iter().find(|host| !is_host(host)) {
            return Err(Error::Host { host: host.clone() });
        }
        let is_sendable = |token: &String| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        if !tokens.iter().all(is_sendable) {
            return Err(Error::Token);
        }
        let public = match listen.iter().find(|address| !address.ip().is_loopback()) {
            None => None,
            Some(_) if !tokens.is_empty() => Some(tokens.clone()),
            Some(address) => return Err(Error::TokenRequired { address: *address }),
        };
        let listened = listen.iter().map(SocketAddr::ip).filter(|ip| !ip.is_unspecified());
        Ok(Self {
            ips: hosts.iter().filter_map(|host| ip(host)).chain(listened).collect(),
            hosts: hosts.clone(),
            public,
            cors: cors.iter().map(|origin| Origin::parse(origin)).collect::<Result<_, _>>()?,
        })
    }

    /// Admits a request by its head, or returns the response that refuses it.
    pub fn admit(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), ErrorResponse> {
        let host = only(headers, HOST.as_str()).ok_or_else(|| forbidden("the header Host is missing or not unique"))?;
        // The target of a request may have a name of its own.
        if [Some(host), uri.authority().map(|it| it.as_str())].into_iter().flatten().any(|it| !self.is_known(it)) {
            return Err(forbidden(
                "the header Host must be localhost or a loopback address: call the sandbox by http://127.0.0.1 and its \
                 port, or start it with --allow-host and the name that you use (allow_host of its builder)",
            ));
        }
        let (path, is_page) = (uri.path(), is_page(method.as_str(), uri.path()));
        if self.shared_with(path, headers).is_some() {
            return Ok(());
        }
        let is_own = |origin: &HeaderValue| is_origin_of(origin, host);
        // Old browsers send only the origin, and only with some requests. A link from anywhere may lead to a page, which has
        // no data.
        let is_link = is_page && headers.get("sec-fetch-mode").is_none_or(|mode| mode == "navigate");
        let mut sites = headers.get_all("sec-fetch-site").iter();
        let is_same_site = is_link || sites.all(|site| site == "same-origin" || site == "none");
        if !is_same_site || !headers.get_all(ORIGIN).iter().all(is_own) {
            return Err(foreign(is_local(method.as_str(), path)));
        }
        match &self.public {
            Some(tokens) if is_local(method.as_str(), path) && !is_page => authorize(headers, tokens).map(|_| ()),
            _ => Ok(()),
        }
    }

    /// Returns the origin of the request's page, if that may use the API and the request is for it.
    pub fn shared_with(&self, path: &str, headers: &HeaderMap) -> Option<&Origin> {
        // Whatever the method: that of a browser's question is another one.
        let origin = only(headers, ORIGIN.as_str()).filter(|_| !is_local("GET", path))?;
        self.cors.iter().find(|known| known.as_str() == origin)
    }

    /// Returns whether these bytes begin with a whole head that is answered before it reaches the API: its request has no fault.
    pub fn answers(&self, bytes: &[u8]) -> bool {
        let mut headers = [EMPTY_HEADER; 100];
        let mut request = Request::new(&mut headers);
        if !matches!(request.parse(bytes), Ok(Status::Complete(_))) {
            return false;
        }
        let (Ok(method), Ok(uri)) =
            (request.method.unwrap_or_default().parse(), request.path.unwrap_or_default().parse())
        else {
            return false;
        };
        let headers = request.headers.iter().filter_map(|header| {
            Some((header.name.parse::<HeaderName>().ok()?, HeaderValue::from_bytes(header.value).ok()?))
        });
        let headers = headers.collect();
        self.admit(&method, &uri, &headers).is_err()
            || is_preflight(&method, &headers) && self.shared_with(uri.path(), &headers).is_some()
    }

    /// Returns whether a client may call the sandbox by this name, which may have a port.
    fn is_known(&self, host: &str) -> bool {
        let Some(name) = without_port(host).map(name_of) else { return false };
        // Who can answer for the names of the own network can also reach a public sandbox itself.
        let is_public = self.public.is_some();
        match ip(name) {
            Some(ip) => ip.is_loopback() || self.ips.contains(&ip) || is_public && is_private(ip),
            None => {
                let mut known = self.hosts.iter().map(|host| name_of(host)).chain(["localhost"]);
                known.any(|known| name.eq_ignore_ascii_case(known)) || is_public && is_plain(name)
            }
        }
    }
}

fn foreign(is_local: bool) -> ErrorResponse {
    forbidden(match is_local {
        true => "web pages of other origins have no access to the sandbox's own routes",
        false => {
            "web pages of other origins have no access: start the sandbox with --cors and the page's origin (cors of its \
             builder)"
        }
    })
}

fn forbidden(message: &str) -> ErrorResponse {
    ErrorResponse::new(StatusCode::FORBIDDEN, message)
}

/// Returns the value of a header that a request has once.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut all = headers.get_all(name).iter();
    let value = all.next()?.to_str().ok()?;
    all.next().is_none().then_some(value)
}

fn is_origin_of(origin: &HeaderValue, host: &str) -> bool {
    let origin = origin.to_str().unwrap_or_default();
    let name = origin.strip_prefix("http://").or(origin.strip_prefix("https://"));
    name.is_some_and(|name| name.eq_ignore_ascii_case(host))
}

/// Returns a host without its port. None if the port is invalid.
fn without_port(host: &str) -> Option<&str> {
    let end = host.rfind(']').map_or(0, |bracket| bracket + 1);
    match host[end..].find(':').map(|colon| host.split_at(end + colon)) {
        None => Some(host),
        Some((name, port)) => {
            let port = &port[1..];
            (port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()).then_some(name)
        }
    }
}

/// Returns a name without the dot at the end of an absolute one.
fn name_of(host: &str) -> &str {
    host.strip_suffix('.').unwrap_or(host)
}

/// Returns whether a request can name this host: an address, or a name as DNS has them.
fn is_host(host: &str) -> bool {
    let name = name_of(host);
    let is_part =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    ip(name).is_some() || name.split('.').all(is_part)
}

fn ip(host: &str) -> Option<IpAddr> {
    match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(v6) => v6.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => host.parse().ok(),
    }
}

/// Returns whether a name is that of a machine or a service of the own network, as `sandbox`: public names have a dot.
fn is_plain(name: &str) -> bool {
    // Numbers are addresses in other forms.
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const HERE: &str = "127.0.0.1:0";
    const EVERYWHERE: &str = "0.0.0.0:0";
    const API: &str = "/v1/hood/integrations";

    fn settings(listen: &str, token: Option<&str>) -> Settings {
        Settings {
            listen: vec![listen.parse().unwrap()],
            tokens: token.into_iter().map(str::to_owned).collect(),
            ..Settings::default()
        }
    }

    fn guard(listen: &str, hosts: &[&str]) -> Guard {
        let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        Guard::new(&Settings { hosts, ..settings(listen, Some("right")) }).unwrap()
    }

    fn is_admitted(guard: &Guard, target: &str, headers: &[(&str, &str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()));
        guard.admit(&Method::GET, &target.parse().unwrap(), &HeaderMap::from_iter(headers)).is_ok()
    }

    const LOOPBACK: [&str; 9] = [
        "127.0.0.1",
        "127.0.0.1:80",
        "127.9.9.9:1",
        "localhost",
        "LocalHost:4010",
        "localhost.",
        "localhost.:1",
        "[::1]",
        "[::1]:80",
    ];
    const FOREIGN: [&str; 36] = [
        "",
        ":80",
        ".",
        "evil.example",
        "EVIL.example:80",
        "evil.example.",
        "localhost.evil.example",
        "evil.localhost",
        "127.0.0.1.evil.example:1",
        "localhost@evil.example",
        "evil.example@localhost",
        "localhost/evil.example",
        "localhost, evil.example",
        "localhost evil.example",
        "localhost:evil.example",
        "localhost:80:80",
        "localhost:99999",
        "localhost:-1",
        "localhost:+1",
        "localhost..",
        "203.0.113.7",
        "203.0.113.7:4010",
        "0.0.0.0:1",
        "[::]:1",
        "[2001:db8::1]:4010",
        "[::1",
        "::1",
        "[::1]x",
        "[::1%25lo]",
        "[127.0.0.1]",
        "127.1",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "xn--localhost-.example",
    ];

    #[test]
    fn only_loopback_names_are_known() {
        let guard = guard(HERE, &[]);
        for host in LOOPBACK {
            assert!(is_admitted(&guard, API, &[("host", host)]), "{host}");
        }
        for host in FOREIGN.into_iter().chain(["x", "sandbox:4010", "10.0.0.1:80", "[fe80::1]", "host.docker.internal"])
        {
            for target in [API, "/", "/docs", "/_sandbox/events", "/_sandbox/page/app.js"] {
                assert!(!is_admitted(&guard, target, &[("host", host)]), "{host} {target}");
            }
        }
    }

    #[test]
    fn allowed_hosts_are_known_in_any_case_and_with_any_port() {
        let guard = guard(HERE, &["Sandbox.Internal", "203.0.113.7", "[2001:db8::1]", "absolute.example."]);
        for host in [
            "sandbox.internal",
            "SANDBOX.internal.:4010",
            "203.0.113.7:1",
            "[2001:DB8:0::1]:2",
            "absolute.example",
            "absolute.example.:1",
        ] {
            assert!(is_admitted(&guard, API, &[("host", host)]), "{host}");
        }
        for host in ["x.sandbox.internal", "sandbox.internal.evil.example", "203.0.113.8", "sandbox"] {
            assert!(!is_admitted(&guard, API, &[("host", host)]), "{host}");
        }
    }

    #[test]
    fn host_or_token_that_no_request_can_have_is_refused() {
        for host in ["", ".", "*", "*.example", "http://x", "x/", "x:80", "a b", "a..b", "[::1", "ü.example"] {
            let hosts = vec![host.to_owned()];
            let error = Guard::new(&Settings { hosts, ..settings(HERE, None) }).err().unwrap().to_string();
            assert!(error.starts_with(&format!("cannot allow the host {host:?}: expected ")), "{error}");
        }
        for token in ["", " ", "canary b", "canary ", "\tcanary", "canäry"] {
            let error = Guard::new(&settings(HERE, Some(token))).err().unwrap().to_string();
            assert!(error.starts_with("cannot accept a token") && !error.contains("can\u{e4}ry"), "{error}");
        }
        assert!(Guard::new(&settings(HERE, Some("!a-._~+/=~"))).is_ok());
    }

    #[test]
    fn public_sandbox_is_known_by_names_of_its_network() {
        let guard = guard(EVERYWHERE, &["host.docker.internal"]);
        let known =
            ["sandbox:4010", "my_sandbox", "10.0.0.1:80", "192.168.1.2", "[fe80::1]:1", "host.docker.internal:1"];
        for host in LOOPBACK.into_iter().chain(known) {
            assert!(is_admitted(&guard, API, &[("host", host)]), "{host}");
        }
        for host in FOREIGN.into_iter().filter(|host| !host.starts_with("0.0.0.0")) {
            assert!(!is_admitted(&guard, API, &[("host", host)]), "{host}");
        }
    }

    #[test]
    fn host_must_be_unique_and_that_of_the_target() {
        let guard = guard(HERE, &[]);
        for headers in
            [&[][..], &[("host", "localhost"), ("host", "localhost")], &[("host", "localhost"), ("host", "x")]]
        {
            assert!(!is_admitted(&guard, API, headers));
        }
        let host = [("host", "localhost:1")];
        assert!(is_admitted(&guard, "http://localhost:1/v1", &host));
        for target in
            ["http://evil.example/v1", "http://evil.example:1", "http://localhost@evil.example/", "evil.example:80"]
        {
            assert!(!is_admitted(&guard, target, &host), "{target}");
        }
        assert!(!is_admitted(&guard, "http://localhost:1/v1", &[("host", "evil.example")]));
    }

    #[test]
    fn page_is_admitted_only_with_its_own_origin() {
        let guard = guard(HERE, &[]);
        let own = |target, name, value| is_admitted(&guard, target, &[("host", "localhost:1"), (name, value)]);
        for target in [API, "/_sandbox/journal", "/", "/docs"] {
            for origin in ["http://localhost:1", "https://localhost:1", "http://LOCALHOST:1"] {
                assert!(own(target, "origin", origin), "{target} {origin}");
            }
            for origin in [
                "null",
                "",
                "http://localhost:2",
                "http://localhost",
                "ftp://localhost:1",
                "http://evil.example",
                "localhost:1",
            ] {
                assert!(!own(target, "origin", origin), "{target} {origin}");
            }
            for site in ["same-origin", "none"] {
                assert!(own(target, "sec-fetch-site", site), "{target} {site}");
            }
        }
        // Another port of the same machine is the same site, but another origin.
        for site in ["same-site", "cross-site", ""] {
            assert!(!own(API, "sec-fetch-site", site) && !own("/_sandbox/journal", "sec-fetch-site", site), "{site}");
        }
    }

    #[test]
    fn link_of_another_origin_leads_only_to_pages() {
        let guard = guard(HERE, &[]);
        let from_afar = |target, mode| {
            let headers = [("host", "localhost"), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", mode)];
            is_admitted(&guard, target, &headers)
        };
        assert!(from_afar("/", "navigate") && from_afar("/docs", "navigate"));
        assert!(!from_afar("/", "no-cors") && !from_afar("/_sandbox/page/app.js", "no-cors"));
        assert!(!from_afar(API, "navigate") && !from_afar("/_sandbox/journal", "navigate"));
    }

    #[test]
    fn control_of_a_public_sandbox_requires_the_token() {
        let guard = guard(EVERYWHERE, &[]);
        let with = |target, token| is_admitted(&guard, target, &[("host", "localhost"), ("authorization", token)]);
        for target in ["/_sandbox/journal", "/_sandbox/events", "/_sandbox/none"] {
            assert!(with(target, "Bearer right") && !with(target, "Bearer wrong"), "{target}");
        }
        assert!(with("/", "") && with("/docs/page.js", "") && with("/_sandbox/page/app.js", ""));
    }

    #[test]
    fn public_sandbox_requires_a_token() {
        for listen in [EVERYWHERE, "[::]:0", "192.168.1.2:80"] {
            for token in [None, Some(""), Some(" ")] {
                assert!(Guard::new(&settings(listen, token)).is_err(), "{listen} {token:?}");
            }
        }
        for listen in [HERE, "127.0.0.2:80", "[::1]:0"] {
            assert!(Guard::new(&settings(listen, None)).is_ok(), "{listen}");
        }
    }
}
