//! A connection of the simulated network: bytes that arrive later, or never.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// How a connection ends when the network cuts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// Both ends read that the other has closed.
    Close,
    /// Both ends get an error.
    Reset,
    /// Neither end ever learns.
    Silence,
}

/// The behaviour of one direction.
#[derive(Clone, Copy, Debug)]
pub struct Direction {
    /// Time until a byte arrives.
    pub latency: Duration,
    /// Number of bytes after which the connection is cut.
    pub cut: Option<(u64, Cut)>,
}

/// One end of a connection.
pub struct End {
    wire: Arc<Mutex<Wire>>,
    side: usize,
    pause: Option<Pin<Box<Sleep>>>,
    observer: Option<Observer>,
}

/// Sees what is written.
type Observer = Box<dyn Fn(&[u8]) + Send>;

/// Cuts a connection from outside.
#[derive(Clone)]
pub struct Scissors(Arc<Mutex<Wire>>);

struct Wire {
    /// From the first end, and from the second.
    ways: [Way; 2],
    cut: Option<(Instant, Cut)>,
    is_client_gone: bool,
}

struct Way {
    direction: Direction,
    /// Bytes on their way, and when they arrive.
    bytes: VecDeque<(Instant, Vec<u8>)>,
    written: u64,
    /// When the end of the bytes arrives, once the writer has closed.
    ended: Option<Instant>,
    reader: Option<Waker>,
    /// Whether the end that would read has gone.
    is_unread: bool,
}

/// Returns both ends of a connection: that of the client, and that of the server.
pub fn connection(from_client: Direction, from_server: Direction) -> (End, End, Scissors) {
    let way =
        |direction| Way { direction, bytes: VecDeque::new(), written: 0, ended: None, reader: None, is_unread: false };
    let wire =
        Arc::new(Mutex::new(Wire { ways: [way(from_client), way(from_server)], cut: None, is_client_gone: false }));
    let end = |side| End { wire: wire.clone(), side, pause: None, observer: None };
    (end(0), end(1), Scissors(wire.clone()))
}

impl Scissors {
    /// Ends the client: what it has written arrives, and it writes and reads nothing more.
    pub fn end_client(&self) {
        let mut wire = lock(&self.0);
        wire.is_client_gone = true;
        wire.ways[1].is_unread = true;
        let [way, _] = &mut wire.ways;
        way.ended.get_or_insert(Instant::now() + way.direction.latency);
        wire.ways.iter_mut().filter_map(|way| way.reader.take()).for_each(Waker::wake);
    }

    /// Cuts the connection now. What is on its way is lost.
    pub fn cut(&self, how: Cut) {
        let mut wire = lock(&self.0);
        wire.ways.iter_mut().for_each(|way| way.bytes.clear());
        wire.cut(Instant::now(), how);
    }
}

impl Wire {
    fn cut(&mut self, at: Instant, how: Cut) {
        if self.cut.is_none() {
            self.cut = Some((at, how));
            self.ways.iter_mut().filter_map(|way| way.reader.take()).for_each(Waker::wake);
        }
    }
}

impl End {
    /// Shows what this end writes.
    pub fn observe(&mut self, observer: impl Fn(&[u8]) + Send + 'static) {
        self.observer = Some(Box::new(observer));
    }

    /// Waits until then.
    fn poll_pause(&mut self, until: Instant, context: &mut Context<'_>) -> Poll<()> {
        let pause = self.pause.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if pause.deadline() != until {
            pause.as_mut().reset(until);
        }
        pause.as_mut().poll(context)
    }
}

impl AsyncRead for End {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            let now = Instant::now();
            let until = {
                let mut wire = lock(&this.wire);
                if wire.is_client_gone && this.side == 0 {
                    return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
                }
                let cut = wire.cut;
                let way = &mut wire.ways[1 - this.side];
                way.reader = Some(context.waker().clone());
                let next = way.bytes.front().map(|(at, _)| *at);
                match (next, cut, way.ended) {
                    (Some(at), ..) if at <= now => {
                        let Some((_, mut bytes)) = way.bytes.pop_front() else { continue };
                        let rest = bytes.split_off(bytes.len().min(buffer.remaining()));
                        buffer.put_slice(&bytes);
                        if !rest.is_empty() {
                            way.bytes.push_front((at, rest));
                        }
                        return Poll::Ready(Ok(()));
                    }
                    (Some(at), ..) => at,
                    (None, Some((at, Cut::Close)), _) if at <= now => return Poll::Ready(Ok(())),
                    (None, Some((at, Cut::Reset)), _) if at <= now => {
                        return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
                    }
                    (None, Some((_, Cut::Silence)), _) => return Poll::Pending,
                    (None, Some((at, _)), _) => at,
                    (None, None, Some(at)) if at <= now => return Poll::Ready(Ok(())),
                    (None, None, Some(at)) => at,
                    (None, None, None) => return Poll::Pending,
                }
            };
            if this.poll_pause(until, context).is_pending() {
                return Poll::Pending;
            }
        }
    }
}

impl AsyncWrite for End {
    fn poll_write(self: Pin<&mut Self>, _context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if let Some(observer) = &self.observer {
            observer(bytes);
        }
        let mut wire = lock(&self.wire);
        let now = Instant::now();
        match wire.cut {
            _ if wire.is_client_gone && self.side == 0 => return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
            Some((_, Cut::Silence)) => return Poll::Ready(Ok(bytes.len())),
            Some((at, _)) if at <= now => return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
            // The news of the cut is on its way.
            Some(_) => return Poll::Ready(Ok(bytes.len())),
            None => {}
        }
        let way = &mut wire.ways[self.side];
        if way.is_unread {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let at = now + way.direction.latency;
        let fitting = way.direction.cut.map_or(u64::MAX, |(after, _)| after.saturating_sub(way.written));
        let fitting = usize::try_from(fitting).unwrap_or(usize::MAX).min(bytes.len());
        if fitting > 0 {
            way.bytes.push_back((at, bytes[..fitting].to_vec()));
            way.written += fitting as u64;
        }
        if let Some((_, how)) = way.direction.cut.filter(|_| fitting < bytes.len()) {
            wire.cut(at, how);
        }
        if let Some(reader) = wire.ways[self.side].reader.take() {
            reader.wake();
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.close();
        Poll::Ready(Ok(()))
    }
}

impl End {
    fn close(&self) {
        let mut wire = lock(&self.wire);
        let way = &mut wire.ways[self.side];
        way.ended.get_or_insert(Instant::now() + way.direction.latency);
        if let Some(reader) = way.reader.take() {
            reader.wake();
        }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.close();
        lock(&self.wire).ways[1 - self.side].is_unread = true;
    }
}

fn lock(wire: &Mutex<Wire>) -> MutexGuard<'_, Wire> {
    wire.lock().unwrap_or_else(PoisonError::into_inner)
}
