//! The options of a call.

use std::time::Duration;

use ocamba_hood::{Call, Received, Scan};

use crate::failure::Failure;
use crate::options::{Options, Wrong};

/// What can be said of one call.
pub struct CallOptions {
    timeout: Option<Duration>,
    connect_timeout: Option<Duration>,
    max_retries: Option<u32>,
    settle: Option<Duration>,
}

impl CallOptions {
    /// From JSON. `settle` goes with the operations that look whether something has come to be.
    pub fn read(text: &str, operation: &str) -> Result<Self, Wrong> {
        let mut options = Options::read(text)?;
        let settles = matches!(operation, "ensure" | "find_created");
        let read = Self {
            timeout: options.milliseconds("timeout")?,
            connect_timeout: options.milliseconds("connectTimeout")?,
            max_retries: options.count("maxRetries")?,
            settle: if settles { options.milliseconds_or_none("settle")? } else { None },
        };
        options.end(match settles {
            true => "signal, timeout, connectTimeout, maxRetries, settle",
            false => "signal, timeout, connectTimeout, maxRetries",
        })?;
        Ok(read)
    }

    /// The call with them.
    pub fn set_of<'a>(&self, mut call: Call<'a, Received>) -> Call<'a, Received> {
        if let Some(timeout) = self.timeout {
            call = call.timeout(timeout);
        }
        if let Some(timeout) = self.connect_timeout {
            call = call.connect_timeout(timeout);
        }
        if let Some(retries) = self.max_retries {
            call = call.max_retries(retries);
        }
        if let Some(settle) = self.settle {
            call = call.settle(settle);
        }
        call
    }

    /// Sets them for each page of a list.
    pub fn set_of_scan(&self, scan: &mut Scan) {
        if let Some(timeout) = self.timeout {
            scan.timeout(timeout);
        }
        if let Some(timeout) = self.connect_timeout {
            scan.connect_timeout(timeout);
        }
        if let Some(retries) = self.max_retries {
            scan.max_retries(retries);
        }
    }
}

impl From<Wrong> for Failure {
    fn from(Wrong { name, what }: Wrong) -> Self {
        // Options that are no object are named as they are.
        let field = if name == "options" { name } else { format!("options.{name}") };
        Self::validation(field, what)
    }
}
