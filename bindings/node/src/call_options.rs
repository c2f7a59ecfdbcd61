//! The options of a call.

use ocamba_hood::{CallOptions, Client};

use crate::failure::Failure;
use crate::options::{Options, Wrong};

/// The options of a call of this operation, from JSON. `reconcileTimeout` goes with those that look whether something has come to be.
pub fn read(text: &str, operation: &str, client: &Client) -> Result<CallOptions, Wrong> {
    let mut options = Options::read(text)?;
    let reconciles = matches!(operation, "ensure" | "find_created");
    let defaults = client.call_options();
    let reconcile_timeout = if reconciles { options.milliseconds_or_none("reconcileTimeout")? } else { None };
    let call_options = CallOptions {
        timeout: options.milliseconds("timeout")?.unwrap_or(defaults.timeout),
        connect_timeout: options.milliseconds("connectTimeout")?.unwrap_or(defaults.connect_timeout),
        max_retries: options.count("maxRetries")?.unwrap_or(defaults.max_retries),
        reconcile_timeout: reconcile_timeout.unwrap_or(defaults.reconcile_timeout),
    };
    options.end(match reconciles {
        true => "signal, timeout, connectTimeout, maxRetries, reconcileTimeout",
        false => "signal, timeout, connectTimeout, maxRetries",
    })?;
    Ok(call_options)
}

impl From<Wrong> for Failure {
    fn from(Wrong { name, what }: Wrong) -> Self {
        // Options that are no object are named as they are.
        let field = if name == "options" { name } else { format!("options.{name}") };
        Self::validation(field, what)
    }
}
