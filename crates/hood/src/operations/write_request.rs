//! The generated client writes a request; nothing else is left to it.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use progenitor_client::{ClientHooks, OperationInfo};
use reqwest::Request;
use reqwest::header::HeaderName;

use crate::error::{Error, ErrorKind, Outcome};
use crate::model::generated::{Client, PATHS};
use crate::model::secrets_of;
use crate::transport::WrittenRequest;

/// Header of the generator that the API does not know.
const API_VERSION: HeaderName = HeaderName::from_static("api-version");

/// A request in place of being sent, and its operation.
type Slot = Arc<OnceLock<(Request, &'static str)>>;

/// Writes requests to one API.
pub struct RequestWriter {
    /// Base URL, without a slash at its end.
    base_url: String,
    builder: reqwest::Client,
}

impl RequestWriter {
    pub fn new(base_url: &str) -> Self {
        Self { base_url: base_url.to_owned(), builder: reqwest::Client::new() }
    }

    /// Writes the request of the generated client's method that `call` calls.
    pub async fn write(&self, call: impl AsyncFnOnce(&Client)) -> Result<WrittenRequest, Error> {
        let slot = Slot::default();
        call(&Client::new_with_client(&self.base_url, self.builder.clone(), slot.clone())).await;
        let written = Arc::into_inner(slot).and_then(OnceLock::into_inner);
        let unwritable =
            || Error::new(ErrorKind::Validation, Outcome::NotSent, "the request cannot be written as HTTP");
        let (mut request, operation) = written.ok_or_else(unwritable)?;
        request.headers_mut().remove(API_VERSION);
        let body = request.body().and_then(|b| b.as_bytes()).map(Bytes::copy_from_slice).unwrap_or_default();
        let http = http::Request::try_from(request).map_err(|_| unwritable())?.map(|_| body);
        let path_template = PATHS.iter().find(|(of, _)| *of == operation).map_or("", |(_, path)| path);
        Ok(WrittenRequest { operation, path_template, http, secrets_of })
    }
}

impl ClientHooks<Slot> for Client {
    /// Keeps the request, and gives the generated client an empty response to be content with.
    async fn exec(&self, request: Request, info: &OperationInfo) -> reqwest::Result<reqwest::Response> {
        let _ = self.inner.set((request, info.operation_id));
        let mut nothing = http::Response::new(Bytes::new());
        *nothing.status_mut() = http::StatusCode::NO_CONTENT;
        Ok(nothing.into())
    }
}
