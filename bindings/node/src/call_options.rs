//! The options of a call.

use ocamba_hood::Overrides;

use crate::failure::Failure;
use crate::options::{Options, Wrong};

/// The options of a call of this operation, from JSON. `settle` goes with those that look whether something has come to be.
pub fn read(text: &str, operation: &str) -> Result<Overrides, Wrong> {
    let mut options = Options::read(text)?;
    let settles = matches!(operation, "ensure" | "find_created");
    let overrides = Overrides {
        timeout: options.milliseconds("timeout")?,
        connect_timeout: options.milliseconds("connectTimeout")?,
        max_retries: options.count("maxRetries")?,
        settle: if settles { options.milliseconds_or_none("settle")? } else { None },
    };
    options.end(match settles {
        true => "signal, timeout, connectTimeout, maxRetries, settle",
        false => "signal, timeout, connectTimeout, maxRetries",
    })?;
    Ok(overrides)
}

impl From<Wrong> for Failure {
    fn from(Wrong { name, what }: Wrong) -> Self {
        // Options that are no object are named as they are.
        let field = if name == "options" { name } else { format!("options.{name}") };
        Self::validation(field, what)
    }
}
