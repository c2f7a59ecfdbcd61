//! The gate between a request and its connection: a body that notes when the connection takes it.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::progress::Progress;

/// A request body that notes when the connection first takes it.
///
/// The connection writes head and body together, after it has taken the body. Until then, not one byte of the request has
/// been written; from then on, the request may have reached the server.
pub struct GatedBody {
    bytes: Bytes,
    progress: Progress,
}

impl GatedBody {
    pub fn new(bytes: Bytes, progress: Progress) -> Self {
        Self { bytes, progress }
    }
}

impl Body for GatedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.progress.note_sent();
        let bytes = std::mem::take(&mut self.bytes);
        Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
    }

    /// Notes it for an empty body, too: of that the connection takes nothing more, just before it writes the head.
    fn is_end_stream(&self) -> bool {
        let is_empty = self.bytes.is_empty();
        if is_empty {
            self.progress.note_sent();
        }
        is_empty
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.len() as u64)
    }
}
