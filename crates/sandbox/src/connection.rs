//! Connections: accepting them, serving them, and closing them so that the last answer arrives.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::AsyncWrite;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Serves until the task is aborted, and its connections with it: `axum::serve` would leave those running.
pub async fn serve(listener: TcpListener, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, router.clone()));
                }
                // Often the limit of open files: others have to close first.
                Err(_) => sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Answers the requests of one connection.
async fn converse(stream: TcpStream, router: Router) {
    // Answers are small and each is written at once: there is nothing to gather.
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(router);
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    if let Ok(parts) = connection.without_shutdown().await {
        let _ = timeout(LINGER, close(parts.io.into_inner())).await;
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
