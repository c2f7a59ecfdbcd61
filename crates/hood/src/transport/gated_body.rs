//! A request body behind a gate.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::send_gate::SendGate;
use crate::clock::Moment;

/// A request body that the connection can only take through an open gate.
///
/// The connection writes head and body together, after it has taken the body. Until then, not one byte of the request has
/// been written; from then on, the request may have reached the server.
pub struct GatedBody {
    bytes: Bytes,
    gate: Arc<SendGate>,
    fence: Fence,
}

/// Time after which the gate closes unless the request was taken: a process that was stopped must not send a request that
/// others no longer expect.
pub struct Fence {
    began: Moment,
    length: Duration,
}

/// Error of a body whose gate is closed.
#[derive(Debug)]
pub struct GateClosed;

impl Fence {
    /// Begins now.
    pub fn new(length: Duration) -> Self {
        Self { began: Moment::now(), length }
    }

    /// Returns true also if no clock can tell: the machine may have slept.
    fn has_passed(&self) -> bool {
        self.began.elapsed().is_none_or(|elapsed| elapsed > self.length)
    }
}

impl GatedBody {
    pub fn new(bytes: Bytes, gate: Arc<SendGate>, fence: Fence) -> Self {
        Self { bytes, gate, fence }
    }

    fn take(&self) -> bool {
        if self.fence.has_passed() { self.gate.close() } else { self.gate.take() }
    }
}

impl Body for GatedBody {
    type Data = Bytes;
    type Error = GateClosed;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, GateClosed>>> {
        if !self.take() {
            return Poll::Ready(Some(Err(GateClosed)));
        }
        let bytes = std::mem::take(&mut self.bytes);
        Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
    }

    /// Takes an empty body, too: of that the connection asks nothing more, just before it writes the head.
    fn is_end_stream(&self) -> bool {
        self.bytes.is_empty() && self.take()
    }

    /// Returns no size of an empty body that cannot be taken, so that the connection asks for it and gets the error.
    fn size_hint(&self) -> SizeHint {
        match self.bytes.is_empty() && !self.take() {
            true => SizeHint::default(),
            false => SizeHint::with_exact(self.bytes.len() as u64),
        }
    }
}

impl fmt::Display for GateClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request was given up before it was written")
    }
}

impl std::error::Error for GateClosed {}
