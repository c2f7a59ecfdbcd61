//! The kinds of failures, one for each error class of the other languages.

use reqwest::StatusCode;

/// Kind of a failure. The other languages have one error class for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The client was set up wrongly: no token, an unsafe base URL. Nothing was sent.
    Configuration,
    /// The request is invalid. Nothing was sent.
    Validation,
    /// No connection could be made, or it broke before anything was written. Nothing was sent.
    Connection,
    /// The deadline passed.
    Timeout,
    /// The server rejected the token (401).
    Authentication,
    /// The token lacks the permission (403).
    PermissionDenied,
    /// The resource does not exist (404).
    NotFound,
    /// The account sent too many requests (429).
    RateLimit,
    /// The server rejected the request (any other 4xx).
    BadRequest,
    /// The server failed (5xx), or its response had an unexpected status.
    ServerError,
    /// The request was sent, and the connection broke before the response arrived; or a search found integrations that
    /// may be older than the create.
    OutcomeUnknown,
    /// The response could not be read: it is incomplete, or not what the API promises.
    UnreadableResponse,
    /// Several integrations have the name and provider that must be unique. Nothing was sent that changes them.
    Duplicate,
}

impl ErrorKind {
    /// Returns the stable name of this kind, as `bad_request`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Validation => "validation",
            Self::Connection => "connection",
            Self::Timeout => "timeout",
            Self::Authentication => "authentication",
            Self::PermissionDenied => "permission_denied",
            Self::NotFound => "not_found",
            Self::RateLimit => "rate_limit",
            Self::BadRequest => "bad_request",
            Self::ServerError => "server_error",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::UnreadableResponse => "unreadable_response",
            Self::Duplicate => "duplicate",
        }
    }

    /// Returns the kind of a response whose status is not a success.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            401 => Self::Authentication,
            403 => Self::PermissionDenied,
            404 | 410 => Self::NotFound,
            429 => Self::RateLimit,
            400..=499 => Self::BadRequest,
            _ => Self::ServerError,
        }
    }
}
