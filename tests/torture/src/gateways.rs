//! Creates through nginx and HAProxy, which give up, refuse and block after the server has committed: every outcome is true.
//!
//! A gateway that sends a create again (nginx with `proxy_next_upstream ... non_idempotent`, HAProxy with `retry-on` and
//! `all-retryable-errors`) makes two of one request. No client can prevent that, so these do not.

use std::path::Path;
use std::time::Duration;

use ocamba_sandbox::Sandbox;
use serde_json::json;

use crate::Result;
use crate::support::LocalServer;
use crate::workers::{RETRIES, Task, checked_creates, languages};

const IN_FLIGHT: usize = 32;
/// Timeout of a call, in seconds: longer than that of the gateways, mostly.
const TIMEOUT: f64 = 0.6;
/// Time that a gateway gives the server.
const GATEWAY_TIMEOUT: &str = "150ms";
/// Longer than the gateway's timeout.
const DELAY: Duration = Duration::from_millis(400);
/// Statuses that a gateway may answer with whatever the server did. Those that mean that a request was never passed on
/// (400, 401, 404 and others) would be lies.
const STATUSES: [u16; 11] = [200, 302, 403, 408, 409, 429, 499, 500, 502, 503, 504];

/// Makes `creates` creates through each gateway, in each language.
pub async fn run(creates: usize, seed: u64) -> Result {
    let folder = tempfile::tempdir()?;
    for gateway in ["nginx", "haproxy"] {
        for language in languages() {
            let faults = faults(seed).to_string().parse()?;
            let sandbox = Sandbox::builder().no_limits().journal(creates * 4).faults(faults).start().await?;
            let server = match gateway {
                "nginx" => nginx(folder.path(), &sandbox).await?,
                _ => haproxy(folder.path(), &sandbox).await?,
            };
            let base_url = format!("http://127.0.0.1:{}", server.port);
            let environment = vec![("OCAMBA_RATE_LIMIT", "off".into())];
            let task =
                Task { base_url: &base_url, in_flight: IN_FLIGHT, timeout: TIMEOUT, max_retries: RETRIES, environment };
            let prefix = format!("{gateway}-");
            let made = checked_creates(language, &task, (&prefix, creates), &sandbox, DELAY * 2).await;
            let (_, text) = made.map_err(|e| format!("{gateway}, {language}: {e}"))?;
            println!("  {gateway}, {language}: {text}");
        }
    }
    Ok(())
}

/// Returns faults of the server behind a gateway, for half of the requests.
fn faults(seed: u64) -> serde_json::Value {
    let delay = u64::try_from(DELAY.as_millis()).unwrap_or(u64::MAX);
    let kinds = [
        json!({ "delay": { "ms": delay, "at": "commit" } }),
        json!({ "delay": { "ms": delay, "at": "read" } }),
        json!({ "hang": { "at": "commit" } }),
        json!({ "hang": { "at": "read" } }),
        json!({ "close": { "at": "arrival" } }),
        json!({ "close": { "at": "read" } }),
        json!({ "close": { "at": "commit" } }),
        json!({ "reset": { "at": "commit" } }),
        json!({ "close": { "at": { "answer": 40 } } }),
        json!({ "reset": { "at": { "answer": 300 } } }),
        json!({ "answer": { "status": 201, "at": "commit", "body": { "hex": "fffe00" } } }),
        json!({ "answer": { "status": 500, "at": "commit" } }),
        json!({ "answer": { "status": 429, "headers": { "Retry-After": "0" } } }),
    ];
    let each = 0.5 / kinds.len() as f64;
    json!({ "seed": seed, "faults": kinds.map(|fault| json!({ "probability": each, "fault": fault })) })
}

/// Starts an nginx that answers with any of the statuses where the server failed.
async fn nginx(folder: &Path, sandbox: &Sandbox) -> Result<LocalServer> {
    let share = 100 / STATUSES.len();
    let shares: String = STATUSES[1..].iter().map(|status| format!("    {share}% {status};\n")).collect();
    let pages: String = STATUSES
        .iter()
        .map(|status| match status {
            302 => "    location /302 { internal; return 302 /elsewhere; }\n".to_owned(),
            _ => format!("    location /{status} {{ internal; return {status} \"<h1>{status}</h1>\"; }}\n"),
        })
        .collect();
    LocalServer::start("nginx", "nginx-light", |port| {
        let configuration = folder.join("nginx.conf");
        std::fs::write(
            &configuration,
            format!(
                r#"
daemon off;
master_process off;
pid nginx.pid;
error_log /dev/null;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  default_type text/html;
  client_body_temp_path client; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  split_clients "$request_id" $status_shown {{
{shares}    * {first};
  }}
  server {{
    listen 127.0.0.1:{port};
    location /v1/ {{
      proxy_pass http://{upstream};
      proxy_read_timeout {GATEWAY_TIMEOUT};
      error_page 502 504 = /$status_shown;
    }}
{pages}  }}
}}
"#,
                first = STATUSES[0],
                upstream = sandbox.address(),
            ),
        )?;
        Ok(vec!["-p".into(), folder.into(), "-c".into(), configuration.into(), "-e".into(), "/dev/null".into()])
    })
    .await
}

/// Starts an HAProxy that blocks some responses of the server, with any of the statuses that it can.
async fn haproxy(folder: &Path, sandbox: &Sandbox) -> Result<LocalServer> {
    let can = STATUSES.iter().filter(|status| ![302, 409, 499].contains(*status));
    let rules: String =
        can.map(|status| format!("  http-response deny deny_status {status} if {{ rand(100) lt 3 }}\n")).collect();
    LocalServer::start("haproxy", "haproxy", |port| {
        let configuration = folder.join("haproxy.cfg");
        std::fs::write(
            &configuration,
            format!(
                "
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server {GATEWAY_TIMEOUT}
frontend gateway
  bind 127.0.0.1:{port}
  default_backend api
backend api
{rules}  server api {upstream}
",
                upstream = sandbox.address(),
            ),
        )?;
        Ok(vec!["-db".into(), "-q".into(), "-f".into(), configuration.into()])
    })
    .await
}
