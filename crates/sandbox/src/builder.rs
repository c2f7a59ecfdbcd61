//! The settings of a sandbox, and its start.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::connection::Routers;
use crate::document::Document;
use crate::faults::Faults;
use crate::guard::Guard;
use crate::server::Server;
use crate::{Error, Sandbox, beside, connection};

/// The settings of a [`Sandbox`]. They cannot be changed once it has started, but for the faults.
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
    pub(crate) listen: SocketAddr,
    pub(crate) token: Option<String>,
    pub(crate) burst: u32,
    pub(crate) steady: u32,
    pub(crate) max_in_flight: u32,
    pub(crate) max_body_bytes: usize,
    pub(crate) faults: Faults,
    pub(crate) journal: usize,
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
            faults: Faults::default(),
            journal: 10_000,
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

    /// What goes wrong from the start, and again after a reset. Default: nothing.
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// How many requests the journal keeps: the last of them. Default: 10,000.
    pub fn journal(mut self, requests: usize) -> Self {
        self.journal = requests;
        self
    }

    /// Starts the sandbox on the current tokio runtime. It accepts connections by the time this returns.
    ///
    /// # Errors
    /// [`Error::Listen`] when the address cannot be listened on: it is in use, or not allowed.
    /// [`Error::Faults`] when the faults name an operation that does not exist, or cannot be in another way.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub async fn start(self) -> Result<Sandbox, Error> {
        let server = Arc::new(Server::new(&self, &Document::bundled()?)?);
        let is_here = self.listen.ip().is_loopback();
        let guard = if is_here { Guard::Loopback } else { Guard::Token(self.token) };
        let routers = Routers { api: server.router(), beside: beside::router(server.clone(), guard) };
        let cannot_listen = |cause| Error::Listen { address: self.listen, cause };
        let listener = TcpListener::bind(self.listen).await.map_err(cannot_listen)?;
        let address = listener.local_addr().map_err(cannot_listen)?;
        let task = tokio::spawn(connection::serve(listener, routers, server.clone()));
        Ok(Sandbox { address, task, server })
    }
}
