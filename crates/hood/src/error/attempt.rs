//! The record of one HTTP request, for logs.

use std::time::{Duration, SystemTime};

use reqwest::{Method, StatusCode};

/// Record of one HTTP request, for logs. It has no body and no secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// Number of the attempt within its call, from 1.
    pub number: u32,
    /// Operation of the API, as `create_integration`.
    pub operation: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Path of the URL.
    pub path: String,
    /// Path of the URL with the names of its parameters: the same for all requests of the operation.
    pub path_template: &'static str,
    /// Scheme of the URL.
    pub scheme: &'static str,
    /// Host of the URL.
    pub host: String,
    /// Port of the URL.
    pub port: u16,
    /// Start of the attempt.
    pub started: SystemTime,
    /// Status of the response, if one arrived.
    pub status: Option<StatusCode>,
    /// Time from the start of the attempt to the last byte of its response.
    pub duration: Duration,
    /// Request ID to quote to the vendor's support.
    pub trace_id: Option<String>,
    /// Stable name of the kind of its failure, as `rate_limit`, if it failed.
    pub error: Option<&'static str>,
}

impl Attempt {
    /// Returns the URL without its query, which may name what somebody searches for.
    pub fn url(&self) -> String {
        let default_port = if self.scheme == "https" { 443 } else { 80 };
        let port = if self.port == default_port { String::new() } else { format!(":{}", self.port) };
        format!("{}://{}{port}{}", self.scheme, self.host, self.path)
    }
}
