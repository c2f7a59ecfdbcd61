//! The stream of a connection, with the faults that affect its bytes.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};
use tokio_util::either::Either;

use crate::account::journal::{Entry, Ticket};
use crate::faults::{Ending, Position, Subject};
use crate::server::arrival_reader::ArrivalReader;
use crate::server::local_paths::is_local;
use crate::server::stage::Stage;
use crate::server::state::Server;
use crate::server::stream::{Stream, hold_back};

/// A stream that can end early or be slow.
pub struct FaultyStream {
    stream: Stream,
    server: Arc<Server>,
    arrivals: ArrivalReader,
    handle: StreamHandle,
    /// Bytes that were read but not passed on: an incomplete first line of a request.
    held: Vec<u8>,
    pause: Option<Pin<Box<Sleep>>>,
}

/// Controls a [`FaultyStream`]. It is an extension of each of its requests.
#[derive(Clone, Default)]
pub struct StreamHandle(Arc<Mutex<StreamState>>);

/// The state of a request on its way through the server, an extension of it.
#[derive(Clone)]
pub struct Exchange {
    pub ticket: Ticket,
    pub stream: StreamHandle,
    /// Whether a fault fired on arrival. Then no other does, even if the request was too short for that one.
    pub has_fault: bool,
}

/// An early end of a request, after this number of bytes.
pub struct Cut {
    pub after: u64,
    pub ending: Ending,
    pub ticket: Ticket,
}

#[derive(Default)]
struct StreamState {
    /// Whether the next byte belongs to the current request.
    within_request: bool,
    /// Requests to the API that no handler has seen.
    arrived: VecDeque<Ticket>,
    inbound: Option<Cut>,
    outbound: Outbound,
    ended: Option<Ending>,
    /// None until something happens.
    stage: Option<(Stage, Instant)>,
}

#[derive(Clone, Copy, Default)]
enum Outbound {
    #[default]
    Open,
    Cut(u64, Ending),
    Drip(u64, Duration),
    /// Ends with the first flush after a write.
    End {
        ending: Ending,
        wrote: bool,
    },
}

/// Maximum length of a first line that is inspected. Longer ones pass.
const LONGEST_LINE: usize = 16 << 10;

impl StreamHandle {
    /// Notes that the head of a request was read. Returns its ticket, if it got one on arrival.
    pub fn request(&self) -> Option<Ticket> {
        let mut state = self.state();
        state.outbound = Outbound::Open;
        state.inbound.as_ref().map(|cut| cut.ticket)
    }

    /// Returns the arrival of the request to the API whose head was read.
    pub fn arrival(&self) -> Option<Ticket> {
        self.state().arrived.pop_front()
    }

    /// Notes that the response is ready. Returns whether any of it will be sent.
    pub fn response(&self) -> bool {
        let mut state = self.state();
        state.inbound = None;
        state.within_request = false;
        state.ended.is_none() && !matches!(state.outbound, Outbound::Cut(0, _))
    }

    /// Ends the connection after this number of bytes of the response.
    pub fn cut(&self, after: u64, ending: Ending) {
        self.state().outbound = Outbound::Cut(after, ending);
    }

    /// Ends the connection after the response.
    pub fn end(&self, ending: Ending) {
        self.state().outbound = Outbound::End { ending, wrote: false };
    }

    /// Sends the response byte by byte after the first ones.
    pub fn drip(&self, after: u64, every: Duration) {
        self.state().outbound = Outbound::Drip(after, every);
    }

    /// Returns what the connection does, and since when.
    pub fn stage(&self) -> (Stage, Instant) {
        self.state().stage.unwrap_or_else(|| (Stage::Idle, Instant::now()))
    }

    /// Notes what the connection does.
    pub fn enter(&self, stage: Stage, now: Instant) {
        self.state().stage = Some((stage, now));
    }

