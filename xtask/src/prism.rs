//! Prism, which knows only the document, stands between each client and the sandbox, and holds every request and every
//! answer against it.
//!
//! Its version 5.14 is the last that runs on the oldest Node that the package is for.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::server::{Server, TOKEN};
use crate::{Result, conformance, root, tools};

/// A request that the document does not allow. What Prism says of it ends what it says of a run, and shows that it looks.
const LAST: &str = "/v1/hood/integrations/the-last?fields=nothing";
const LAST_VIOLATION: &str = "request.query.fields ";
/// How many violations of a language are shown: one mistake makes one for each item of a list.
const MOST: usize = 20;

/// Fails when a client sends, or the sandbox answers, what the document does not say.
///
/// What goes through Prism are the cases of the conformance suite that have no faults. All of them are run by their own
/// step.
pub fn test() -> Result {
    let file = root().join("target/prism/plan.json");
    let sandbox = conformance::prepare(&file)?;
    let mut plan = conformance::read(&file)?;
    let mut prism = tools::npm("xtask/npm", "prism")?;
    // Without `--errors` it tells of what is wrong and lets it through: so it sees the answers to wrong requests, too.
    prism.args(["proxy", "openapi/hood.json", &sandbox.url, "--port", "0"]);
    prism.env("NO_COLOR", "1").env_remove("FORCE_COLOR").env_remove("NODE_OPTIONS");
    let prism = Server::start(prism)?;
    let requests = lead_through(&prism.url, &mut plan);
    std::fs::write(&file, plan.to_string())?;

    let mut failed = Vec::new();
    for language in conformance::LANGUAGES {
        let (passed, _) = conformance::run_in(language, &file)?;
        let seen = Seen::by(&prism)?;
        println!("  Prism saw {} requests and {} violations", seen.requests, seen.violations.len());
        for violation in seen.violations.iter().take(MOST) {
            println!("  VIOLATION {violation}");
        }
        if seen.violations.len() > MOST {
            println!("  and {} more", seen.violations.len() - MOST);
        }
        if seen.requests < requests {
            println!("  there should have been at least {requests} requests");
        }
        if !passed || !seen.violations.is_empty() || seen.requests < requests {
            failed.push(language);
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    let mend = "Mend openapi/hood.yaml (then run: cargo xtask codegen), the sandbox, or the client: which says what is not so?";
    Err(format!("there was something wrong in {failed:?}\n{mend}").into())
}

/// Sends the clients of a plan to another address, and leaves the cases that can go there. Says how many requests they make.
fn lead_through(url: &str, plan: &mut Value) -> u64 {
    let (sandbox, token) = (plan["sandbox"].clone(), plan["token"].clone());
    let to_sandbox = |url: &Value| url.as_str().map(|url| url.trim_end_matches('/')) == sandbox.as_str();
    let mut requests = 0;
    if let Some(cases) = plan["cases"].as_array_mut() {
        cases.retain(|case| {
            is_sound(case) && case["client"]["token"] == token && to_sandbox(&case["client"]["base_url"])
        });
        for case in cases {
            case["client"]["base_url"] = url.into();
            // The time that Prism takes is not the client's.
            case["at_most_ms"] = Value::Null;
            requests += case["requests"].as_u64().unwrap_or_default();
        }
    }
    requests
}

/// Whether a case has no faults, sends something, and nothing that the server is to refuse for what it is.
fn is_sound(case: &Value) -> bool {
    let calls = case["calls"].as_array().map(Vec::as_slice).unwrap_or_default();
    let refused = |call: &Value| [json!(400), json!(401)].contains(&call["error"]["status"]);
    case["faults"] == json!([]) && case["requests"] != 0 && !calls.iter().any(refused)
}

/// What Prism says of the requests since it was last looked at.
struct Seen {
    requests: u64,
    violations: BTreeSet<String>,
}

impl Seen {
    fn by(prism: &Server) -> Result<Self> {
        let (path, _) = LAST.split_once('?').unwrap_or((LAST, ""));
        send_last(&prism.url)?;
        let mut seen = Self { requests: 0, violations: BTreeSet::new() };
        let mut request = String::new();
        loop {
            let line = prism.line().map_err(|e| format!("Prism did not tell of a request that is wrong: {e}"))?;
            if let Some((_, told)) = line.split_once("[HTTP SERVER] ") {
                request = told.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
            }
            let wrong = line.split_once("Violation: ").or_else(|| line.split_once("terminated with error: "));
            if let Some((_, what)) = wrong {
                if request.ends_with(path) && what.starts_with(LAST_VIOLATION) {
                    return Ok(seen);
                }
                seen.violations.insert(format!("{request}: {what}"));
            }
            seen.requests += u64::from(line.contains("Request received") && !request.ends_with(path));
        }
    }
}

fn send_last(url: &str) -> Result {
    let address = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "GET {LAST} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\n\r\n"
    )?;
    stream.read_to_end(&mut Vec::new())?;
    Ok(())
}
