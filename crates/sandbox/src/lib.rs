//! A local server that behaves as the Ocamba Hood Integrations API is documented to, for tests and for trying things out.
//!
//! It checks the bearer token, the content type, the size of the body and the body itself against the OpenAPI document,
//! keeps the documented rate limits, and answers as the documentation shows. One sandbox is one account.
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
//! What the documentation leaves open is chosen here, and may differ from the real service:
//!
//! - Windows follow each other without a gap from the moment the sandbox starts.
//! - The `X-RateLimit-*` headers describe the window with the fewest requests remaining, and the longer one of two equals.
//! - A request without a valid token is refused before it is counted, since it belongs to no account. All others count,
//!   whatever their answer, but for those refused with 429.
//! - The order of the checks: token, limits, address and method, content type, size, JSON, schema.
//! - What is not HTTP is refused with a bare 400, and headers that are too large with a bare 431: neither is counted.
//! - How many requests may be in flight; see [`Builder::max_in_flight`].
#![warn(missing_docs)]

mod answer;
mod body;
mod connection;
mod document;
mod limits;
mod mistakes;
mod schema;
mod server;
mod store;

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A running sandbox. Dropping it stops the server and cuts its connections.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    task: JoinHandle<()>,
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

    /// Serves for as long as it is awaited: until the process ends, or until the returned future is dropped.
    pub async fn wait(mut self) {
        // The task ends only when it is aborted, and only `drop` does that.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The settings of a [`Sandbox`]. They cannot be changed once it has started.
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
#[derive(Clone)]
pub struct Builder {
    listen: SocketAddr,
    token: Option<String>,
    burst: u32,
    steady: u32,
    max_in_flight: u32,
    max_body_bytes: usize,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            token: None,
            burst: 10,
            steady: 150,
            max_in_flight: 20,
            max_body_bytes: 1 << 20,
        }
    }
}

impl Builder {
    /// Where to listen. Default: 127.0.0.1 with port 0, which takes any free port.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// The only bearer token that is let in. Default: any token is, but there must be one.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// How many requests are let in within a second; 0 switches this window off. Default: 10, as documented.
    pub fn burst(mut self, requests: u32) -> Self {
        self.burst = requests;
        self
    }

    /// How many requests are let in within a minute; 0 switches this window off. Default: 150, as documented.
    pub fn steady(mut self, requests: u32) -> Self {
        self.steady = requests;
        self
    }

    /// How many requests may be in flight at once; 0 switches this limit off. Default: 20.
    ///
    /// That there is such a limit is documented, its size is not: 20, twice the burst, is this sandbox's invention.
    pub fn max_in_flight(mut self, requests: u32) -> Self {
        self.max_in_flight = requests;
        self
    }

    /// Switches both windows and the limit of requests in flight off, and with them the `X-RateLimit-*` headers.
    pub fn no_limits(self) -> Self {
        self.burst(0).steady(0).max_in_flight(0)
    }

    /// The size of the largest body that is read. Default: 1 MiB, this sandbox's invention, since the limit is not documented.
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.max_body_bytes = bytes;
        self
    }

    /// Starts the sandbox on the current tokio runtime. It accepts connections by the time this returns.
    ///
    /// # Errors
    /// [`Error::Listen`] when the address cannot be listened on: it is in use, or not allowed.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub async fn start(self) -> Result<Sandbox, Error> {
        let document = document::Document::bundled()?;
        let router = server::Server::new(&self, &document)?.router();
        let cannot_listen = |cause| Error::Listen { address: self.listen, cause };
        let listener = TcpListener::bind(self.listen).await.map_err(cannot_listen)?;
        let address = listener.local_addr().map_err(cannot_listen)?;
        let task = tokio::spawn(connection::serve(listener, router));
        Ok(Sandbox { address, task })
    }
}

/// Why a sandbox could not be started.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The address cannot be listened on.
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the operating system says.
        cause: io::Error,
    },
    /// The OpenAPI document that is built in cannot be used. No setting leads to this: it is a mistake in this crate.
    Document(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen { address, cause } => write!(f, "cannot listen on {address}: {cause}"),
            Self::Document(what) => write!(f, "cannot use the OpenAPI document that is built in: {what}"),
        }
    }
}

// The cause is part of the message, so it is no `source`, or it would be printed twice.
impl std::error::Error for Error {}
