//! Makes a connection in stages: name, TCP, proxy, TLS. Each has its own error.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::proxy::matcher::Intercept;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{AlertDescription, CertificateError, InvalidMessage};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::certificate::Explanation;
use super::connect_error::{ConnectError, root_cause};
use super::host::{address, ip, is_loopback, without_brackets};
use super::net_connect::check_connect;
use super::options::NetworkOptions;
use super::resolver::{Resolved, Resolver, of_resolver};
use super::socket::Socket;
use super::stream::Stream;
use super::tls::Tls;
use super::tunnel::open_tunnel;
use crate::error::{Error, Stage};

/// Time after which data that nobody acknowledges, or a peer that does not answer two probes, ends a connection: much less
/// than the 60 seconds of an attempt. Linux looks at each probe whether it has passed.
#[cfg(any(target_os = "linux", target_os = "android"))]
const DEAD_AFTER: Duration = Duration::from_secs(9);
/// Silence after which the peer is probed, and the time between two probes.
const PROBE_INTERVAL: Duration = Duration::from_secs(3);
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

tokio::task_local! {
    /// Timeout of the call, whose end can be computed, for the connector: the pool passes it only an address.
    pub static CONNECT_TIMEOUT: Duration;
}

/// Makes connections to one server before a timeout, which covers all stages.
#[derive(Clone)]
pub struct Connector {
    pub(super) server: Uri,
    pub(super) proxy: Option<Intercept>,
    pub(super) tls: Arc<Tls>,
}

impl Connector {
    /// Checks the options for the server at this base URL.
    pub fn new(server: Uri, options: &NetworkOptions, tls: Arc<Tls>) -> Result<Self, Error> {
        let proxy = options.proxy.of(&server)?;
        if server.scheme_str() == Some("http")
            && proxy.as_ref().is_some_and(|proxy| !is_loopback(proxy.uri().host().unwrap_or_default()))
        {
            return Err(Error::configuration(
                "a proxy on another machine needs a base URL with https://; over http it could read the token",
            ));
        }
        Ok(Self { server, proxy, tls })
    }

    /// Returns true where the server may have private addresses only: by plain http to another machine.
    pub(super) fn only_private(&self) -> bool {
        self.server.scheme_str() != Some("https") && !is_loopback(self.server.host().unwrap_or_default())
    }

    async fn connect(self, deadline: Instant) -> Result<TokioIo<Stream>, ConnectError> {
        let is_https = self.server.scheme_str() == Some("https");
        // The certificates are read meanwhile.
        let (tcp, tls) = tokio::join!(self.reach(deadline), async {
            match is_https {
                true => self.tls.config().await.map(Some),
                false => Ok(None),
            }
        });
        let (tcp, tls) = (tcp?, tls?);
        let stream = match tls {
            Some(config) => encrypt(tcp, config, &self.server, deadline).await?,
            None => tcp,
        };
        Ok(TokioIo::new(stream))
    }

