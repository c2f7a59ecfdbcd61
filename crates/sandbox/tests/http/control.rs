//! The control of a sandbox: its guards and its effects.

use std::net::SocketAddr;

use ocamba_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::Result;
use crate::client::{Response, ask, control, create, examples, named, right};

const PATHS: [(&str, &str); 9] = [
    ("GET", "journal"),
    ("DELETE", "journal"),
    ("GET", "faults"),
    ("PUT", "faults"),
    ("POST", "faults"),
    ("DELETE", "faults"),
    ("GET", "integrations"),
    ("POST", "reset"),
    ("GET", "nothing"),
];

fn call(sandbox: &Sandbox, (method, path): (&str, &str), headers: &str) -> Response {
    ask(sandbox, format!("{method} /_sandbox/{path} HTTP/1.1\r\n{headers}\r\n\r\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn control_refuses_pages_of_other_origins() -> Result {
    let sandbox = Sandbox::builder().token("secret").start().await?;
    ask(&sandbox, create(right()));
    for path in PATHS {
        for headers in [
            "X: no host",
            "Host: evil.example",
            "Host: localhost.evil.example",
            "Host: localhost\r\nHost: evil.example",
            "Host: localhost\r\nOrigin: http://evil.example",
            "Host: localhost\r\nOrigin: null",
            "Host: localhost:1\r\nOrigin: http://localhost:2",
            // Not even with the token, which a browser may have.
            "Host: evil.example\r\nAuthorization: Bearer secret",
        ] {
            call(&sandbox, path, headers).refused(403);
        }
    }
    assert_eq!(sandbox.journal().len(), 1);
    for headers in ["Host: localhost", "Host: 127.0.0.1:1\r\nOrigin: http://127.0.0.1:1", "Host: [::1]"] {
        let response = call(&sandbox, ("GET", "journal"), headers);
        assert_eq!(response.status, 200);
        assert_eq!(response.header("access-control-allow-origin"), None);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn control_requires_the_token_when_not_on_loopback() -> Result {
    let everywhere = SocketAddr::from(([0, 0, 0, 0], 0));
    let closed = Sandbox::builder().listen(everywhere).token("secret").start().await?;
    for path in PATHS {
        call(&closed, path, "Host: localhost").refused(401);
        call(&closed, path, "Host: localhost\r\nAuthorization: Bearer wrong").refused(401);
    }
    assert_eq!(call(&closed, ("GET", "journal"), "Host: far\r\nAuthorization: Bearer secret").status, 200);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn control_counts_in_no_limit_and_no_journal() -> Result {
    let sandbox = Sandbox::builder().burst(0).steady(1).max_in_flight(1).start().await?;
    for _ in 0..5 {
        let response = control(&sandbox, "GET", "journal", "");
        assert_eq!((response.status, response.header("x-ratelimit-limit")), (200, None));
    }
    assert_eq!(ask(&sandbox, create(right())).status, 201);
    assert_eq!(control(&sandbox, "GET", "journal", "").json().as_array().unwrap().len(), 1);
    control(&sandbox, "GET", "nothing", "").refused(404);
    control(&sandbox, "PATCH", "faults", "").refused(405);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn control_lists_integrations_with_names_and_providers() -> Result {
    let sandbox = Sandbox::builder().no_limits().start().await?;
    let ids = ["one", "two"].map(|name| ask(&sandbox, create(named(name))).json()["id"].clone());
    let provider = examples()[0].0["provider_id"].clone();
    let expected = json!([
        { "id": ids[0], "name": "one", "provider_id": provider },
        { "id": ids[1], "name": "two", "provider_id": provider },
    ]);
    assert_eq!(control(&sandbox, "GET", "integrations", "").json(), expected);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn reset_restores_the_start() -> Result {
    let fault: Value = json!({ "faults": [{ "times": 1, "fault": { "answer": { "status": 503 } } }] });
    let sandbox = Sandbox::builder().burst(0).steady(3).faults(fault.to_string().parse()?).start().await?;
    let statuses = || [(); 4].map(|()| ask(&sandbox, create(right()))).map(|response| response.status);
    let ids = || sandbox.integrations().into_iter().map(|it| it.id).collect::<Vec<_>>();
    assert_eq!(statuses(), [503, 201, 201, 429]);
    let first = ids();
    assert_eq!(control(&sandbox, "PUT", "faults", r#"{"faults":[{"fault":{"hang":{}}}]}"#).status, 204);
    assert_eq!(control(&sandbox, "POST", "reset", "").status, 204);
    assert_eq!((sandbox.journal().len(), ids().len(), sandbox.faults().faults.len()), (0, 0, 1));
    assert_eq!(statuses(), [503, 201, 201, 429]);
    assert_eq!((ids(), sandbox.journal()[0].id), (first, 1));
    Ok(())
}
