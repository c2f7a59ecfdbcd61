//! A TCP connection that sees its end as soon as the system does.

use std::io::{self, ErrorKind, Read};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Time in which what was read last still holds: hyper reads three times behind each response. It is shorter than the work
/// before the next request, so that only one read of each request asks the system.
const FRESH: Duration = Duration::from_micros(20);

/// A TCP connection whose idle reads ask the system.
///
/// The runtime learns of an end only when it asks for events. After a process was stopped, or on a busy machine, a request may
/// be earlier: its connection would be taken for a good one. hyper reads an idle connection just before it takes a request, and
/// a connection that has ended by then takes none.
pub struct Socket {
    tcp: TcpStream,
    /// Time of the last read, if nothing was written since: no response is awaited.
    idle_since: Option<Instant>,
}

impl Socket {
    pub fn new(tcp: TcpStream) -> Self {
        Self { tcp, idle_since: None }
    }

    pub fn get_ref(&self) -> &TcpStream {
        &self.tcp
    }

    /// Reads what the runtime does not know of yet. Its own read has registered the task, which is woken for what comes later.
    fn read_now(&self, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut bytes = [0; 512];
        let length = buffer.remaining().min(bytes.len());
        match (&*SockRef::from(&self.tcp)).read(&mut bytes[..length]) {
            Ok(length) => {
                buffer.put_slice(&bytes[..length]);
                Poll::Ready(Ok(()))
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Poll::Pending,
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let filled = buffer.filled().len();
        let read = match Pin::new(&mut self.tcp).poll_read(context, buffer) {
            Poll::Pending if self.idle_since.is_some_and(|since| since.elapsed() > FRESH) => self.read_now(buffer),
            read => read,
        };
        if buffer.filled().len() > filled {
            self.idle_since = Some(Instant::now());
        }
        read
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.idle_since = None;
        Pin::new(&mut self.tcp).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.idle_since = None;
        Pin::new(&mut self.tcp).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(context)
    }
}
