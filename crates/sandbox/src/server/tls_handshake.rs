//! Accepts TLS, with the faults of a connection.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::server::Acceptor;
use tokio_util::either::Either;

use crate::faults::{Ending, TlsFault};
use crate::server::arrival_reader::ArrivalReader;
use crate::server::faulty_stream::StreamHandle;
use crate::server::linger::linger;
use crate::server::stage::Stage;
use crate::server::state::Server;
use crate::server::stream::{Stream, end, plain};

/// Returns the stream of a connection, or none if a fault has ended it. A client that does not begin with TLS gets plain
/// HTTP: it may need the certificate first.
pub async fn accept(tcp: TcpStream, server: &Arc<Server>, handle: &StreamHandle) -> io::Result<Option<Stream>> {
    const HANDSHAKE: u8 = 22;
    let Some(authority) = &server.authority else { return Ok(Some(plain(tcp))) };
    let mut first = [0];
    tcp.peek(&mut first).await?;
    if first != [HANDSHAKE] {
        return Ok(Some(plain(tcp)));
    }
    let mut start = LazyConfigAcceptor::new(Acceptor::default(), tcp).await?;
    let name = start.client_hello().server_name().map(str::to_owned);
    let fault = server.faults.on_hello();
    if fault == Some(TlsFault::Hang) {
        handle.enter(Stage::Busy, Instant::now());
    }
    match fault {
        Some(TlsFault::AlertOnHello) => {
            const HANDSHAKE_FAILURE: [u8; 7] = [21, 3, 3, 0, 2, 2, 40];
            start.io.write_all(&HANDSHAKE_FAILURE).await?;
            start.io.shutdown().await?;
            return linger(&mut start.io, None).await.map(|()| None);
        }
        Some(TlsFault::Hang) => return linger(&mut start.io, None).await.map(|()| None),
        _ => {}
    }
    let local = start.io.local_addr()?.ip().to_canonical().to_string();
    let config = authority.config(fault, name.into_iter().chain([local]).collect()).map_err(io::Error::other)?;
    let mut tls = Box::new(start.into_stream(config).await?);
    match fault {
        Some(TlsFault::AlertOnFinished) => {
            end(&mut tls, Ending::Alert).await?;
            linger(tls.get_mut().0, None).await?;
            Ok(None)
        }
        Some(TlsFault::Http2Only) => {
            /// An empty SETTINGS, and GOAWAY with PROTOCOL_ERROR.
            const GOODBYE: &[u8] = b"\0\0\0\x04\0\0\0\0\0\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\x01";
            let mut arrivals = ArrivalReader::new(server.clone());
            let mut request = vec![0; 16 << 10];
            let read = tls.read(&mut request).await?;
            arrivals.read(&request[..read]);
            tls.write_all(GOODBYE).await?;
            tls.shutdown().await?;
            linger(&mut tls, Some(&mut arrivals)).await?;
            Ok(None)
        }
        _ => {
            handle.enter(Stage::Idle, Instant::now());
            Ok(Some(Either::Right(tls)))
        }
    }
}
