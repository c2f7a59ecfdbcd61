//! Connections to the server, kept for the next request: hyper's pooled client over TCP and TLS.
//!
//! Not reqwest's: only from close by is it seen whether a request was written, and each of its layers costs.

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

use super::options::CallOptions;
use super::send_gate::GatedBody;
use crate::error::Error;

/// Shorter than the idle timeout of common servers, so that it is the client who closes.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// A pool of connections. Clones share it.
#[derive(Clone)]
pub struct ConnectionPool(legacy::Client<Connector, GatedBody>);

impl ConnectionPool {
    /// A pool without any connection yet. With `https`, it makes no other.
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

    /// Sends a request over a connection of the pool, or a new one. A pooled connection that turns out to be closed
    /// before anything was written is replaced by another.
    pub async fn send(
        &self,
        request: Request<GatedBody>,
        connect_timeout: Duration,
    ) -> Result<Response<Incoming>, ConnectionError> {
        CONNECT_TIMEOUT.scope(connect_timeout, self.0.request(request)).await.map_err(|e| ConnectionError::new(&e))
    }
}

/// TLS by rustls with ring, and the system's certificates: read only if they will be needed.
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
    /// The call's own, for the connector: the pool hands it nothing but an address.
    static CONNECT_TIMEOUT: Duration;
}

/// Makes connections within a time: name, TCP and TLS together.
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

/// Why a connection broke, or none could be made.
pub struct ConnectionError {
    /// It was not made in time.
    pub timed_out: bool,
    reason: String,
}

impl ConnectionError {
    /// What lies at the bottom of an error, as `Connection refused`.
    pub fn new(error: &(dyn std::error::Error + 'static)) -> Self {
        let mut root = error;
        while let Some(source) = root.source() {
            root = source;
        }
        Self { timed_out: root.is::<tokio::time::error::Elapsed>(), reason: root.to_string() }
    }
}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}
