//! Bytes out, bytes in: sends a written request until it has a response or the deadline passes. It owns connections, the
//! rate limit, retries, metrics and the token, and knows no integration and no provider.

mod extra_headers;
mod gated_body;
mod metrics;
mod options;
mod pool;
mod progress;
mod raw_response;
mod redact;
mod response_outcome;
mod retry;
mod send_gate;
mod telemetry;
mod transport;
mod written_request;

pub use extra_headers::ExtraHeaders;
pub use metrics::Metrics;
pub use options::CallOptions;
pub use pool::ConnectionPool;
pub use progress::Progress;
pub use raw_response::RawResponse;
pub use transport::{Announce, BoxFuture, Transport};
pub use written_request::WrittenRequest;
