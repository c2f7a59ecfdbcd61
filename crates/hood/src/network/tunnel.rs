//! Tunnels through proxies: CONNECT and SOCKS 5, by hyper-util.

use std::future::{Ready, ready};
use std::io;
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::proxy::matcher::Intercept;
use hyper_util::rt::TokioIo;
use tower_service::Service;

use super::connect_error::ConnectError;
use super::host::address;
use super::stream::Stream;
use crate::error::Stage;

/// Asks the proxy for a tunnel to the server.
pub async fn open_tunnel(stream: Stream, proxy: &Intercept, server: &Uri) -> Result<Stream, ConnectError> {
    let server = with_port(server);
    let made = Made(Some(TokioIo::new(stream)));
    let fail = |reason: String| {
        let at = address(proxy.uri());
        let wants_login = reason.contains("authorization required") || reason.to_lowercase().contains("auth");
        match wants_login {
            true => ConnectError::lasting(
                Stage::Proxy,
                format!("the proxy {at} wants a login (407); put user:password@ into the URL of the proxy"),
            ),
            false => ConnectError::new(
                Stage::Proxy,
                format!("the proxy {at} did not connect to {} ({reason})", address(&server)),
            ),
        }
    };
    let opened = if proxy.uri().scheme_str().is_some_and(|scheme| scheme.starts_with("socks")) {
        let mut socks = SocksV5::new(proxy.uri().clone(), made);
        if let Some((user, password)) = proxy.raw_auth() {
            socks = socks.with_auth(user.to_owned(), password.to_owned());
        }
        socks.call(server.clone()).await.map_err(|error| fail(format!("{error:?}")))
    } else {
        let mut tunnel = Tunnel::new(proxy.uri().clone(), made);
        if let Some(login) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(login.clone());
        }
        tunnel.call(server.clone()).await.map_err(|error| fail(error.to_string()))
    };
    opened.map(TokioIo::into_inner)
}

/// Returns the server with its port, since a tunnel would take 443 for that of http.
fn with_port(server: &Uri) -> Uri {
    let scheme = server.scheme_str().unwrap_or("https");
    let uri = Uri::builder().scheme(scheme).authority(address(server)).path_and_query("/").build();
    uri.unwrap_or_else(|_| server.clone())
}

/// A connection that is made already, as the connector that a tunnel asks for.
struct Made(Option<TokioIo<Stream>>);

impl Service<Uri> for Made {
    type Response = TokioIo<Stream>;
    type Error = io::Error;
    type Future = Ready<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _proxy: Uri) -> Self::Future {
        ready(self.0.take().ok_or_else(|| io::ErrorKind::NotConnected.into()))
    }
}
