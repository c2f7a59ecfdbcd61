//! The reference at `/docs`: its files, and that none of them lead elsewhere.

use ocamba_sandbox::Sandbox;
use serde_json::Value;

use crate::Result;
use crate::client::{Response, ask};

const PATHS: [&str; 6] =
    ["/docs", "/docs/", "/docs/page.css", "/docs/page.js", "/docs/scalar.js", "/docs/openapi.json"];

fn get(sandbox: &Sandbox, path: &str, host: &str) -> Response {
    ask(sandbox, format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn reference_needs_no_token_and_is_not_in_the_journal() -> Result {
    let sandbox = Sandbox::builder().token("secret").burst(1).start().await?;
    for path in PATHS {
        let response = get(&sandbox, path, "localhost");
        assert_eq!(response.status, 200, "{path}");
        assert!(!response.body.is_empty(), "{path}");
        get(&sandbox, path, "evil.example").refused(403);
    }
    assert!(sandbox.journal().is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn reference_refers_only_to_served_files() -> Result {
    let sandbox = Sandbox::start().await?;
    for path in ["/docs", "/docs/page.css", "/docs/page.js"] {
        let text = String::from_utf8(get(&sandbox, path, "localhost").body)?;
        assert!(!text.contains("//cdn") && !text.contains("http:") && !text.contains("https:"), "{path}");
        let named: Vec<_> = text.split('"').filter(|word| word.starts_with("/docs/")).collect();
        assert_eq!(named.is_empty(), path.ends_with(".css"), "{path}");
        for name in named {
            assert_eq!(get(&sandbox, name, "localhost").status, 200, "{name}");
        }
    }
    get(&sandbox, "/docs/nothing", "localhost").refused(404);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn reference_allows_only_this_server() -> Result {
    let sandbox = Sandbox::start().await?;
    for path in PATHS {
        let response = get(&sandbox, path, "localhost");
        let policy = response.header("content-security-policy").unwrap();
        for rule in ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"] {
            assert!(policy.split("; ").any(|it| it == rule), "{path}: {rule}");
        }
        assert!(!policy.contains("unsafe-eval") && !policy.contains("http"), "{path}");
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(response.header("access-control-allow-origin"), None, "{path}");
    }
    let script = get(&sandbox, "/docs/scalar.js", "localhost");
    assert_eq!((script.header("content-encoding"), &script.body[..2]), (Some("gzip"), [0x1f, 0x8b].as_slice()));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn reference_serves_the_document_of_the_sandbox() -> Result {
    let sandbox = Sandbox::start().await?;
    let served = get(&sandbox, "/docs/openapi.json", "localhost").json();
    let document: Value = serde_json::from_str(include_str!("../../hood.json"))?;
    assert_eq!(served, document);
    Ok(())
}