    /// Notes that it waits, unless it has waited before or the server works for it.
    fn wait(&self, stage: Stage) {
        let mut state = self.state();
        if state.stage.is_none_or(|(now, _)| now != stage && now != Stage::Busy) {
            state.stage = Some((stage, Instant::now()));
        }
    }

    /// Notes that it has sent bytes.
    fn progress(&self) {
        let mut state = self.state();
        if state.stage.is_none_or(|(now, _)| now != Stage::Busy) {
            state.stage = Some((Stage::Idle, Instant::now()));
        }
    }

    fn state(&self) -> MutexGuard<'_, StreamState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FaultyStream {
    pub fn new(stream: Stream, server: Arc<Server>, handle: StreamHandle) -> Self {
        let arrivals = ArrivalReader::new(server.clone());
        Self { stream, server, arrivals, handle, held: Vec::new(), pause: None }
    }

    /// Returns the stream, the reader of what else it sends, and how it ended if a fault ended it.
    pub fn into_parts(self) -> (Stream, ArrivalReader, Option<Ending>) {
        let ended = self.handle.state().ended;
        (self.stream, self.arrivals, ended)
    }

    /// Reads from the client. All arrivals are noted here, before a fault can hide them.
    fn poll_client(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        let arrived = self.arrivals.read(&buffer.filled()[before..]);
        self.handle.wait(if self.arrivals.is_within_head() { Stage::Head } else { Stage::Idle });
        self.handle.state().arrived.extend(arrived);
        Poll::Ready(Ok(()))
    }

    /// Inspects bytes of a request. Returns false when they start one whose first line is incomplete.
    fn inspect(&mut self, bytes: &[u8]) -> io::Result<bool> {
        let mut state = self.handle.state();
        if !state.within_request {
            if self.server.faults.any_on_arrival() && bytes.len() < LONGEST_LINE {
                let Some(end) = bytes.iter().position(|b| *b == b'\n') else { return Ok(false) };
                state.inbound = first_line(&bytes[..end])
                    .filter(|_| !self.server.guard.answers(bytes))
                    .and_then(|(method, path)| fault_on_arrival(&self.server, method, path));
                // Of a request that is cut in its head, no handler does this.
                if let (Some(cut), Some(arrival)) = (&state.inbound, self.arrivals.last()) {
                    self.server.journal.learn(arrival, |it| it.request = Some(cut.ticket.id()));
                }
            }
            state.within_request = true;
        }
        if let Some(cut) = &mut state.inbound {
            let Some(left) = cut.after.checked_sub(bytes.len() as u64) else {
                self.server.journal.end(cut.ticket, None, None);
                state.ended = Some(cut.ending);
                return Err(io::ErrorKind::ConnectionAborted.into());
            };
            cut.after = left;
        }
        Ok(true)
    }

    /// Reads until the first line is complete, and then passes on the held bytes.
    fn poll_held(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        while !self.handle.state().within_request {
            let mut more = [0; 1 << 10];
            let mut more = ReadBuf::new(&mut more);
            ready!(self.poll_client(cx, &mut more))?;
            if more.filled().is_empty() {
                break;
            }
            self.held.extend_from_slice(more.filled());
            let held = std::mem::take(&mut self.held);
            let seen = self.inspect(&held);
            self.held = held;
            seen?;
        }
        let fitting = self.held.len().min(buffer.remaining());
        buffer.put_slice(&self.held[..fitting]);
        self.held.drain(..fitting);
        Poll::Ready(Ok(()))
    }

    /// Pauses until the next byte of a drip.
    fn rest(&mut self, time: Duration) {
        match &mut self.pause {
            Some(pause) => pause.as_mut().reset(Instant::now() + time),
            None => self.pause = Some(Box::pin(sleep(time))),
        }
    }
}

/// Selects the fault for a request whose first line was read. Returns where the request ends, if one fires.
fn fault_on_arrival(server: &Server, method: &str, path: &str) -> Option<Cut> {
    if is_local(method, path) {
        return None;
    }
    let rule = server.faults.on_arrival(Subject::of(method, path))?;
    let (at, ending) = rule.fault.ending()?;
    let after = if let Position::Request(bytes) = at { bytes } else { 0 };
    let entry = Entry { fault: Some(rule.fault.kind()), ..server.entry(method, path) };
    Some(Cut { after, ending, ticket: server.journal.arrived(entry) })
}

