//! A request body that knows whether it was asked for.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::Progress;

/// Bytes that note it when the connection first asks for them.
///
/// The connection writes head and body together, after it has asked for the body. While that is not noted, not one
/// byte of the request has been written; once it is, the request may have reached the server.
pub struct TrackedBody {
    bytes: Bytes,
    progress: Progress,
}

impl TrackedBody {
    pub fn new(bytes: Bytes, progress: Progress) -> Self {
        Self { bytes, progress }
    }
}

impl Body for TrackedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.progress.sent();
        let bytes = std::mem::take(&mut self.bytes);
        Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
    }

    /// Of an empty body the connection asks nothing more than this, just before it writes the head.
    fn is_end_stream(&self) -> bool {
        let is_empty = self.bytes.is_empty();
        if is_empty {
            self.progress.sent();
        }
        is_empty
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.len() as u64)
    }
}
