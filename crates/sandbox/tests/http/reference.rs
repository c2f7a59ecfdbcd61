//! The reference at `/docs`: what is served, and that nothing of it leads elsewhere.

use ocamba_sandbox::Sandbox;
use serde_json::Value;

use crate::Result;
use crate::client::{Answer, ask};

const PATHS: [&str; 6] =
    ["/docs", "/docs/", "/docs/page.css", "/docs/page.js", "/docs/scalar.js", "/docs/openapi.json"];

fn get(sandbox: &Sandbox, path: &str, host: &str) -> Answer {
    ask(sandbox, format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_there_without_a_token_and_leaves_no_trace() -> Result {
    let sandbox = Sandbox::builder().token("secret").burst(1).start().await?;
    for path in PATHS {
        let answer = get(&sandbox, path, "localhost");
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.body.is_empty(), "{path}");
        get(&sandbox, path, "evil.example").refused(403);
    }
    assert!(sandbox.journal().is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_the_pages_name_is_served_here() -> Result {
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
async fn only_scripts_of_this_server_are_run_and_no_other_is_asked() -> Result {
    let sandbox = Sandbox::start().await?;
    for path in PATHS {
        let answer = get(&sandbox, path, "localhost");
        let policy = answer.header("content-security-policy").unwrap();
        for rule in ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"] {
            assert!(policy.split("; ").any(|it| it == rule), "{path}: {rule}");
        }
        assert!(!policy.contains("unsafe-eval") && !policy.contains("http"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
    }
    let script = get(&sandbox, "/docs/scalar.js", "localhost");
    assert_eq!((script.header("content-encoding"), &script.body[..2]), (Some("gzip"), [0x1f, 0x8b].as_slice()));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_the_one_that_is_behaved_by() -> Result {
    let sandbox = Sandbox::start().await?;
    let served = get(&sandbox, "/docs/openapi.json", "localhost").json();
    let document: Value = serde_json::from_str(include_str!("../../hood.json"))?;
    assert_eq!(served, document);
    Ok(())
}
