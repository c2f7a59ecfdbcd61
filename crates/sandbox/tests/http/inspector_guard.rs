//! The guards of the inspector, and its security headers.

use std::net::SocketAddr;

use ocamba_sandbox::Sandbox;

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
        for host in
            ["Host: evil.example", "Host: evil.example:80", "X: no host", "Host: localhost\r\nHost: evil.example"]
        {
            let message = get(&sandbox, path, host).refused(403);
            assert!(message.contains("header Host"), "{message}");
        }
    }
    let listened = format!("Host: {}", sandbox.address());
    assert_eq!(get(&sandbox, "/", &listened).status, 200);
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
        for header in [
            "Origin: http://evil.example",
            "Origin: http://localhost:1",
            "Origin: null",
            "Sec-Fetch-Site: cross-site",
            // A page of another port of this machine.
            "Sec-Fetch-Site: same-site",
        ] {
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
    ask(&sandbox, request(&[&post, origin, plain], right())).refused(401);
    ask(&sandbox, request(&[&post, origin, plain, "Authorization: Bearer any"], right())).refused(415);
    // The preflight is refused.
    let preflight = [
        &format!("OPTIONS {PATH} HTTP/1.1"),
        origin,
        "Access-Control-Request-Method: POST",
        "Access-Control-Request-Headers: authorization, content-type",
    ];
    let response = ask(&sandbox, request(&preflight, ""));
    assert_eq!(response.status, 401);
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
