//! The bytes of a connection, with or without TLS.

use std::io::{self, BufRead};
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::{Connected, Connection};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::client::TlsStream;

use super::socket::Socket;

/// A connection: TCP, a local socket, or TLS over another connection (over that to a proxy, which may have TLS of its own).
pub enum Stream {
    Tcp(Socket),
    Tls(Box<TlsStream<Stream>>),
    /// A socket of this machine, for Redis.
    #[cfg(all(unix, feature = "redis"))]
    Unix(tokio::net::UnixStream),
    /// A pipe of a simulated world.
    #[cfg(feature = "simulation")]
    Simulated(Box<dyn crate::simulation::Pipe>),
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Tcp(tcp) => Pin::new(tcp).poll_read(context, buffer),
            #[cfg(all(unix, feature = "redis"))]
            Self::Unix(unix) => Pin::new(unix).poll_read(context, buffer),
            #[cfg(feature = "simulation")]
            Self::Simulated(pipe) => Pin::new(pipe).poll_read(context, buffer),
            Self::Tls(tls) => match Pin::new(&mut *tls).poll_read(context, buffer) {
                Poll::Ready(Err(error)) => Poll::Ready(take_decrypted(tls, buffer, error)),
                other => other,
            },
        }
    }
}

/// Returns what came before an error in the same packet: a server may send an alert right behind its response. The next
/// read has the error.
fn take_decrypted(tls: &mut TlsStream<Stream>, buffer: &mut ReadBuf<'_>, error: io::Error) -> io::Result<()> {
    let mut reader = tls.get_mut().1.reader();
    let length = match reader.fill_buf() {
        Ok(decrypted) if !decrypted.is_empty() => {
            let length = decrypted.len().min(buffer.remaining());
            buffer.put_slice(&decrypted[..length]);
            length
        }
        _ => return Err(error),
    };
    reader.consume(length);
    Ok(())
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Tcp(tcp) => Pin::new(tcp).poll_write(context, bytes),
            #[cfg(all(unix, feature = "redis"))]
            Self::Unix(unix) => Pin::new(unix).poll_write(context, bytes),
            #[cfg(feature = "simulation")]
            Self::Simulated(pipe) => Pin::new(pipe).poll_write(context, bytes),
            Self::Tls(tls) => Pin::new(tls).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Tcp(tcp) => Pin::new(tcp).poll_write_vectored(context, slices),
            #[cfg(all(unix, feature = "redis"))]
            Self::Unix(unix) => Pin::new(unix).poll_write_vectored(context, slices),
            #[cfg(feature = "simulation")]
            Self::Simulated(pipe) => Pin::new(pipe).poll_write_vectored(context, slices),
            Self::Tls(tls) => Pin::new(tls).poll_write_vectored(context, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Tcp(tcp) => tcp.is_write_vectored(),
            #[cfg(all(unix, feature = "redis"))]
            Self::Unix(unix) => unix.is_write_vectored(),
            #[cfg(feature = "simulation")]
            Self::Simulated(pipe) => pipe.is_write_vectored(),
            Self::Tls(tls) => tls.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Tcp(tcp) => Pin::new(tcp).poll_flush(context),
            #[cfg(all(unix, feature = "redis"))]
            Self::Unix(unix) => Pin::new(unix).poll_flush(context),
            #[cfg(feature = "simulation")]
            Self::Simulated(pipe) => Pin::new(pipe).poll_flush(context),
            Self::Tls(tls) => Pin::new(tls).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Tcp(tcp) => Pin::new(tcp).poll_shutdown(context),
            #[cfg(all(unix, feature = "redis"))]
            Self::Unix(unix) => Pin::new(unix).poll_shutdown(context),
            #[cfg(feature = "simulation")]
            Self::Simulated(pipe) => Pin::new(pipe).poll_shutdown(context),
            Self::Tls(tls) => Pin::new(tls).poll_shutdown(context),
        }
    }
}
