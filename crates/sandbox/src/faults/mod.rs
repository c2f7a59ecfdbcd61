//! Faults: failures on demand, for which requests, and how often. This layer knows the operations of the contract and
//! selects a fault for a request; the server applies it.
//!
//! Faults are JSON, in a file (`ocamba sandbox --faults FILE`) or sent to `/_sandbox/faults`, or these types:
//!
//! ```
//! let faults: ocamba_sandbox::faults::Faults = r#"{
//!   "seed": 7,
//!   "faults": [
//!     { "operation": "createIntegration", "times": 1,
//!       "fault": { "answer": { "status": 429, "headers": { "Retry-After": "-1" } } } },
//!     { "operation": "POST /v1/hood/integrations", "name_prefix": "lost-",
//!       "fault": { "close": { "at": "commit" } } },
//!     { "skip": 2, "times": 3, "probability": 0.5,
//!       "fault": { "change": { "set": { "/status": "asleep", "/is_default": null }, "remove": ["/company_id"] } } }
//!   ]
//! }"#.parse()?;
//! assert_eq!(faults.faults.len(), 3);
//! # Ok::<(), ocamba_sandbox::faults::InvalidFaults>(())
//! ```
//!
//! Each kind, with all its fields:
//!
//! ```
//! # let kinds: Vec<ocamba_sandbox::faults::Fault> = serde_json::from_str(
//! r#"[
//!   { "answer": { "status": 503, "headers": { "Retry-After": "7" }, "body": { "html": "<h1>busy" }, "at": "commit" } },
//!   { "change": { "status": 200, "headers": { "X-New": "1" }, "set": { "/type": "owl" }, "remove": ["/settings/port"] } },
//!   { "delay": { "ms": 300, "at": "read" } },
//!   { "hang": { "at": "commit" } },
//!   { "close": { "at": "arrival" } },
//!   { "reset": { "at": { "answer": 40 } } },
//!   { "drip": { "ms": 5, "after": 120 } },
//!   { "expire_token": { "after": 3 } }, { "expire_token": { "ms": 60000 } },
//!   { "tls": "alert_on_hello" }, { "tls": "alert_on_finished" }, { "tls": "hang" }, { "tls": "http2_only" },
//!   { "tls": "tls12_only" }, { "tls": "tls13_only" }, { "tls": "no_tickets" },
//!   { "tls": "expired_certificate" }, { "tls": "other_host" }, { "tls": "unknown_authority" },
//!   { "tls": { "alert": { "at": "end" } } }, { "tls": { "cut_in_record": { "at": "commit" } } },
//!   { "tls": { "half_close": { "at": "end" } } }, { "tls": { "no_close_notify": { "at": { "answer": 40 } } } }
//! ]"#
//! # )?;
//! # assert_eq!(kinds.len(), 23);
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! The first fault that fires for a request is the only one; the faults below it do not see that request. Faults at
//! `arrival` or within the `request` come first, since all others wait until the server has read the request. Only
//! requests with a valid token and within the rate limit reach those others, and they count in the windows.
//!
//! Tokens that expire do so before the limits, which their refused requests do not use.
//!
//! The faults of TLS without an `at` fire before all others, for a connection and not for a request: see [`TlsFault`].
//!
//! Probabilities use one random generator, in the order of requests: the same seed and the same requests, one after
//! another, give the same run.

mod edit;
mod fault;
mod response;
mod selection;
#[cfg(test)]
mod selection_tests;
mod validation;

pub(crate) use fault::Ending;
pub use fault::{Answer, Body, Change, ExpireToken, Fault, Faults, Moment, Position, Rule, TlsFault};
pub(crate) use selection::{Selection, Subject};
pub use validation::InvalidFaults;
