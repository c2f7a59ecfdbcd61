//! An answer with what came beside the result.

use std::fmt;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::answer::{Answer, NOT_AS_PROMISED};
use crate::received::{Answered, Received};
use crate::{Attempt, Error};

/// A result with the status, headers and trace id of its answer.
#[derive(Clone)]
#[non_exhaustive]
pub struct Response<T> {
    /// The result.
    pub value: T,
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// Names the answer to the vendor's support, where the server sent one. None is documented for a success.
    pub trace_id: Option<String>,
    /// The body as it came.
    pub(crate) body: bytes::Bytes,
    pub(crate) attempts: Vec<Attempt>,
}

impl<T> Response<T> {
    /// The body as it came, secrets in clear.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The requests that were made on the wire, for logs.
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }
}

impl Response<Received> {
    /// With the result read from the body.
    pub(crate) fn read<T: Answered>(self) -> Result<Response<T>, Error> {
        let Self { value, status, headers, trace_id, body, attempts } = self;
        match T::of(value, &body) {
            Some(value) => Ok(Response { value, status, headers, trace_id, body, attempts }),
            None => Err(Answer { status, headers, body }.unreadable(NOT_AS_PROMISED).with_attempts(attempts)),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    /// Without the body, which has secrets in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("value", &self.value)
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("trace_id", &self.trace_id)
            .finish()
    }
}
