//! The settings of a sandbox.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use crate::account::journal::{Entry, Listener};
use crate::faults::Faults;
use crate::server::settings::Settings;

/// Settings of a [`Sandbox`](crate::Sandbox). Only the faults can be changed once it has started.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = ocamba_sandbox::Sandbox::builder()
///     .listen("127.0.0.1:0".parse()?)
///     .token("secret")
///     .burst(3)
///     .steady(60)
///     .start()
///     .await?;
/// assert_ne!(sandbox.address().port(), 0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Builder {
    pub(crate) settings: Settings,
}

impl Builder {
    /// Sets the address to listen on. Default: 127.0.0.1 with port 0, which takes any free port.
    ///
    /// An address that other machines can reach requires a [`token`](Self::token), also for the local routes.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.settings.listen = vec![address];
        self
    }

    /// Listens on this port of both loopback addresses, 127.0.0.1 and ::1, as far as the machine has them: clients that call
    /// `localhost` use either. Port 0 takes one that is free on both.
    pub fn localhost(mut self, port: u16) -> Self {
        self.settings.listen = vec![(Ipv4Addr::LOCALHOST, port).into(), (Ipv6Addr::LOCALHOST, port).into()];
        self
    }

    /// Accepts this bearer token, and no others but those of further calls. Default: any token is accepted, but a request
    /// must have one.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.settings.tokens.push(token.into());
        self
    }

    /// Sets whether each token has an account of its own, with its own integrations, limits, faults and journal, so that test
    /// suites that run at once do not meet. Default: false, all tokens are of one account.
    ///
    /// Requests to the local routes are then about the account of their token, and without one about all accounts.
    pub fn account_per_token(mut self, is_own: bool) -> Self {
        self.settings.account_per_token = is_own;
        self
    }

    /// Sets the integrations that each account starts with, and returns to after a reset: bodies of creates.
    pub fn seed(mut self, requests: Vec<Value>) -> Self {
        self.settings.seed = requests;
        self
    }

    /// Sets the file in which the integrations survive a restart. It is created if it is missing, then with those of
    /// [`seed`](Self::seed); otherwise the seed is added only after a reset. It has secrets: its owner alone can read it. One
    /// sandbox at a time uses it.
    pub fn state(mut self, file: impl Into<PathBuf>) -> Self {
        self.settings.state = Some(file.into());
        self
    }

    /// Allows clients to call the sandbox by this name or address, as `host.docker.internal`, in addition to `localhost` and
    /// loopback addresses. Requests with another `Host` are refused: a web page may resolve its own name to this machine.
    ///
    /// On an address that other machines can reach, names without a dot and private addresses are also allowed.
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.settings.hosts.push(host.into());
        self
    }

    /// Lets web pages of this origin, as `http://localhost:5173`, use the API (CORS). The local routes stay closed to them.
    pub fn cors(mut self, origin: impl Into<String>) -> Self {
        self.settings.cors.push(origin.into());
        self
    }

    /// Sets the number of requests allowed within a second; 0 disables this window. Default: 10, as documented.
    pub fn burst(mut self, requests: u32) -> Self {
        self.settings.burst = requests;
        self
    }

    /// Sets the number of requests allowed within a minute; 0 disables this window. Default: 150, as documented.
    pub fn steady(mut self, requests: u32) -> Self {
        self.settings.steady = requests;
        self
    }

    /// Sets the number of requests that may be in flight at once; 0 disables this limit. Default: 20.
    ///
    /// The API's documentation mentions this limit, but not its size: 20, twice the burst, is an invention of this sandbox.
    pub fn max_in_flight(mut self, requests: u32) -> Self {
        self.settings.max_in_flight = requests;
        self
    }

    /// Disables both windows, the limit of requests in flight, and the `X-RateLimit-*` headers.
    pub fn no_limits(self) -> Self {
        self.burst(0).steady(0).max_in_flight(0)
    }

    /// Sets the maximum size of a request body. Default: 1 MiB, an invention of this sandbox: the limit is not documented.
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.settings.max_body_bytes = bytes;
        self
    }

    /// Sets the faults that the sandbox starts with, and returns to after a reset. Default: none.
    pub fn faults(mut self, faults: Faults) -> Self {
        self.settings.faults = faults;
        self
    }

    /// Sets whether it speaks TLS, with certificates of a throwaway authority for `localhost`, the loopback addresses, and
    /// every name and address that clients call it by. Default: false.
    ///
    /// [`Sandbox::ca_certificate`](crate::Sandbox::ca_certificate) is what clients must trust. The local routes are also
    /// served in plain HTTP, at the same port; the API is not.
    pub fn tls(mut self, tls: bool) -> Self {
        self.settings.tls = tls;
        self
    }

    /// Has the sandbox play another answer to something that is not known of the API, as `assume("list_lag", "seconds")`.
    /// [`unknowns`](crate::unknowns) are the ids and answers. [`Error::Assumption`](crate::Error::Assumption) reports a wrong one.
    pub fn assume(mut self, id: impl Into<String>, answer: impl Into<String>) -> Self {
        self.settings.assumed.push((id.into(), answer.into()));
        self
    }

    /// Sets the number of requests and of arrivals that the journal keeps, of 1 KiB each on average; older ones are dropped.
    /// Default: 10,000.
    pub fn journal(mut self, requests: usize) -> Self {
        self.settings.journal = requests;
        self
    }

    /// Calls this with each request to the API once it has ended, as for a log. It must not block: requests wait for it.
    pub fn on_request(mut self, listener: impl Fn(&Entry) + Send + Sync + 'static) -> Self {
        self.settings.on_request = Some(Listener(Arc::new(listener)));
        self
    }
}
