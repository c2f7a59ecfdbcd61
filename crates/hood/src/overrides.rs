//! What a call sets for itself, as bindings are told it.

use std::time::Duration;

use crate::client::CallOptions;

/// What a call sets for itself in place of the client's settings. For bindings: users have the methods of
/// [`Call`](crate::Call) and [`List`](crate::List).
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Overrides {
    /// How long it may take, retries and waits included; of a list, each page.
    pub timeout: Option<Duration>,
    /// How long making a connection may take.
    pub connect_timeout: Option<Duration>,
    /// How often it may be sent again.
    pub max_retries: Option<u32>,
    /// How long a server that may still be at a create is waited for.
    pub settle: Option<Duration>,
}

impl Overrides {
    /// These, and the client's where nothing is said.
    pub(crate) fn over(self, options: CallOptions) -> CallOptions {
        CallOptions {
            timeout: self.timeout.unwrap_or(options.timeout),
            connect_timeout: self.connect_timeout.unwrap_or(options.connect_timeout),
            max_retries: self.max_retries.unwrap_or(options.max_retries),
            settle: self.settle.unwrap_or(options.settle),
        }
    }
}
