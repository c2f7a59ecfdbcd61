//! The memory that large bodies take, of requests and responses: only some are in it at a time, the others wait.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use http_body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What large bodies may take together.
#[derive(Clone)]
pub struct Memory(Arc<Semaphore>);

/// A part of the memory, which is free again when this is dropped.
pub type Reserved = Arc<OwnedSemaphorePermit>;

/// Maximum of all large bodies and what is made of them, in KiB.
const MOST: usize = 32 << 10;
/// Size from which a body is large, in bytes. Smaller ones never wait.
const LARGE: u64 = 64 << 10;
/// How many times its size a body may take once it is parsed: an array of digits is the worst.
const PARSED: u64 = 16;

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

    /// Waits until there are about as many bytes for a response, makes it, and keeps the memory until it is sent.
    pub async fn respond(&self, bytes: usize, response: impl FnOnce() -> Response) -> Response {
        let bytes = bytes as u64;
        if !Self::is_large(bytes) {
            return response();
        }
        match self.reserve(bytes).await {
            Some(reserved) => response().map(|body| Body::new(Held { body, reserved })),
            None => response(),
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

/// A body whose bytes keep the memory.
struct Held {
    body: Body,
    reserved: Reserved,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        let frame = Pin::new(&mut this.body).poll_frame(cx);
        frame.map_ok(|frame| frame.map_data(|bytes| hold(bytes, this.reserved.clone())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use axum::body::to_bytes;
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
    async fn memory_of_a_response_is_kept_until_its_bytes_are_gone() {
        let memory = Memory::default();
        let text = "x".repeat(MOST << 10);
        let response = memory.respond(text.len(), || Response::new(Body::from(text.clone()))).await;
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert_eq!(bytes.len(), text.len());
        let small = async || memory.respond(9, || Response::new(Body::empty())).now_or_never().is_some();
        assert!(small().await && memory.for_body(LARGE).now_or_never().is_none());
        drop(bytes);
        assert!(memory.for_body(LARGE).now_or_never().is_some());
    }
}
