//! Pages of other origins that may use the API.

use ocamba_sandbox::Sandbox;

use crate::Result;
use crate::client::{PATH, Response, ask, control, right};

const PAGE: &str = "http://localhost:5173";

fn send(sandbox: &Sandbox, line: &str, origin: &str, more: &str, body: &str) -> Response {
    let head = format!("{line} HTTP/1.1\r\nHost: localhost\r\nOrigin: {origin}\r\nSec-Fetch-Site: same-site\r\n{more}");
    ask(sandbox, format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()))
}

fn preflight(sandbox: &Sandbox, path: &str, origin: &str) -> Response {
    let asks = "Access-Control-Request-Method: PATCH\r\nAccess-Control-Request-Headers: authorization,content-type\r\n\
                Access-Control-Request-Private-Network: true\r\n";
    send(sandbox, &format!("OPTIONS {path}"), origin, asks, "")
}

#[tokio::test(flavor = "multi_thread")]
async fn page_of_an_admitted_origin_uses_the_api() -> Result {
    let sandbox = Sandbox::builder().cors(PAGE).cors("https://other.example").token("t").steady(2).start().await?;
    let id = 1164;
    for origin in [PAGE, "https://other.example"] {
        let allowed = preflight(&sandbox, &format!("{PATH}/{id}"), origin);
        assert_eq!((allowed.status, allowed.header("access-control-allow-origin")), (204, Some(origin)));
        assert_eq!(allowed.header("access-control-allow-methods"), Some("PATCH"));
        assert_eq!(allowed.header("access-control-allow-headers"), Some("authorization,content-type"));
        assert_eq!(allowed.header("access-control-allow-private-network"), Some("true"));
        assert_eq!(allowed.header("vary"), Some("Origin"));
    }
    // They are the browser's questions, and no requests of anybody.
    assert!(sandbox.journal().is_empty() && sandbox.arrivals().is_empty());
    let create = |token: &str| {
        let headers = format!("Authorization: Bearer {token}\r\nContent-Type: application/json\r\n");
        send(&sandbox, &format!("POST {PATH}"), PAGE, &headers, &right())
    };
    // Errors can be read too: without a token, and above the limit.
    for (token, status) in [("t", 201), ("wrong", 401), ("t", 201), ("t", 429)] {
        let response = create(token);
        assert_eq!((response.status, response.header("access-control-allow-origin")), (status, Some(PAGE)));
        let exposed = response.header("access-control-expose-headers").unwrap();
        assert!(["Retry-After", "X-RateLimit-Remaining"].iter().all(|name| exposed.contains(name)), "{exposed}");
        assert_eq!(response.header("access-control-allow-credentials"), None);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn others_and_the_local_routes_stay_closed() -> Result {
    let sandbox = Sandbox::builder().cors(PAGE).start().await?;
    let foreign = [
        (PATH, "http://localhost:5174"),
        (PATH, "https://localhost:5173"),
        (PATH, "http://localhost:5173.evil.example"),
        (PATH, "http://localhost:5173, http://evil.example"),
        (PATH, "null"),
        ("/_sandbox/journal", PAGE),
        ("/_sandbox/reset", PAGE),
        ("/_sandbox/page/app.js", PAGE),
        ("/health", PAGE),
        ("/", PAGE),
    ];
    for (path, origin) in foreign {
        for method in ["GET", "POST", "DELETE"] {
            let response = send(&sandbox, &format!("{method} {path}"), origin, "Authorization: Bearer t\r\n", "");
            response.refused(403);
            assert_eq!(response.header("access-control-allow-origin"), None, "{method} {path} {origin}");
        }
        let asked = preflight(&sandbox, path, origin);
        assert_eq!((asked.status, asked.header("access-control-allow-origin")), (403, None), "{path} {origin}");
    }
    // The name by which the page calls the sandbox must be known all the same.
    let rebound = format!("GET {PATH} HTTP/1.1\r\nHost: evil.example\r\nOrigin: {PAGE}\r\n\r\n");
    assert!(ask(&sandbox, rebound).refused(403).contains("--allow-host"));
    let refused = send(&sandbox, &format!("GET {PATH}"), "http://localhost:1", "", "").refused(403);
    assert!(refused.contains("--cors"), "{refused}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_do_not_meet_the_questions_of_a_browser() -> Result {
    let sandbox = Sandbox::builder().cors(PAGE).start().await?;
    let fault = r#"{"faults":[{"times":1,"fault":{"close":{"at":"arrival"}}}]}"#;
    assert_eq!(control(&sandbox, "PUT", "faults", fault).status, 204);
    assert_eq!(preflight(&sandbox, PATH, PAGE).status, 204);
    assert_eq!(sandbox.faults().faults.len(), 1);
    let answer = r#"{"faults":[{"fault":{"answer":{"status":503}}}]}"#;
    assert_eq!(control(&sandbox, "PUT", "faults", answer).status, 204);
    let response = send(&sandbox, &format!("GET {PATH}"), PAGE, "Authorization: Bearer t\r\n", "");
    assert_eq!((response.status, response.header("access-control-allow-origin")), (503, Some(PAGE)));
    Ok(())
}
