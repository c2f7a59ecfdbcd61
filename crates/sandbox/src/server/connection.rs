//! Accepts connections, serves them, and closes them so that the last response arrives.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWrite;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower_service::Service;

use crate::server::arrival_reader::ArrivalReader;
use crate::server::faulty_stream::{Ending, FaultyStream};
use crate::server::local_paths::is_local;
use crate::server::state::Server;

/// The routers of a connection.
#[derive(Clone)]
pub struct Routers {
    pub api: Router,
    pub local: Router,
}

/// Serves until the task is aborted, and its connections with it: `axum::serve` would leave those running.
pub async fn serve(listener: TcpListener, routers: Routers, server: Arc<Server>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, routers.clone(), server.clone()));
                }
                // Often the limit of open files: others have to close first.
                Err(_) => sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Serves the requests of one connection.
async fn converse(stream: TcpStream, routers: Routers, server: Arc<Server>) {
    // Responses are small and each is written at once, so there is nothing to collect.
    let _ = stream.set_nodelay(true);
    let faulty = FaultyStream::new(stream, server);
    let handle = faulty.handle();
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(handle.clone());
        let is_local = is_local(request.method().as_str(), request.uri().path());
        let router = if is_local { &routers.local } else { &routers.api };
        router.clone().call(request)
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(faulty), service);
    // The stream knows how it ended. For hyper, a fault is an error like any other.
    let _ = poll_fn(|cx| connection.poll_without_shutdown(cx)).await;
    match connection.into_parts().io.into_inner().into_parts() {
        (stream, _, Some(Ending::Reset)) => {
            let _ = stream.set_zero_linger();
        }
        (stream, arrivals, _) => {
            let _ = timeout(LINGER, close(stream, arrivals)).await;
        }
    }
}

/// How long, and how many bytes, a refused client may continue to send its body.
const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES: usize = 64 << 20;

/// Closes the sending side, then reads the rest from the client. Closing with unread bytes would make the operating
/// system reset the connection, and the client might not see the error response.
async fn close(mut stream: TcpStream, mut arrivals: ArrivalReader) -> io::Result<()> {
    poll_fn(|cx| Pin::new(&mut stream).poll_shutdown(cx)).await?;
    let mut unwanted = [0; 16 << 10];
    let mut left = LINGER_BYTES;
    while left > 0 {
        stream.readable().await?;
        match stream.try_read(&mut unwanted) {
            Ok(0) => break,
            Ok(read) => {
                arrivals.read(&unwanted[..read]);
                left = left.saturating_sub(read);
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}
