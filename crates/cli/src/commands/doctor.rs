//! `ocamba doctor`: one line for each thing that a call needs, and what to do where one is missing.

use std::time::{Duration, SystemTime};

use clap::Args;
use ocamba_hood::{Client, Error, RateLimit, Stage};
use ocamba_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::parts::packages;
use crate::parts::table::{ATTENTION, BAD, Cell, DIM, DONE, NAME, align};
use crate::shared::account::{self, Account, Origin};
use crate::shared::failure::{Exit, Failure};
use crate::shared::options::Global;
use crate::shared::{calls, output};

/// Difference of two clocks at which certificates and dates of a server may be misjudged.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(60);

#[derive(Args)]
pub struct Options {
    /// Check this program with a sandbox in this process, without a network
    #[arg(long)]
    sandbox: bool,
}

/// Result of one check.
struct Check {
    name: &'static str,
    status: Status,
    detail: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Status {
    Ok,
    /// Works, but is not as it should be.
    Warning,
    Failed,
    /// Could not be checked, because something before it failed.
    Skipped,
}

impl Status {
    fn code(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// Checks everything, prints it, and fails if a check failed.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let checks = calls::block_on(async {
        match options.sandbox {
            true => of_sandbox(global).await,
            false => Ok::<_, Failure>(all(global).await),
        }
    })?;
    let value: Vec<Value> = checks
        .iter()
        .map(|check| json!({ "check": check.name, "status": check.status.code(), "detail": check.detail }))
        .collect();
    output::print(global.output, &Value::Array(value), || {
        let row = |check: &Check| {
            let style = match check.status {
                Status::Ok => DONE,
                Status::Warning => ATTENTION,
                Status::Failed => BAD,
                Status::Skipped => DIM,
            };
            vec![Cell::styled(check.status.code(), style), Cell::styled(check.name, NAME), Cell::new(&check.detail)]
        };
        align(&checks.iter().map(row).collect::<Vec<_>>(), 0)
    })?;
    match checks.iter().filter(|check| check.status == Status::Failed).count() {
        0 => Ok(()),
        1 => Err(Failure::new(Exit::Failed, "1 check failed").hint("its line says what to do")),
        count => Err(Failure::new(Exit::Failed, format!("{count} checks failed")).hint("begin with the first")),
    }
}

async fn of_sandbox(global: &Global) -> Result<Vec<Check>, Failure> {
    let sandbox = Sandbox::builder().start().await.map_err(|e| Failure::other(format!("no sandbox: {e}")))?;
    let builder = account::builder(global).base_url(sandbox.base_url()).token("any-token-will-do");
    let client = builder.rate_limit(RateLimit::memory()).build().map_err(|e| Failure::other(e.to_string()))?;
    let mut checks = versions();
    checks.extend(of_client(&client).await);
    Ok(checks)
}

async fn all(global: &Global) -> Vec<Check> {
    let mut checks = versions();
    let account = match Account::of(global) {
        Ok(account) => account,
        Err(failure) => {
            checks.push(failed("configuration", &failure));
            return checks;
        }
    };
    let from = |(value, origin): &(Option<String>, Origin), default: &str| {
        let value = value.as_deref().unwrap_or(default);
        format!("{value} (from {})", json!(origin).as_str().unwrap_or_default())
    };
    let profile = account.profile.as_ref().map_or("none", |(name, _)| name);
    checks.push(Check::new("profile", Status::Ok, profile));
    checks.push(Check::new("rate limit", Status::Ok, from(&account.shown_rate_limit(), "shared")));
    let client = match account.client(global) {
        Ok(client) => {
            let origin = json!(account.token_origin());
            let origin = origin.as_str().unwrap_or_default();
            checks.push(Check::new("base URL", Status::Ok, from(&account.base_url, client.base_url())));
            checks.push(Check::new("token", Status::Ok, format!("set (from {origin})")));
            client
        }
        Err(failure) => {
            checks.push(failed("configuration", &failure));
            // The network can be checked without a token.
            let mut builder = account::builder(global).token("none").rate_limit(RateLimit::off());
            if let (Some(url), _) = &account.base_url {
                builder = builder.base_url(url);
            }
            if let Ok(client) = builder.build() {
                checks.extend(network(&client).await);
            }
            return checks;
        }
    };
    checks.push(match global.keyring().is_available() {
        Ok(()) => Check::new("keyring", Status::Ok, "can be used"),
        Err(why) => Check::new("keyring", Status::Warning, format!("none, tokens are kept in files: {why}")),
    });
    checks.extend(of_client(&client).await);
    checks
}

