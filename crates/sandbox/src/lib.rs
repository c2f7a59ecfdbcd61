//! A local server that behaves as the Ocamba Hood Integrations API is documented to, for tests and for trying things out.
//!
//! It checks the bearer token, the content type, the size of the body and the body itself against the OpenAPI document,
//! keeps the documented rate limits, keeps what is created, and answers as the documentation shows. One sandbox is one
//! account.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = ocamba_sandbox::Sandbox::start().await?;
//! assert!(sandbox.base_url().starts_with("http://127.0.0.1:"));
//! # Ok(())
//! # }
//! ```
//!
//! Its address in a browser is an inspector: each request as it comes, with what is wrong marked in its body, the limits as
//! they fill and empty, switches for faults, and the integrations. Secrets are masked there until they are clicked.
//!
//! It misbehaves on demand: see [`faults`]. What became of each request is in its [journal](Sandbox::journal). Programs
//! that are not in this process use `/_sandbox` for both, without a token:
//!
//! - `GET` and `DELETE /_sandbox/journal`
//! - `GET`, `PUT` (in place of all), `POST` (below the others) and `DELETE /_sandbox/faults`
//! - `GET /_sandbox/integrations`: ids, names and providers
//! - `POST /_sandbox/reset`: all back to the start
//! - `GET /_sandbox/events`: what the inspector shows, as server-sent events; a few each second, however many requests come
//! - `GET /_sandbox/requests/{id}`: one request with its body, secrets masked unless `?secrets=shown`
//!
//! A sandbox that listens on more than the loopback interface wants its token there, and has no such control without one.
//! Web pages of other origins have no access, and what a client calls this server must be a loopback name or address.
//!
//! What the documentation leaves open is chosen here, and may differ from the real service:
//!
//! - Windows follow each other without a gap from the moment the sandbox starts.
//! - The `X-RateLimit-*` headers describe the window with the fewest requests remaining, and the longer one of two equals.
//! - A request without a valid token is refused before it is counted, since it belongs to no account. All others count,
//!   whatever their answer, but for those refused with 429.
//! - The order of the checks: token, limits, address and method, parameters, content type, size, JSON, schema, whether the
//!   integration is there, the settings of an update.
//! - A list is in the order of the ids, with 20 items on a page, and 100 at the most: who asks for more gets 100.
//! - `sort` takes ids as numbers and times as times. `sort` and `q_fields` take the fields that are no objects. `q` is found
//!   anywhere in a value, in any case, and by default in names.
//! - A view that is not known is the default one, which is all but `provider`. `fields` always bring the id.
//! - In the query of a list or a get, parameters that are unknown, or given twice, are refused. Other operations do not look
//!   at theirs.
//! - `effective_status` is `untested` until a test message was sent, and again when settings change; else it is the status.
//! - A provider accepts all credentials but secrets that are `invalid`: with one, a create goes well, and
//!   `validateIntegration` and `sendTestNotification` answer 400.
//! - An update stores `null` for a setting as it is.
//! - A test message is for the `id` that is given, or else for an integration that a create would take. An id of a form that
//!   no id has is refused with 400, here and in a path.
//! - What is not HTTP is refused with a bare 400, and headers that are too large with a bare 431: neither is counted.
//! - How many requests may be in flight; see [`Builder::max_in_flight`].
#![warn(missing_docs)]

pub mod faults;

mod answer;
mod beside;
mod body;
mod builder;
mod connection;
mod control;
mod document;
mod error;
mod fields;
mod guard;
mod handlers;
mod inspector;
mod integration;
mod journal;
mod limits;
mod listing;
mod mistakes;
mod operations;
mod page;
mod parameters;
mod providers;
mod record;
mod reference;
mod schema;
mod server;
mod store;
mod time;
mod wire;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use tokio::task::JoinHandle;

pub use builder::Builder;
pub use error::Error;
pub use integration::Created;
pub use journal::Entry;

use faults::{Faults, InvalidFaults};
use server::Server;

/// A running sandbox. Dropping it stops the server and cuts its connections.
pub struct Sandbox {
    address: SocketAddr,
    task: JoinHandle<()>,
    server: Arc<Server>,
}

impl Sandbox {
    /// Starts a sandbox with the defaults, on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// See [`Builder::start`].
    pub async fn start() -> Result<Self, Error> {
        Self::builder().start().await
    }

    /// A sandbox to be set up and then started.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// What stands before a path in its URLs: `http://127.0.0.1:<port>`. When it listens on all addresses, the loopback one.
    pub fn base_url(&self) -> String {
        let mut reachable = self.address;
        match reachable.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => reachable.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => reachable.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        format!("http://{reachable}")
    }

    /// Where it listens, with the port that was found when port 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The last requests to the API, in the order in which they arrived.
    pub fn journal(&self) -> Vec<Entry> {
        self.server.journal.entries()
    }

    /// The integrations that were created and are kept: the last 100,000.
    pub fn integrations(&self) -> Vec<Created> {
        self.server.store.created()
    }

    /// The faults that are left.
    pub fn faults(&self) -> Faults {
        self.server.faults.left()
    }

    /// Puts these faults in place of all.
    ///
    /// # Errors
    /// When they name an operation that does not exist, or cannot be in another way. Then all stays as it is.
    pub fn set_faults(&self, faults: &Faults) -> Result<(), InvalidFaults> {
        self.server.set_faults(faults)
    }

    /// Back to the start: an empty journal, no integrations, windows that begin, the faults of [`Builder::faults`].
    pub fn reset(&self) {
        self.server.reset();
    }

    /// Serves for as long as it is awaited: until the process ends, or until the returned future is dropped.
    pub async fn wait(mut self) {
        // The task ends only when it is aborted, and only `drop` does that.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.task.abort();
        self.server.stop();
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("address", &self.address).finish_non_exhaustive()
    }
}
