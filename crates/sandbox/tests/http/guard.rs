//! The guard of everything that the sandbox serves, and the security headers of the inspector.

use std::net::SocketAddr;

use ocamba_sandbox::{Error, Sandbox};

use crate::Result;
use crate::client::{Connection, PATH, Response, ask, control, create, request, right};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

fn get(sandbox: &Sandbox, path: &str, headers: &str) -> Response {
    ask(sandbox, format!("GET {path} HTTP/1.1\r\n{headers}\r\n\r\n"))
}

/// Returns the files that the page refers to.
fn files(sandbox: &Sandbox) -> Vec<String> {
    let page = String::from_utf8(get(sandbox, "/", "Host: localhost").body).unwrap();
    let names = page.split("=\"/_sandbox/page/").skip(1).filter_map(|rest| rest.split('"').next());
    let files: Vec<_> = names.map(|name| format!("/_sandbox/page/{name}")).collect();
    assert!(!files.is_empty(), "{page}");
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn page_and_its_files_have_security_headers() -> Result {
    let sandbox = Sandbox::builder().burst(0).steady(1).start().await?;
    assert!(get(&sandbox, "/", "Host: localhost").body.starts_with(b"<!doctype html>"));
    for (path, kind) in [("/".to_owned(), "text/html")].into_iter().chain(
        files(&sandbox)
            .into_iter()
            .map(|it| (it.clone(), if it.ends_with(".js") { "text/javascript" } else { "text/css" })),
    ) {
        let response = get(&sandbox, &path, "Host: localhost");
        assert_eq!(response.status, 200, "{path}");
        assert_eq!(response.header("content-type"), Some(format!("{kind}; charset=utf-8").as_str()), "{path}");
    }
    get(&sandbox, "/_sandbox/page/none.js", "Host: localhost").refused(404);
    for path in ["/", "/_sandbox/page/app.js", "/_sandbox/journal", "/_sandbox/none", "/docs/none"] {
        let response = get(&sandbox, path, "Host: localhost");
        for (name, value) in [
            ("content-security-policy", POLICY),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(response.header(name), Some(value), "{path} {name}");
        }
        assert_eq!(response.header("access-control-allow-origin"), None);
    }
    // No request counted.
    assert_eq!(ask(&sandbox, create(right())).status, 201);
    assert_eq!(sandbox.journal().len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn rebound_name_is_refused() -> Result {
    let sandbox = Sandbox::start().await?;
    let [script, ..] = &files(&sandbox)[..] else { unreachable!() };
    for path in ["/", script, "/_sandbox/events", "/_sandbox/requests/1", "/docs/none"] {
        for host in FOREIGN_HOSTS {
            let message = get(&sandbox, path, host).refused(403);
            assert!(message.contains("header Host"), "{message}");
        }
    }
    let listened = format!("Host: {}", sandbox.address());
    assert_eq!(get(&sandbox, "/", &listened).status, 200);
    Ok(())
}

const FOREIGN_HOSTS: [&str; 8] = [
    "Host: evil.example",
    "Host: evil.example:80",
    "Host: EVIL.EXAMPLE.",
    "Host: localhost.evil.example",
    "Host: 203.0.113.7",
    "Host: [2001:db8::1]:4010",
    "X: no host",
    "Host: localhost\r\nHost: evil.example",
];
const FOREIGN_PAGES: [&str; 5] = [
    "Origin: http://evil.example",
    "Origin: http://localhost:1",
    "Origin: null",
    "Sec-Fetch-Site: cross-site",
    // A page of another port of this machine.
    "Sec-Fetch-Site: same-site",
];

/// Sends requests with these lines to each operation, and returns the responses.
fn ask_each_operation(sandbox: &Sandbox, id: &str, lines: &str) -> Vec<Response> {
    let token = "Authorization: Bearer any\r\nContent-Type: application/json";
    let target = |path: &str| format!("/v1/hood/{path}");
    let mut responses = Vec::new();
    for (method, target) in [
        ("GET", target("integrations")),
        ("GET", target("integrations?view=full")),
        ("GET", target(&format!("integrations/{id}"))),
        ("PATCH", target(&format!("integrations/{id}"))),
        ("POST", target("integrations")),
        ("POST", target("integrations/validate")),
        ("POST", target("test-notification")),
        ("GET", target("providers")),
        ("OPTIONS", target("integrations")),
        ("GET", target("nowhere")),
        ("GET", "http://evil.example/v1/hood/integrations".to_owned()),
        ("OPTIONS", "*".to_owned()),
    ] {
        let head = format!("{method} {target} HTTP/1.1\r\n{lines}\r\n{token}");
        let body = right();
        responses.push(ask(sandbox, format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())));
    }
    responses
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_request_reads_and_changes_nothing_of_the_api() -> Result {
    const ONE_FAULT: &str = r#"{"faults":[{"times":1,"fault":{"close":{"at":"arrival"}}}]}"#;
    for tls in [false, true] {
        let sandbox = Sandbox::builder().tls(tls).start().await?;
        let create = ["POST /_sandbox/integrations HTTP/1.1", "Content-Type: application/json"];
        let id = ask(&sandbox, request(&create, right())).json()["id"].as_str().unwrap_or_default().to_owned();
        let before = (sandbox.integrations(), control(&sandbox, "GET", "integrations", "").body);
        for fault in [false, true] {
            if fault {
                sandbox.set_faults(&ONE_FAULT.parse()?)?;
            }
            let pages = FOREIGN_PAGES.map(|page| format!("Host: localhost\r\n{page}"));
            for lines in FOREIGN_HOSTS.map(str::to_owned).into_iter().chain(pages) {
                for response in ask_each_operation(&sandbox, &id, &lines) {
                    response.refused(403);
                    assert_eq!(response.header("access-control-allow-origin"), None);
                    assert_eq!(response.header("x-ratelimit-remaining"), None);
                }
            }
        }
        assert_eq!((sandbox.integrations(), control(&sandbox, "GET", "integrations", "").body), before);
        assert!(sandbox.journal().is_empty() && sandbox.arrivals().is_empty());
        assert_eq!(sandbox.faults().faults[0].times, Some(1));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn own_page_and_allowed_names_may_call_the_api() -> Result {
    let sandbox = Sandbox::builder().no_limits().allow_host("host.docker.internal").start().await?;
    let token = "Authorization: Bearer any";
    for lines in [
        "Host: localhost:1\r\nOrigin: http://localhost:1\r\nSec-Fetch-Site: same-origin",
        "Host: host.docker.internal:4010",
        "Host: [::1]",
    ] {
        assert_eq!(get(&sandbox, PATH, &format!("{lines}\r\n{token}")).status, 200, "{lines}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn other_machines_are_served_only_with_a_token() -> Result {
    for address in ["0.0.0.0:0", "[::]:0"] {
        let listen: SocketAddr = address.parse()?;
        let error = Sandbox::builder().listen(listen).start().await.unwrap_err();
        assert!(matches!(error, Error::TokenRequired { address } if address == listen), "{error}");
        assert!(error.to_string().contains(address) && error.to_string().contains("token"), "{error}");
        assert!(Sandbox::builder().listen(listen).token("").start().await.is_err());
    }
    let sandbox = Sandbox::builder().listen("0.0.0.0:0".parse()?).token("right").start().await?;
    for host in ["evil.example", "203.0.113.7"] {
        get(&sandbox, PATH, &format!("Host: {host}\r\nAuthorization: Bearer right")).refused(403);
    }
    for host in ["localhost", "sandbox:4010", "192.168.1.2:4010"] {
        assert_eq!(get(&sandbox, PATH, &format!("Host: {host}\r\nAuthorization: Bearer right")).status, 200, "{host}");
        get(&sandbox, PATH, &format!("Host: {host}\r\nAuthorization: Bearer wrong")).refused(401);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn page_of_another_origin_reads_and_changes_nothing() -> Result {
    let sandbox = Sandbox::start().await?;
    ask(&sandbox, create(right()));
    for (method, path) in [
        ("GET", "events"),
        ("GET", "requests/1"),
        ("GET", "requests/1?secrets=shown"),
        ("GET", "journal"),
        ("DELETE", "journal"),
        ("POST", "reset"),
        ("PUT", "faults"),
        ("POST", "faults"),
        ("DELETE", "faults"),
    ] {
        for header in FOREIGN_PAGES {
            let lines = format!("{method} /_sandbox/{path} HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n");
            ask(&sandbox, lines).refused(403);
        }
    }
    assert_eq!(sandbox.journal().len(), 1);
    let own = "Host: localhost:1\r\nOrigin: http://localhost:1\r\nSec-Fetch-Site: same-origin";
    assert_eq!(get(&sandbox, "/_sandbox/requests/1", own).status, 200);
    // Links from anywhere may lead to the page, which has no data.
    assert_eq!(get(&sandbox, "/", "Host: localhost\r\nSec-Fetch-Site: cross-site").status, 200);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn page_of_another_origin_cannot_call_the_api() -> Result {
    let sandbox = Sandbox::builder().no_limits().start().await?;
    let origin = "Origin: http://evil.example";
    // Requests that a page may send without a preflight: no token, and no JSON.
    let post = format!("POST {PATH} HTTP/1.1");
    let plain = "Content-Type: text/plain";
    ask(&sandbox, request(&[&post, origin, plain], right())).refused(403);
    // The preflight is refused.
    let preflight = [
        &format!("OPTIONS {PATH} HTTP/1.1"),
        origin,
        "Access-Control-Request-Method: POST",
        "Access-Control-Request-Headers: authorization, content-type",
    ];
    let response = ask(&sandbox, request(&preflight, ""));
    response.refused(403);
    let responses = [response, ask(&sandbox, create(right()))];
    for name in ["access-control-allow-origin", "access-control-allow-headers", "access-control-allow-methods"] {
        assert!(responses.iter().all(|it| it.header(name).is_none()), "{name}");
    }
    assert_eq!(sandbox.integrations().len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn page_requires_the_token_when_not_on_loopback() -> Result {
    let everywhere = SocketAddr::from(([0, 0, 0, 0], 0));
    let sandbox = Sandbox::builder().listen(everywhere).token("right").start().await?;
    assert_eq!(get(&sandbox, "/", "Host: far").status, 200);
    ask(&sandbox, create(right()));
    for path in ["/_sandbox/events", "/_sandbox/requests/1", "/_sandbox/requests/1?secrets=shown"] {
        get(&sandbox, path, "Host: far").refused(401);
        get(&sandbox, path, "Host: far\r\nAuthorization: Bearer wrong").refused(401);
        // Not with the token either, when a foreign page has it.
        get(&sandbox, path, "Host: far\r\nAuthorization: Bearer right\r\nOrigin: http://evil.example").refused(403);
    }
    assert_eq!(get(&sandbox, "/_sandbox/requests/1", "Host: far\r\nAuthorization: Bearer right").status, 200);
    let mut events = Connection::open(&sandbox);
    events.send("GET /_sandbox/events HTTP/1.1\r\nHost: far\r\nAuthorization: Bearer right\r\n\r\n");
    assert_eq!(events.line(), "HTTP/1.1 200 OK");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn page_has_no_faults() -> Result {
    let sandbox = Sandbox::start().await?;
    let faults = r#"{"faults":[{"fault":{"close":{"at":"arrival"}}},{"fault":{"hang":{}}}]}"#;
    assert_eq!(control(&sandbox, "PUT", "faults", faults).status, 204);
    assert_eq!(get(&sandbox, "/", "Host: localhost").status, 200);
    assert_eq!(control(&sandbox, "DELETE", "faults", "").status, 204);
    // The API handles the other methods.
    ask(&sandbox, request(&["POST / HTTP/1.1", "Authorization: Bearer any"], "")).refused(404);
    Ok(())
}
