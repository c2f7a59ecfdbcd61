//! The memory that large bodies take, of requests and responses: only some are in it at a time, the others wait.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use http_body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::contract::error_response::ErrorResponse;

/// What large bodies may take together.
#[derive(Clone)]
pub struct Memory(Arc<Semaphore>);

/// A part of the memory, which is free again when this is dropped.
pub type Reserved = Arc<OwnedSemaphorePermit>;

/// Maximum of all large bodies and what is made of them, in KiB.
const MOST: usize = 16 << 10;
/// Size from which a body is large, in bytes. Smaller ones never wait.
const LARGE: u64 = 64 << 10;
/// How many times its size a body may take once it is parsed: an array of digits is the worst.
const PARSED: u64 = 16;
/// Maximum time until there is memory for a response.
const PATIENCE: Duration = Duration::from_secs(10);

impl Default for Memory {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST)))
    }
}

impl Memory {
    pub fn is_large(bytes: u64) -> bool {
        bytes > LARGE
    }

    /// Waits until there is memory for the body of a request.
    pub async fn for_body(&self, bytes: u64) -> Option<Reserved> {
        self.reserve(bytes.saturating_mul(PARSED)).await
    }

    /// Waits until there are about as many bytes for a response, makes it, and keeps the memory until it is sent. Responds with a
    /// 503, and closes the connection, if others keep the memory for too long.
    pub async fn respond(&self, bytes: usize, response: impl FnOnce() -> Response) -> Response {
        self.respond_within(PATIENCE, bytes, response).await
    }

    async fn respond_within(&self, most: Duration, bytes: usize, response: impl FnOnce() -> Response) -> Response {
        let bytes = bytes as u64;
        if !Self::is_large(bytes) {
            return response();
        }
        match timeout(most, self.reserve(bytes)).await {
            Ok(Some(reserved)) => response().map(|body| Body::new(Held { body, rest: Bytes::new(), reserved })),
            _ => {
                let message = format!(
                    "other large responses were not read within {} s, and there is no memory for this one; try again, or \
                     list fewer items",
                    most.as_secs()
                );
                let full = ErrorResponse::new(StatusCode::SERVICE_UNAVAILABLE, message);
                full.with_header(CONNECTION, HeaderValue::from_static("close")).into_response()
            }
        }
    }

    /// What is larger than the whole memory waits until nothing else is in it. None only if the memory was closed, which never
    /// happens.
    async fn reserve(&self, bytes: u64) -> Option<Reserved> {
        let kib = usize::try_from(bytes >> 10).unwrap_or(MOST).min(MOST);
        let permits = u32::try_from(kib).unwrap_or(u32::MAX);
        self.0.clone().acquire_many_owned(permits).await.ok().map(Arc::new)
    }
}

/// Returns bytes that keep the memory as long as any part of them is in use.
pub fn hold(bytes: Bytes, reserved: Reserved) -> Bytes {
    struct Owned(Bytes, #[expect(dead_code, reason = "dropped with the bytes")] Reserved);
    impl AsRef<[u8]> for Owned {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }
    Bytes::from_owner(Owned(bytes, reserved))
}

/// A body whose bytes keep the memory. It comes in pieces, since hyper copies what it is given before it writes.
struct Held {
    body: Body,
    /// What is left of the last frame.
    rest: Bytes,
    reserved: Reserved,
}

/// Maximum size of a piece, in bytes.
const PIECE: usize = 8 << 10;

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        if this.rest.is_empty() {
            match ready!(Pin::new(&mut this.body).poll_frame(cx)).map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(bytes))) => this.rest = bytes,
                Some(Ok(Err(trailers))) => return Poll::Ready(Some(Ok(trailers))),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        let piece = this.rest.split_to(this.rest.len().min(PIECE));
        Poll::Ready(Some(Ok(Frame::data(hold(piece, this.reserved.clone())))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (mut hint, rest) = (self.body.size_hint(), self.rest.len() as u64);
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper + rest);
        }
        hint.set_lower(hint.lower() + rest);
        hint
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::future::poll_fn;

    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn large_bodies_wait_until_others_are_gone() {
        let memory = Memory::default();
        let large = (MOST as u64) << 10;
        let first = memory.for_body(large).now_or_never().unwrap().unwrap();
        assert!(memory.for_body(LARGE + 1).now_or_never().is_none());
        drop(first);
        assert!(memory.for_body(LARGE + 1).now_or_never().is_some());
    }

    #[tokio::test]
    async fn large_response_comes_in_pieces() {
        let text = "x".repeat(9 * PIECE + 1);
        let response = Memory::default().respond(text.len(), || Response::new(Body::from(text.clone()))).await;
        let mut body = response.into_body();
        assert_eq!(body.size_hint().exact(), Some(text.len() as u64));
        let mut sizes = Vec::new();
        while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            sizes.push(frame.unwrap().into_data().unwrap().len());
            assert_eq!(body.size_hint().exact(), Some((text.len() - sizes.iter().sum::<usize>()) as u64));
        }
        assert_eq!(sizes, [[PIECE; 9].as_slice(), &[1]].concat());
    }

    #[tokio::test]
    async fn response_does_not_wait_for_ever() {
        let memory = Memory::default();
        let _kept = memory.for_body((MOST as u64) << 10).await.unwrap();
        let response = memory.respond_within(Duration::ZERO, LARGE as usize + 1, || Response::new(Body::empty())).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[CONNECTION], "close");
    }

    #[tokio::test]
    async fn memory_of_a_response_is_kept_until_its_bytes_are_gone() {
        let memory = Memory::default();
        let text = "x".repeat(MOST << 10);
        let response = memory.respond(text.len(), || Response::new(Body::from(text.clone()))).await;
        let mut body = response.into_body();
        let piece = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await;
        drop(body);
        let small = async || memory.respond(9, || Response::new(Body::empty())).now_or_never().is_some();
        assert!(small().await && memory.for_body(LARGE).now_or_never().is_none());
        drop(piece);
        assert!(memory.for_body(LARGE).now_or_never().is_some());
    }
}
