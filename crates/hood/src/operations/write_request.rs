//! The generated client writes a request; nothing else is left to it.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::Uri;
use progenitor_client::{ClientHooks, OperationInfo};
use reqwest::header::HeaderName;
use reqwest::{Request, Url};

use crate::error::{Error, ErrorKind, Outcome};
use crate::model::generated::{Client, PATHS};
use crate::model::secrets_of;
use crate::transport::WrittenRequest;

/// Header of the generator that the API does not know.
const API_VERSION: HeaderName = HeaderName::from_static("api-version");

/// A request in place of being sent, and its operation.
type Slot = Arc<OnceLock<(Request, &'static str)>>;

/// Origin with which the generated client writes, and parses, each URL: the shortest costs least.
const PLACEHOLDER: &str = "http://h";

/// Writes requests to one API.
pub struct RequestWriter {
    server: Uri,
    /// The base URL with [`PLACEHOLDER`] as its origin, without a slash at its end.
    base_url: String,
    builder: reqwest::Client,
}

impl RequestWriter {
    /// Creates a writer for the API at this base URL.
    pub fn new(server: Uri) -> Self {
        let base_url = format!("{PLACEHOLDER}{}", server.path().trim_end_matches('/'));
        Self { server, base_url, builder: reqwest::Client::new() }
    }

    /// Writes the request of the generated client's method that `call` calls.
    pub async fn write(&self, call: impl AsyncFnOnce(&Client)) -> Result<WrittenRequest, Error> {
        let slot = Slot::default();
        call(&Client::new_with_client(&self.base_url, self.builder.clone(), slot.clone())).await;
        let written = Arc::into_inner(slot).and_then(OnceLock::into_inner);
        let (mut request, operation) = written.ok_or_else(unwritable)?;
        let body = request.body().and_then(|b| b.as_bytes()).map(Bytes::copy_from_slice).unwrap_or_default();
        let mut http = http::Request::new(body);
        *http.method_mut() = request.method().clone();
        *http.uri_mut() = self.uri(request.url()).ok_or_else(unwritable)?;
        *http.headers_mut() = std::mem::take(request.headers_mut());
        http.headers_mut().remove(API_VERSION);
        let path_template = PATHS.iter().find(|(of, _)| *of == operation).map_or("", |(_, path)| path);
        Ok(WrittenRequest { operation, path_template, http, secrets_of })
    }

    /// Takes a request that was written by hand, to a path on the server.
    pub fn by_hand(&self, request: &http::Request<Bytes>) -> Result<WrittenRequest, Error> {
        let mut http = request.clone();
        let base = self.server.path().trim_end_matches('/');
        let mut parts = self.server.clone().into_parts();
        parts.path_and_query = format!("{base}{}", request.uri()).parse().ok();
        *http.uri_mut() = Uri::from_parts(parts).map_err(|_| unwritable())?;
        Ok(WrittenRequest { operation: "raw", path_template: "", http, secrets_of })
    }

    /// Returns a URL of the generated client as one of the server.
    fn uri(&self, url: &Url) -> Option<Uri> {
        let mut parts = self.server.clone().into_parts();
        parts.path_and_query = Some(url.as_str().strip_prefix(PLACEHOLDER)?.parse().ok()?);
        Uri::from_parts(parts).ok()
    }
}

fn unwritable() -> Error {
    Error::new(ErrorKind::Validation, Outcome::NotSent, "the request cannot be written as HTTP")
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
