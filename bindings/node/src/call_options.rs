//! The options of a call.

use ocamba_hood::{CallOptions, Client};

use crate::failure::Failure;
use crate::options::{InvalidOption, Options};

/// Reads the options of a call from JSON. Only calls that search for a create have `reconcileTimeout`.
pub fn read(text: &str, operation: &str, client: &Client) -> Result<CallOptions, InvalidOption> {
    let mut call_options = client.call_options();
    let reconciles = matches!(operation, "ensure" | "find_created");
    apply(text, reconciles, &mut call_options)?;
    Ok(call_options)
}

fn apply(text: &str, reconciles: bool, call_options: &mut CallOptions) -> Result<(), InvalidOption> {
    let mut options = Options::read(text)?;
    set(&mut call_options.timeout, options.milliseconds("timeout")?);
    set(&mut call_options.connect_timeout, options.milliseconds("connectTimeout")?);
    set(&mut call_options.max_retries, options.count("maxRetries")?);
    if !reconciles {
        return options.end("signal, timeout, connectTimeout, maxRetries");
    }
    set(&mut call_options.reconcile_timeout, options.milliseconds_or_zero("reconcileTimeout")?);
    options.end("signal, timeout, connectTimeout, maxRetries, reconcileTimeout")
}

fn set<T>(option: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *option = value;
    }
}

impl From<InvalidOption> for Failure {
    fn from(InvalidOption { name, message }: InvalidOption) -> Self {
        // Options that are not an object have no prefix.
        let field = if name == "options" { name } else { format!("options.{name}") };
        Self::validation(field, message)
    }
}
