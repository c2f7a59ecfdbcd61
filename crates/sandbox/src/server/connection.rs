//! Connections: accepting them, serving them, and closing them so that the last answer arrives.

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

use crate::server::faulty_stream::{Ending, FaultyStream};
use crate::server::local_paths::is_local;
use crate::server::state::Server;

/// Where requests go.
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

/// Answers the requests of one connection.
async fn converse(stream: TcpStream, routers: Routers, server: Arc<Server>) {
    // Answers are small and each is written at once: there is nothing to gather.
    let _ = stream.set_nodelay(true);
    let wire = FaultyStream::new(stream, server);
    let handle = wire.handle();
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(handle.clone());
        let is_local = is_local(request.method().as_str(), request.uri().path());
        let router = if is_local { &routers.local } else { &routers.api };
        router.clone().call(request)
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(wire), service);
    // How it ended is the wire's to say: to hyper, a fault is an error like any other.
    let _ = poll_fn(|cx| connection.poll_without_shutdown(cx)).await;
    match connection.into_parts().io.into_inner().into_parts() {
        (stream, Some(Ending::Reset)) => {
            let _ = stream.set_zero_linger();
        }
        (stream, _) => {
            let _ = timeout(LINGER, close(stream)).await;
        }
    }
}

/// How long, and how many bytes, a client that was refused may go on sending its body.
const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES: usize = 64 << 20;

/// Ends the sending side, then reads what the client still sends. Closing with unread bytes would make the operating
/// system reset the connection, and the client might never see why it was refused.
async fn close(mut stream: TcpStream) -> io::Result<()> {
    poll_fn(|cx| Pin::new(&mut stream).poll_shutdown(cx)).await?;
    let mut unwanted = [0; 16 << 10];
    let mut left = LINGER_BYTES;
    while left > 0 {
        stream.readable().await?;
        match stream.try_read(&mut unwanted) {
            Ok(0) => break,
            Ok(read) => left = left.saturating_sub(read),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}
