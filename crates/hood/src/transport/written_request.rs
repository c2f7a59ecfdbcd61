//! A request that is written, and not sent yet.

use bytes::Bytes;

/// An HTTP request, with what its sender must know of it.
pub struct WrittenRequest {
    /// Operation of the API, as `create_integration`.
    pub operation: &'static str,
    /// Path with the names of its parameters, by which traces tell requests apart.
    pub path_template: &'static str,
    pub http: http::Request<Bytes>,
    /// Finds the secrets of its body, which no error may quote.
    pub secrets_of: fn(&[u8]) -> Vec<String>,
}
