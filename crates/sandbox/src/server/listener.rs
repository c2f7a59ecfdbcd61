//! Listens on the sandbox's addresses, which have one port.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::task::Poll;

use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::server::error::Error;

/// The sockets that take connections.
pub struct Listener {
    sockets: Vec<TcpListener>,
    address: SocketAddr,
    /// The socket that is asked first: one that is flooded must not keep clients of the others out.
    first: usize,
}

/// Number of free ports that are tried for several addresses.
const ATTEMPTS: usize = 32;

impl Listener {
    /// Listens on those of the addresses that the machine has. The port of the first one is that of all.
    pub fn bind(addresses: &[SocketAddr]) -> Result<Self, Error> {
        let mut attempts = 1..=ATTEMPTS;
        loop {
            let is_last = attempts.next().is_none_or(|attempt| attempt == ATTEMPTS);
            match Self::try_bind(addresses) {
                // The free port of one address may be in use on another.
                Err(Error::Listen { address, cause })
                    if cause.kind() == io::ErrorKind::AddrInUse
                        && addresses.first().is_some_and(|first| first.port() == 0 && first.ip() != address.ip())
                        && !is_last => {}
                result => return result,
            }
        }
    }

    fn try_bind(addresses: &[SocketAddr]) -> Result<Self, Error> {
        let mut bound: Option<Self> = None;
        let mut missing = None;
        for address in addresses {
            let mut address = *address;
            address.set_port(bound.as_ref().map_or(address.port(), |it| it.address.port()));
            let socket = bind(address).and_then(|socket| Ok((socket.local_addr()?, socket)));
            match (socket, &mut bound) {
                (Ok((_, socket)), Some(bound)) => bound.sockets.push(socket),
                (Ok((address, socket)), None) => bound = Some(Self { sockets: vec![socket], address, first: 0 }),
                (Err(cause), _) if is_unavailable(&cause) => missing = missing.or(Some((address, cause))),
                (Err(cause), _) => return Err(Error::Listen { address, cause }),
            }
        }
        bound.ok_or_else(|| {
            let (address, cause) =
                missing.unwrap_or_else(|| (SocketAddr::from(([0; 4], 0)), io::ErrorKind::AddrNotAvailable.into()));
            Error::Listen { address, cause }
        })
    }

    /// Returns the first of the addresses, with the actual port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts the next connection.
    pub async fn accept(&mut self) -> io::Result<TcpStream> {
        let count = self.sockets.len();
        let (accepted, index) = poll_fn(|cx| {
            for index in (self.first..self.first + count).map(|index| index % count) {
                if let Poll::Ready(accepted) = self.sockets[index].poll_accept(cx) {
                    return Poll::Ready((accepted, index));
                }
            }
            Poll::Pending
        })
        .await;
        self.first = (index + 1) % count;
        accepted.map(|(stream, _)| stream)
    }
}

/// Listens, with the longest queue of connections that the system allows: a suite that opens thousands at once must not be
/// refused by the system because the sandbox had no processor for a moment.
fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // On Windows, it would allow another program the same port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(u16::MAX.into())
}

/// Returns whether the machine has no such address, as in containers without IPv6.
fn is_unavailable(cause: &io::Error) -> bool {
    // The library has no kind for a family of addresses that the system lacks.
    !matches!(cause.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied)
}