/// Checks the network, and then the token by one read.
async fn of_client(client: &Client) -> Vec<Check> {
    let mut checks = network(client).await;
    if checks.iter().any(|check| check.status == Status::Failed) {
        let after = |name| Check::new(name, Status::Skipped, "needs a connection");
        checks.extend(["API", "clock"].map(after));
    } else {
        let read = client.integrations().list().page_size(1).page(1).max_retries(0).with_response().await;
        checks.push(match &read {
            Ok(_) => Check::new("API", Status::Ok, "accepts the token"),
            Err(error) => Check::new("API", Status::Failed, refusal(error)),
        });
        let date =
            read.ok().and_then(|response| httpdate::parse_http_date(response.headers.get("date")?.to_str().ok()?).ok());
        checks.push(date.map_or_else(|| Check::new("clock", Status::Skipped, "the server sent no date"), clock));
    }
    checks.push(match client.rate_limit_status().await {
        Ok(status) => {
            let used = format!("{} of {} requests in this minute", status.used_in_minute, status.tier.steady);
            match status.fallback_reason {
                None => Check::new("limit state", Status::Ok, format!("{used}, kept in: {}", status.storage)),
                Some(why) => Check::new(
                    "limit state",
                    Status::Warning,
                    format!("{used}, not shared with other processes: {why}"),
                ),
            }
        }
        Err(error) => Check::new("limit state", Status::Failed, error.to_string()),
    });
    checks
}

async fn network(client: &Client) -> Vec<Check> {
    let name = |code: &str| match code {
        "name" => "name",
        "tcp" => "TCP",
        "proxy" => "proxy",
        _ => "TLS",
    };
    let probes = client.probe().await;
    let check = |probe: &ocamba_hood::Probe| match &probe.result {
        Ok(found) => {
            Check::new(name(probe.stage.code()), Status::Ok, format!("{found} ({} ms)", probe.duration.as_millis()))
        }
        Err(why) if probe.stage == Stage::Name => {
            let advice = "check the network and its DNS, or whether it needs a proxy";
            Check::new("name", Status::Failed, format!("{why}; {advice}"))
        }
        Err(why) => Check::new(name(probe.stage.code()), Status::Failed, why),
    };
    probes.iter().map(check).collect()
}

fn clock(server: SystemTime) -> Check {
    let (difference, word) = match SystemTime::now().duration_since(server) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    if difference <= CLOCK_TOLERANCE {
        return Check::new("clock", Status::Ok, "agrees with the server's");
    }
    let detail = format!("{} s {word} the server's; set it, for example by NTP", difference.as_secs());
    Check::new("clock", Status::Warning, detail)
}

fn refusal(error: &Error) -> String {
    match error.status().map(|status| status.as_u16()) {
        Some(401) => format!("{error}; check the token: 'ocamba auth login' stores another"),
        Some(403) => format!("{error}; ask for the permission to list integrations"),
        _ => error.to_string(),
    }
}

/// Checks the program, and the packages for other languages, which start it.
fn versions() -> Vec<Check> {
    let own = env!("CARGO_PKG_VERSION");
    let system = format!("{own} on {} {}", std::env::consts::OS, std::env::consts::ARCH);
    let mut checks = vec![Check::new("ocamba", Status::Ok, system)];
    checks.extend(packages::installed().into_iter().map(|package| {
        let found = format!("{} {} in {}", package.name, package.version, package.folder.display());
        match package.version == own {
            true => Check::new(package.language, Status::Ok, found),
            false => Check::new(
                package.language,
                Status::Warning,
                format!("{found}; install the version of this program, {own}"),
            ),
        }
    }));
    checks
}

fn failed(name: &'static str, failure: &Failure) -> Check {
    Check::new(name, Status::Failed, failure.advice())
}

impl Check {
    fn new(name: &'static str, status: Status, detail: impl Into<String>) -> Self {
        Self { name, status, detail: detail.into() }
    }
}