/// Returns at most this number of bytes.
fn first(bytes: &[u8], most: u64) -> &[u8] {
    &bytes[..usize::try_from(most).unwrap_or(usize::MAX).min(bytes.len())]
}

/// Parses method and path. Returns none for another line, as when a body continues after its response.
fn first_line(line: &[u8]) -> Option<(&str, &str)> {
    let mut words = std::str::from_utf8(line).ok()?.trim_end().split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    let path = target.split('?').next()?;
    (version.starts_with("HTTP/1.") && words.next().is_none()).then_some((method, path))
}

impl AsyncRead for FaultyStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.handle.state().ended.is_some() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        while this.held.is_empty() {
            let before = buffer.filled().len();
            ready!(this.poll_client(cx, buffer))?;
            let end = buffer.filled().len() == before;
            if end || this.inspect(&buffer.filled()[before..])? {
                return Poll::Ready(Ok(()));
            }
            this.held.extend_from_slice(&buffer.filled()[before..]);
            buffer.set_filled(before);
        }
        this.poll_held(cx, buffer)
    }
}

impl FaultyStream {
    fn poll_send(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self;
        let (ended, outbound) = {
            let state = this.handle.state();
            (state.ended, state.outbound)
        };
        let mut stream = Pin::new(&mut this.stream);
        match outbound {
            _ if ended.is_some() => Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into())),
            Outbound::Open => stream.poll_write(cx, bytes),
            Outbound::Cut(0, ending) => {
                ready!(stream.as_mut().poll_flush(cx))?;
                if let (Ending::CutInRecord, Either::Right(tls)) = (ending, &mut *stream) {
                    hold_back(tls, bytes)?;
                }
                this.handle.state().ended = Some(ending);
                Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()))
            }
            Outbound::Cut(left, ending) => {
                let written = ready!(stream.poll_write(cx, first(bytes, left)))?;
                this.handle.cut(left - written as u64, ending);
                Poll::Ready(Ok(written))
            }
            Outbound::Drip(0, every) => {
                if let Some(pause) = &mut this.pause {
                    ready!(pause.as_mut().poll(cx));
                }
                let written = ready!(stream.poll_write(cx, &bytes[..bytes.len().min(1)]))?;
                this.rest(every);
                Poll::Ready(Ok(written))
            }
            Outbound::Drip(left, every) => {
                let written = ready!(stream.poll_write(cx, first(bytes, left)))?;
                this.handle.drip(left - written as u64, every);
                if written as u64 == left {
                    this.rest(every);
                }
                Poll::Ready(Ok(written))
            }
            Outbound::End { ending, .. } => {
                let written = match &mut *stream {
                    Either::Right(tls) => hold_back(tls, bytes)?,
                    Either::Left(_) => ready!(stream.poll_write(cx, bytes))?,
                };
                this.handle.state().outbound = Outbound::End { ending, wrote: true };
                Poll::Ready(Ok(written))
            }
        }
    }
}

impl AsyncWrite for FaultyStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let sent = this.poll_send(cx, bytes);
        match sent {
            // A drip waits for its own pause.
            Poll::Pending if this.pause.is_none() => this.handle.wait(Stage::Stalled),
            Poll::Pending => {}
            Poll::Ready(_) => this.handle.progress(),
        }
        sent
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outbound = this.handle.state().outbound;
        let Outbound::End { ending, wrote: true } = outbound else {
            return Pin::new(&mut this.stream).poll_flush(cx);
        };
        if matches!(ending, Ending::Reset | Ending::CutInRecord) {
            ready!(Pin::new(&mut this.stream).poll_flush(cx))?;
        }
        this.handle.state().ended = Some(ending);
        Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
