//! A running sandbox.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use tokio::task::JoinHandle;
#[cfg(feature = "simulation")]
use tokio_util::either::Either;

use crate::account::integration::Created;
use crate::account::journal::{Arrival, Entry};
use crate::builder::Builder;
use crate::contract::document::Document;
use crate::faults::{Faults, InvalidFaults};
use crate::local;
use crate::server::authority::Authority;
use crate::server::connection::{self, Routers};
use crate::server::error::Error;
#[cfg(feature = "simulation")]
use crate::server::faulty_stream::StreamHandle;
use crate::server::listener::Listener;
use crate::server::router;
use crate::server::state::Server;

/// A running sandbox. Dropping it stops the server and closes its connections.
pub struct Sandbox {
    address: SocketAddr,
    task: JoinHandle<()>,
    server: Arc<Server>,
}

impl Builder {
    /// Starts the sandbox on the current tokio runtime. It accepts connections when this returns.
    ///
    /// # Errors
    /// [`Error::Listen`] when the address is in use or not allowed.
    /// [`Error::TokenRequired`] when other machines can reach the address, and there is no [`Builder::token`].
    /// [`Error::Host`], [`Error::Origin`], [`Error::Token`] when no request can have it.
    /// [`Error::Certificates`] when those of [`Builder::tls`] cannot be made.
    /// [`Error::Assumption`] when there is no such unknown, or it has no such answer, or two were given.
    /// [`Error::Faults`] when the faults name an unknown operation, or are invalid in another way.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub async fn start(self) -> Result<Sandbox, Error> {
        let (server, routers) = self.server()?;
        let listener = Listener::bind(&server.settings.listen)?;
        let address = listener.address();
        let task = tokio::spawn(connection::serve(listener, routers, server.clone()));
        Ok(Sandbox { address, task, server })
    }

    /// Prepares the sandbox to serve pipes of simulated worlds.
    #[cfg(feature = "simulation")]
    #[doc(hidden)]
    pub fn in_process(self) -> Result<InProcess, Error> {
        let (server, routers) = self.server()?;
        Ok(InProcess { server, routers })
    }

    fn server(self) -> Result<(Arc<Server>, Routers), Error> {
        let server = Arc::new(Server::new(self.settings, &Document::bundled()?)?);
        let routers = Routers {
            api: router::router(server.clone()),
            local: local::router(server.clone()),
            refused: router::refused(),
        };
        Ok((server, routers))
    }
}

/// A sandbox without an address, for simulated worlds.
#[cfg(feature = "simulation")]
#[doc(hidden)]
pub struct InProcess {
    server: Arc<Server>,
    routers: Routers,
}

#[cfg(feature = "simulation")]
#[allow(missing_docs)]
impl InProcess {
    /// Serves a connection, without the bounds of connections that wait.
    pub fn serve(
        &self,
        pipe: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
    ) -> impl Future<Output = ()> + Send + 'static {
        let stream = Either::Left(Either::Right(Box::new(pipe) as Box<dyn crate::server::stream::Pipe>));
        let (handle, close) = (StreamHandle::default(), Arc::default());
        connection::serve_stream(stream, handle, close, self.routers.clone(), self.server.clone())
    }

    pub fn journal(&self) -> Vec<Entry> {
        self.server.journal.entries()
    }

    pub fn arrivals(&self) -> Vec<Arrival> {
        self.server.journal.arrivals()
    }

    pub fn reset(&self, faults: &Faults) -> Result<(), InvalidFaults> {
        self.server.reset(None);
        self.server.set_faults(None, faults)
    }
}

impl Sandbox {
    /// Starts a sandbox with the defaults, on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// See [`Builder::start`].
    pub async fn start() -> Result<Self, Error> {
        Self::builder().start().await
    }

    /// Returns the settings of a sandbox to start.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Returns the base of its URLs: `http://127.0.0.1:<port>`, or with `https`. When it listens on all addresses, this is
    /// the loopback one.
    pub fn base_url(&self) -> String {
        let mut reachable = self.address;
        match reachable.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => reachable.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => reachable.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        let scheme = if self.server.authority.is_some() { "https" } else { "http" };
        format!("{scheme}://{reachable}")
    }

    /// Returns the certificate of its authority as PEM, which clients must trust. None without [`Builder::tls`].
    pub fn ca_certificate(&self) -> Option<String> {
        self.server.authority.as_ref().map(Authority::pem)
    }

    /// Returns the address that it listens on, or the first of two, with the actual port when port 0 was given.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the last requests to the API, in the order of their arrival.
    pub fn journal(&self) -> Vec<Entry> {
        self.server.journal.entries()
    }

    /// Returns the last requests to the API of which at least one byte arrived, in this order: also those that were cut off,
    /// refused or never completed, except those with the `Host` or origin of a foreign page. [`Builder::journal`] limits their
    /// number.
    pub fn arrivals(&self) -> Vec<Arrival> {
        self.server.journal.arrivals()
    }

    /// Returns the integrations that were created: at most the last 100,000.
    pub fn integrations(&self) -> Vec<Created> {
        self.server.store.created()
    }

    /// Returns the remaining faults.
    pub fn faults(&self) -> Faults {
        self.server.faults.remaining(None)
    }

    /// Replaces all faults with these.
    ///
    /// # Errors
    /// When they name an unknown operation, or are invalid in another way. The current faults then stay.
    pub fn set_faults(&self, faults: &Faults) -> Result<(), InvalidFaults> {
        self.server.set_faults(None, faults)
    }

    /// Returns to the start: an empty journal, the integrations of [`Builder::seed`], new rate limit windows, and the faults of
    /// [`Builder::faults`].
    pub fn reset(&self) {
        self.server.reset(None);
        // Where the file cannot be written, the next request says so.
        let _ = self.server.save_now();
    }

    /// Serves while this future is awaited: until the process ends or the future is dropped.
    pub async fn wait(mut self) {
        // The task ends only when it is aborted, and only `drop` aborts it.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.task.abort();
        self.server.close();
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("address", &self.address).finish_non_exhaustive()
    }
}
