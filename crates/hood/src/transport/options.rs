//! The options of one call.

use std::time::Duration;

use tokio::time::Instant;

use super::extra_headers::ExtraHeaders;

/// A timeout as good as forever, whose end can still be computed.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Maximum duration of making a connection: TCP itself gives up after about two minutes. What others know of a create
/// lasts longer than this.
const LONGEST_CONNECT: Duration = Duration::from_secs(5 * 60);

/// Time that a busy machine may take to send a request once its connection is made.
const SEND_SLACK: Duration = Duration::from_secs(1);

/// Options of one call. The bindings start from the client's and set their caller's; users of Rust have the methods of
/// [`Call`](crate::Call) and [`List`](crate::List).
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct CallOptions {
    /// Maximum duration of the call, with retries and waits; of a list, that of each page.
    pub timeout: Duration,
    /// Maximum duration of making a connection.
    pub connect_timeout: Duration,
    /// Maximum number of retries.
    pub max_retries: u32,
    /// Time in which the server may still finish a create whose outcome is unknown.
    pub reconcile_timeout: Duration,
    /// Headers in addition to the client's own.
    pub headers: ExtraHeaders,
}

impl Default for CallOptions {
    fn default() -> Self {
        Self {
            // Long enough to wait for a slot in the account's minute.
            timeout: Duration::from_secs(120),
            connect_timeout: Duration::from_secs(10),
            max_retries: 3,
            reconcile_timeout: Duration::from_secs(10),
            headers: ExtraHeaders::default(),
        }
    }
}

impl CallOptions {
    /// Returns the deadline of a call that begins now.
    pub(crate) fn deadline(&self) -> Instant {
        Instant::now() + self.timeout.min(LONGEST_TIMEOUT)
    }

    /// Returns the time within which an attempt is sent, or never: a connection is made within its timeout.
    pub(crate) fn send_limit(&self) -> Duration {
        self.connect_limit() + SEND_SLACK
    }

    /// Returns the maximum duration of making a connection.
    pub(crate) fn connect_limit(&self) -> Duration {
        self.connect_timeout.min(LONGEST_CONNECT)
    }

    /// Returns these options with a reconcile timeout whose end can be computed.
    pub(crate) fn capped(self) -> Self {
        Self { reconcile_timeout: self.reconcile_timeout.min(LONGEST_TIMEOUT), ..self }
    }

    /// Returns the options of one of several requests before a deadline.
    pub(crate) fn until(&self, deadline: Instant) -> Self {
        Self { timeout: deadline.saturating_duration_since(Instant::now()), ..self.clone() }
    }
}
