//! Connections to the server, kept for the next request: hyper's pooled client over TCP and TLS.
//!
//! reqwest's client does not report whether a request was written, and its layers cost time.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tower_service::Service;

use super::gated_body::{GateClosed, GatedBody};
use super::options::CallOptions;
use crate::error::Error;

/// Shorter than the idle timeout of common servers, so that the client closes first.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// Pool of connections. Clones share it.
#[derive(Clone)]
pub struct ConnectionPool(legacy::Client<Connector, GatedBody>);

impl ConnectionPool {
    /// Creates a pool without connections. With `https`, it makes only encrypted ones.
    pub fn new(https: bool) -> Result<Self, Error> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let tls = HttpsConnectorBuilder::new().with_tls_config(tls(https)?);
        let tls = if https { tls.https_only() } else { tls.https_or_http() };
        let connector = Connector(tls.enable_http1().wrap_connector(tcp));
        let client = legacy::Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_timer(TokioTimer::new())
            .build(connector);
        Ok(Self(client))
    }

    /// Sends a request over a connection of the pool, or a new one. If a pooled connection was closed before anything was
    /// written, another takes its place.
    pub async fn send(
        &self,
        request: Request<GatedBody>,
        connect_timeout: Duration,
    ) -> Result<Response<Incoming>, ConnectionError> {
        CONNECT_TIMEOUT.scope(connect_timeout, self.0.request(request)).await.map_err(|e| ConnectionError::new(&e))
    }
}

/// Configures TLS by rustls with ring. The system's certificates are read only if TLS is `needed`.
fn tls(needed: bool) -> Result<rustls::ClientConfig, Error> {
    use rustls_platform_verifier::BuilderVerifierExt;

    let fail = |e: rustls::Error| Error::configuration("TLS could not be set up").with_source(e);
    let builder = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(fail)?;
    Ok(if needed {
        builder.with_platform_verifier().map_err(fail)?.with_no_client_auth()
    } else {
        builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth()
    })
}

tokio::task_local! {
    /// Timeout of the call, for the connector: the pool passes it only an address.
    static CONNECT_TIMEOUT: Duration;
}

/// Makes connections before a timeout, which covers DNS, TCP and TLS.
#[derive(Clone)]
struct Connector(HttpsConnector<HttpConnector>);

impl Service<Uri> for Connector {
    type Response = <HttpsConnector<HttpConnector> as Service<Uri>>::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let limit = CONNECT_TIMEOUT.try_with(|limit| *limit).unwrap_or(CallOptions::default().connect_timeout);
        let connecting = tokio::time::timeout(limit, self.0.call(uri));
        Box::pin(async { connecting.await.unwrap_or_else(|elapsed| Err(Box::new(elapsed))) })
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Reason why a connection broke or could not be made.
pub struct ConnectionError {
    /// Whether the timeout passed.
    pub timed_out: bool,
    /// Whether the request was given up before it was written.
    pub gate_closed: bool,
    reason: String,
}

impl ConnectionError {
    /// Takes the root cause of an error, as `Connection refused`.
    pub fn new(error: &(dyn std::error::Error + 'static)) -> Self {
        let mut root = error;
        while let Some(source) = root.source() {
            root = source;
        }
        Self {
            timed_out: root.is::<tokio::time::error::Elapsed>(),
            gate_closed: root.is::<GateClosed>(),
            reason: root.to_string(),
        }
    }
}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}
