//! Options that every command accepts.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::output::Format;
use super::{paths, profiles};
use crate::parts::keyring::Keyring;
use crate::parts::shell;

/// Time for which a call and the system's keyring are waited for, unless the user gives another.
const TIMEOUT: Duration = Duration::from_secs(120);

/// The global options.
#[derive(Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Profile to use; 'ocamba auth list' shows all
    // Not clap's `env`: an empty variable counts as unset.
    #[arg(long, global = true, value_name = "NAME", value_parser = profiles::name)]
    pub profile: Option<String>,

    /// URL of the API [default: api.ocamba.com]
    // Not clap's `env`: a variable must not conflict with `--sandbox`.
    #[arg(long, global = true, value_name = "URL")]
    pub base_url: Option<String>,

    /// Timeout of a call with retries [default: 120]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    pub timeout: Option<Duration>,

    /// Proxy: system, off or a URL [default: system]
    #[arg(long, global = true, value_name = "PROXY")]
    pub proxy: Option<String>,

    /// Certificates to trust as well, in PEM
    #[arg(long, global = true, value_name = "FILE", value_parser = paths::parser())]
    pub root_certificates: Option<PathBuf>,

    /// The client's certificate and key, in PEM
    #[arg(long, global = true, value_name = "FILE", value_parser = paths::parser())]
    pub client_certificate: Option<PathBuf>,

    /// Private host that may be used with plain http
    #[arg(long, global = true, value_name = "HOST")]
    pub http_host: Option<String>,

    /// json, jsonl, yaml or table; piped: json
    #[arg(long, global = true, value_name = "FORMAT", value_enum, hide_possible_values = true)]
    pub output: Option<Format>,

    /// Show secrets instead of [REDACTED]
    #[arg(long, global = true)]
    pub reveal: bool,

    /// Show each request, wait and retry on stderr
    #[arg(long, global = true)]
    pub debug: bool,
}

impl Global {
    /// Returns true if failures are reported as JSON too.
    pub fn is_json(&self) -> bool {
        matches!(self.output, Some(Format::Json | Format::Jsonl))
    }

    /// Returns the system's keyring, which answers within the timeout.
    pub fn keyring(&self) -> Keyring {
        Keyring::new(self.timeout.unwrap_or(TIMEOUT))
    }

    /// Returns this program with the options that choose the account, for commands that hints propose.
    pub fn program(&self) -> String {
        let options = [("--profile", &self.profile), ("--base-url", &self.base_url)];
        let given =
            |(name, value): (&str, &Option<String>)| Some(format!(" {name} {}", shell::quoted(value.as_ref()?)));
        std::iter::once("ocamba".to_owned()).chain(options.into_iter().filter_map(given)).collect()
    }
}

/// Parses a duration in seconds.
pub fn seconds(text: &str) -> Result<Duration, String> {
    let duration = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| "expected a number of seconds above zero, as 30 or 0.5".into())
}
