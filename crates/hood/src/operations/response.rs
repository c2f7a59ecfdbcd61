//! A result together with its response.

use std::fmt;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use super::checked_body::{CheckedBody, FromBody, Shape};
use crate::error::{Attempt, Error, ErrorKind, Outcome};
use crate::model::without_lone_surrogates;
use crate::transport::RawResponse;

/// Why a success with a complete body is unreadable.
const NOT_AS_PROMISED: &str = "it is not the JSON that the API promises; check the base URL";

/// Result of a call, with the status, headers and trace id of its response.
#[derive(Clone)]
#[non_exhaustive]
pub struct Response<T> {
    /// The result.
    pub value: T,
    /// HTTP status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Request ID to quote to the vendor's support, where the server sent one. None is documented for a success.
    pub trace_id: Option<String>,
    body: Bytes,
    attempts: Vec<Attempt>,
}

impl<T> Response<T> {
    /// Returns the body of the last response as the server sent it, secrets in clear.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Returns the HTTP requests of the call, for logs.
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    pub(crate) fn with_attempts(self, attempts: Vec<Attempt>) -> Self {
        Self { attempts, ..self }
    }

    /// Replaces the result.
    pub(crate) fn with_value<U>(self, value: U) -> Response<U> {
        let Self { status, headers, trace_id, body, attempts, .. } = self;
        Response { value, status, headers, trace_id, body, attempts }
    }

    /// Returns the error of a success whose body is not as promised, without the headers, which may quote secrets.
    pub(crate) fn unreadable(self) -> Error {
        let Self { status, body, attempts, .. } = self;
        RawResponse { status, headers: HeaderMap::new(), body, attempts }.unreadable(NOT_AS_PROMISED)
    }

    /// Returns the error of a success whose body is as promised, but for a part that cannot be read; without the headers.
    fn partly_unreadable(self) -> Error {
        let message = "the request took effect, but a part of its response could not be read";
        Error::new(ErrorKind::UnreadableResponse, Outcome::Applied, message)
            .with_status(self.status)
            .with_attempts(self.attempts)
    }
}

impl<T: FromBody> Response<T> {
    /// Decodes the body of a raw response, once. An error has the headers.
    pub(crate) fn decode(raw: RawResponse, shape: Shape) -> Result<Self, Error> {
        let RawResponse { status, headers, body, attempts } = raw;
        let trace_id = attempts.last().and_then(|attempt| attempt.trace_id.clone());
        let mut response = Response { value: (), status, headers, trace_id, body, attempts };
        let body = without_lone_surrogates(response.body.clone());
        match T::from_body(&body, shape) {
            Some(value) => Ok(response.with_value(value)),
            None => {
                let headers = std::mem::take(&mut response.headers);
                let is_checked = CheckedBody::from_body(&body, shape).is_some();
                let error = if is_checked { response.partly_unreadable() } else { response.unreadable() };
                Err(error.with_headers(headers))
            }
        }
    }
}

impl Response<CheckedBody> {
    /// Reads the result from checked JSON.
    pub(crate) fn read<T: FromBody>(mut self) -> Result<Response<T>, Error> {
        match T::from_checked(std::mem::take(&mut self.value)) {
            Some(value) => Ok(self.with_value(value)),
            None => Err(self.partly_unreadable()),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    /// Leaves out the headers and the body, which may have secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("value", &self.value)
            .field("status", &self.status)
            .field("trace_id", &self.trace_id)
            .finish_non_exhaustive()
    }
}
