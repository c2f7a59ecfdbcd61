//! Prism, a proxy between each client and the sandbox, compares every request and response with the document.
//!
//! Its version 5.14 is the last that supports the oldest Node version of the package.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::server::Server;
use crate::{Result, codegen, conformance, root, tools};

/// A request that violates the document. Its violation marks the end of a run, and shows that Prism works.
const LAST: &str = "/v1/hood/integrations/the-last?fields=nothing";
const LAST_VIOLATION: &str = "request.query.fields ";
/// How many violations of a language to print: one error may violate the document in each item of a list.
const MOST: usize = 20;

/// Fails when a client sends, or the sandbox responds, anything that violates the document.
///
/// The cases of the conformance suite without faults go through Prism. The step `conformance` runs all of them.
pub fn test() -> Result {
    let file = root().join("target/prism/plan.json");
    let sandbox = conformance::prepare(&file, &[], &[])?;
    let mut plan = conformance::read(&file)?;
    let mut prism = tools::npm("xtask/npm", "prism")?;
    // Without `--errors`, Prism reports violations and forwards requests, and so also sees responses to wrong requests.
    let document = root().join("target/prism/hood.json");
    let mut widened = conformance::read(&root().join("openapi/hood.json"))?;
    codegen::spec::widen_parameters(&mut widened);
    std::fs::write(&document, widened.to_string())?;
    prism.arg("proxy").arg(document).args([&sandbox.url, "--port", "0"]);
    prism.env("NO_COLOR", "1").env_remove("FORCE_COLOR");
    let prism = Server::start(prism)?;
    let requests = redirect(&prism.url, &mut plan);
    std::fs::write(&file, plan.to_string())?;

    let mut failed = Vec::new();
    for language in conformance::LANGUAGES {
        let (passed, _) = conformance::run_in(language, language, &file, &[])?;
        let seen = Seen::by(&prism)?;
        println!("  Prism saw {} requests and {} violations", seen.requests, seen.violations.len());
        for violation in seen.violations.iter().take(MOST) {
            println!("  VIOLATION {violation}");
        }
        if seen.violations.len() > MOST {
            println!("  and {} more", seen.violations.len() - MOST);
        }
        if seen.requests < requests {
            println!("  expected at least {requests} requests");
        }
        if !passed || !seen.violations.is_empty() || seen.requests < requests {
            failed.push(language);
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    let fix = format!("Fix openapi/hood.yaml (then run: {}), the sandbox, or the client.", codegen::COMMAND);
    Err(format!("{failed:?} failed\n{fix}").into())
}

/// Sends the clients of a plan to another address, keeps the cases that can go there, and counts their requests.
fn redirect(url: &str, plan: &mut Value) -> u64 {
    let (sandbox, token) = (plan["sandbox"].clone(), plan["token"].clone());
    let to_sandbox = |url: &Value| url.as_str().map(|url| url.trim_end_matches('/')) == sandbox.as_str();
    let mut requests = 0;
    if let Some(cases) = plan["cases"].as_array_mut() {
        cases.retain(|case| {
            is_valid(case) && case["client"]["token"] == token && to_sandbox(&case["client"]["base_url"])
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

/// Whether a case has no faults, sends a request, and sends none that the server rejects.
fn is_valid(case: &Value) -> bool {
    let calls = case["calls"].as_array().map(Vec::as_slice).unwrap_or_default();
    let rejected = |call: &Value| [json!(400), json!(401)].contains(&call["error"]["status"]);
    case["faults"] == json!([]) && case["requests"] != 0 && !calls.iter().any(rejected)
}

/// What Prism reported since the last look.
struct Seen {
    requests: u64,
    violations: BTreeSet<String>,
}

impl Seen {
    fn by(prism: &Server) -> Result<Self> {
        let (path, _) = LAST.split_once('?').unwrap_or((LAST, ""));
        // The sandbox has no such integration; what matters is Prism's report.
        let _ = prism.request("GET", LAST, "");
        let mut seen = Self { requests: 0, violations: BTreeSet::new() };
        let mut request = String::new();
        loop {
            let line = prism.line().map_err(|e| format!("Prism did not report a wrong request: {e}"))?;
            if let Some((_, shown)) = line.split_once("[HTTP SERVER] ") {
                request = shown.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
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
