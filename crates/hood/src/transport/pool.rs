//! Connections to the server, kept for the next request: hyper's pooled client.
//!
//! reqwest's client costs a quarter more CPU a call, and hides which stage failed.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::gated_body::{GateClosed, GatedBody};
use crate::clock::Moment;
use crate::error::{Error, Stage};
use crate::network::{CONNECT_TIMEOUT, ConnectError, Connector, NetworkOptions, Probe, Tls, check_send, root_cause};

/// Shorter than the idle timeout of common servers, so that the client closes first.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// Pool of connections.
pub struct ConnectionPool {
    connector: Connector,
    current: Mutex<Current>,
}

/// The connections since this process last awoke.
struct Current {
    client: legacy::Client<Connector, GatedBody>,
    used: (Instant, Moment),
}

impl ConnectionPool {
    /// Creates a pool without connections, to the server at this base URL.
    pub fn new(server: Uri, network: &NetworkOptions, tls: Arc<Tls>) -> Result<Self, Error> {
        let connector = Connector::new(server, network, tls)?;
        let current = Mutex::new(Current { client: client(&connector), used: (Instant::now(), Moment::now()) });
        Ok(Self { connector, current })
    }

    /// Sends a request over a connection of the pool, or a new one. If a pooled connection was closed before anything was
    /// written, another takes its place.
    pub async fn send(
        &self,
        request: Request<GatedBody>,
        connect_timeout: Duration,
    ) -> Result<Response<Incoming>, ConnectionError> {
        check_send(request.uri().host().unwrap_or_default()).map_err(|e| ConnectionError::new(&e))?;
        let sending = self.client().request(request);
        CONNECT_TIMEOUT.scope(connect_timeout, sending).await.map_err(|e| ConnectionError::new(&e))
    }

    /// Makes a connection, and closes it.
    pub async fn probe(&self, timeout: Duration) -> Vec<Probe> {
        self.connector.probe(timeout).await
    }

    /// Returns the client. After a sleep of the machine, which the pool's own clock does not count, its connections are
    /// dead, and a new client takes its place.
    fn client(&self) -> legacy::Client<Connector, GatedBody> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let now = (Instant::now(), Moment::now());
        let counted = now.0.saturating_duration_since(current.used.0);
        if current.used.1.longest_until(&now.1) > counted.max(IDLE_TIMEOUT) + IDLE_TIMEOUT / 2 {
            current.client = client(&self.connector);
        }
        current.used = now;
        current.client.clone()
    }
}

fn client(connector: &Connector) -> legacy::Client<Connector, GatedBody> {
    legacy::Client::builder(TokioExecutor::new())
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_timer(TokioTimer::new())
        .build(connector.clone())
}

/// Reason why a connection broke or could not be made.
pub struct ConnectionError {
    /// Whether the timeout passed.
    pub timed_out: bool,
    /// Whether the request was given up before it was written.
    pub gate_closed: bool,
    /// The stage that failed, where no connection could be made.
    pub stage: Option<Stage>,
    /// Whether another attempt would fail, too.
    pub is_lasting: bool,
    reason: String,
}

impl ConnectionError {
    /// Takes the failed stage, or else the root cause, as `connection reset`.
    pub fn new(error: &(dyn std::error::Error + 'static)) -> Self {
        let root = root_cause(error);
        let failed = root.downcast_ref::<ConnectError>();
        Self {
            timed_out: failed.is_some_and(|failed| failed.timed_out),
            gate_closed: root.is::<GateClosed>(),
            stage: failed.map(|failed| failed.stage),
            is_lasting: failed.is_some_and(|failed| failed.is_lasting),
            reason: root.to_string(),
        }
    }
}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}
