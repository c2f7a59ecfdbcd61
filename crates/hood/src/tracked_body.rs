//! A request body that knows whether it was asked for.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// Bytes that set a flag when the connection first asks for them.
///
/// The connection writes head and body together, after it has asked for the body. While the flag is not set, not one
/// byte of the request has been written; once it is, the request may have reached the server.
pub struct TrackedBody {
    bytes: Bytes,
    sent: Arc<AtomicBool>,
}

impl TrackedBody {
    pub fn new(bytes: Bytes, sent: Arc<AtomicBool>) -> Self {
        Self { bytes, sent }
    }
}

impl Body for TrackedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.sent.store(true, Ordering::Release);
        let bytes = std::mem::take(&mut self.bytes);
        Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.len() as u64)
    }
}