    /// Returns a connection to the server, directly or by a tunnel.
    pub(super) async fn reach(&self, deadline: Instant) -> Result<Stream, ConnectError> {
        // A proxy may be on this machine, and the server on another.
        check_connect(self.server.host().unwrap_or_default())?;
        let Some(proxy) = &self.proxy else {
            return connect_tcp(&self.server, self.only_private(), deadline).await;
        };
        let mut stream = connect_tcp(proxy.uri(), false, deadline).await.map_err(|e| of_proxy(e, proxy))?;
        if proxy.uri().scheme_str() == Some("https") {
            let config = self.tls.config().await?;
            stream = encrypt(stream, config, proxy.uri(), deadline).await.map_err(|e| of_proxy(e, proxy))?;
        }
        let tunnel = open_tunnel(stream, proxy, &self.server);
        match timeout_at(deadline, tunnel).await {
            Ok(tunnel) => tunnel,
            Err(_) => {
                Err(ConnectError::timed_out(Stage::Proxy, format!("the proxy {} did not answer", address(proxy.uri()))))
            }
        }
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, ConnectError>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    /// Connects to the one server of this connector.
    fn call(&mut self, _server: Uri) -> Self::Future {
        let timeout = CONNECT_TIMEOUT.try_with(|timeout| *timeout).unwrap_or(DEFAULT_TIMEOUT);
        Box::pin(self.clone().connect(Instant::now() + timeout))
    }
}

/// Connects to one of the addresses of a host: each has its share of the time. With `only_private`, no other is used.
pub async fn connect_tcp(host: &Uri, only_private: bool, deadline: Instant) -> Result<Stream, ConnectError> {
    check_connect(host.host().unwrap_or_default())?;
    #[cfg(feature = "simulation")]
    if let Some(connecting) = crate::simulation::connect(host) {
        return match timeout_at(deadline, connecting).await {
            Ok(Ok(pipe)) => Ok(Stream::Simulated(pipe)),
            Ok(Err(error)) => Err(ConnectError::new(Stage::Tcp, error.to_string())),
            Err(_) => Err(ConnectError::timed_out(Stage::Tcp, "no connection in time")),
        };
    }
    let resolved = Resolved::default();
    let mut connector = HttpConnector::new_with_resolver(Resolver { only_private, resolved: resolved.clone() });
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(deadline.saturating_duration_since(Instant::now())));
    connector.set_keepalive(Some(PROBE_INTERVAL));
    connector.set_keepalive_interval(Some(PROBE_INTERVAL));
    connector.set_keepalive_retries(Some(2));
    #[cfg(any(target_os = "linux", target_os = "android"))]
    connector.set_tcp_user_timeout(Some(DEAD_AFTER));
    let result = timeout_at(deadline, connector.call(host.clone())).await;
    let addresses = resolved.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let name = address(host);
    match result {
        Ok(Ok(tcp)) => Ok(Stream::Tcp(Socket::new(tcp.into_inner()))),
        Ok(Err(error)) => Err(match of_resolver(&error) {
            Some(is_lasting) => {
                ConnectError { is_lasting, ..ConnectError::new(Stage::Name, root_cause(&error).to_string()) }
            }
            None => {
                let message = format!("no TCP connection to {name}{} ({})", list(&addresses), root_cause(&error));
                let timed_out = Instant::now() >= deadline;
                ConnectError { timed_out, ..ConnectError::new(Stage::Tcp, message) }
            }
        }),
        Err(_) if addresses.is_empty() && ip(host.host().unwrap_or_default()).is_none() => {
            Err(unresolved(host.host().unwrap_or_default()))
        }
        Err(_) => {
            let message = format!("no TCP connection to {name}{} in time", list(&addresses));
            Err(ConnectError::timed_out(Stage::Tcp, message))
        }
    }
}

pub fn unresolved(host: &str) -> ConnectError {
    ConnectError::timed_out(Stage::Name, format!("the name {host} was not resolved in time"))
}

/// Speaks TLS over a connection.
pub async fn encrypt(
    stream: Stream,
    config: Arc<rustls::ClientConfig>,
    server: &Uri,
    deadline: Instant,
) -> Result<Stream, ConnectError> {
    let (host, at) = (server.host().unwrap_or_default(), address(server));
    let name = ServerName::try_from(without_brackets(host).to_owned())
        .map_err(|_| ConnectError::lasting(Stage::Tls, format!("{host} is not a name that a certificate can have")))?;
    match timeout_at(deadline, TlsConnector::from(config).connect(name, stream)).await {
        Ok(Ok(tls)) => Ok(Stream::Tls(Box::new(tls))),
        Ok(Err(error)) => Err(of_tls(&error, &at)),
        Err(_) => Err(ConnectError::timed_out(Stage::Tls, format!("the TLS handshake with {at} did not end"))),
    }
}

fn of_tls(error: &io::Error, at: &str) -> ConnectError {
    let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) else {
        return ConnectError::new(Stage::Tls, format!("the TLS handshake with {at} was cut off ({error})"));
    };
    let reason = match error {
        rustls::Error::InvalidCertificate(CertificateError::Other(other)) if other.0.is::<Explanation>() => {
            return ConnectError::lasting(Stage::Tls, other.0.to_string());
        }
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            "something else than TLS answered; check the port, or whether a proxy is needed".to_owned()
        }
        rustls::Error::AlertReceived(alert) => match alert {
            AlertDescription::CertificateRequired => {
                "the server wants a certificate of the client; pass client_certificate".to_owned()
            }
            AlertDescription::NoApplicationProtocol => "the server does not speak HTTP/1.1".to_owned(),
            AlertDescription::ProtocolVersion => "the server does not speak TLS 1.2 or 1.3".to_owned(),
            other => format!("the server sent the alert {other:?}"),
        },
        other => other.to_string(),
    };
    ConnectError::lasting(Stage::Tls, format!("the TLS handshake with {at} failed: {reason}"))
}

/// Says that a failure is one of the proxy's connection.
fn of_proxy(error: ConnectError, proxy: &Intercept) -> ConnectError {
    let message = format!("the proxy {} could not be reached: {error}", address(proxy.uri()));
    ConnectError {
        timed_out: error.timed_out,
        is_lasting: error.is_lasting,
        ..ConnectError::new(Stage::Proxy, message)
    }
}

fn list(addresses: &[SocketAddr]) -> String {
    let addresses: Vec<_> = addresses.iter().map(|address| address.ip().to_string()).collect();
    if addresses.is_empty() { String::new() } else { format!(" [{}]", addresses.join(", ")) }
}
