//! The bytes of a connection, plain or in TLS.

use std::io;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;

use crate::faults::Ending;

pub type Stream = Either<Plain, Box<TlsStream<TcpStream>>>;

#[cfg(not(feature = "simulation"))]
pub type Plain = TcpStream;
#[cfg(feature = "simulation")]
pub type Plain = Either<TcpStream, Box<dyn Pipe>>;

/// A connection of a simulated world.
#[cfg(feature = "simulation")]
pub trait Pipe: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin {}

#[cfg(feature = "simulation")]
impl<T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin> Pipe for T {}

/// Returns a connection without TLS.
pub fn plain(tcp: TcpStream) -> Stream {
    #[cfg(feature = "simulation")]
    let tcp = Either::Left(tcp);
    Either::Left(tcp)
}

/// Lets the connection be reset when it is dropped.
pub fn reset(stream: &Stream) -> io::Result<()> {
    let tcp = match stream {
        #[cfg(feature = "simulation")]
        Either::Left(Either::Right(_)) => return Ok(()),
        #[cfg(feature = "simulation")]
        Either::Left(Either::Left(tcp)) => tcp,
        #[cfg(not(feature = "simulation"))]
        Either::Left(tcp) => tcp,
        Either::Right(tls) => tls.get_ref().0,
    };
    tcp.set_zero_linger()
}

/// Encrypts bytes that [`end`] will send.
pub fn hold_back(tls: &mut TlsStream<TcpStream>, bytes: &[u8]) -> io::Result<usize> {
    let session = tls.get_mut().1;
    session.set_buffer_limit(None);
    io::Write::write(&mut session.writer(), bytes)
}

/// Sends the bytes that were held back, and ends the session, at once.
pub async fn end(tls: &mut TlsStream<TcpStream>, ending: Ending) -> io::Result<()> {
    /// A record that no key of the session has encrypted: the answer to it is a fatal alert, as only rustls can encrypt one.
    const FOREIGN_RECORD: [u8; 5 + 17] = *b"\x17\x03\x03\x00\x11not of this sessi";
    let (tcp, session) = tls.get_mut();
    match ending {
        Ending::Alert => {
            session.read_tls(&mut FOREIGN_RECORD.as_slice())?;
            let _ = session.process_new_packets();
        }
        Ending::HalfClose => session.send_close_notify(),
        _ => {}
    }
    let mut records = Vec::new();
    while session.wants_write() {
        session.write_tls(&mut records)?;
    }
    if ending == Ending::CutInRecord {
        records.truncate(records.len() / 2);
    }
    tcp.write_all(&records).await?;
    if ending == Ending::HalfClose { Ok(()) } else { tcp.shutdown().await }
}
