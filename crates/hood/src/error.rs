//! What went wrong, and what became of the request.

use std::fmt;
use std::time::Duration;

use reqwest::StatusCode;

use crate::Attempt;
use crate::find::{self, Sought};

/// Any failure of this crate.
///
/// ```
/// use ocamba_hood::{Client, Kind, Outcome};
///
/// let error = Client::builder().token("two\nlines").build().unwrap_err();
/// assert_eq!(error.kind(), Kind::Configuration);
/// assert_eq!(error.outcome(), Outcome::NotSent);
/// assert_eq!(error.code(), "configuration");
/// ```
pub struct Error(Box<Inner>);

type Source = Box<dyn std::error::Error + Send + Sync>;

struct Inner {
    kind: Kind,
    outcome: Outcome,
    status: Option<StatusCode>,
    title: Option<String>,
    message: String,
    trace_id: Option<String>,
    retry_after: Option<Duration>,
    problems: Vec<Problem>,
    attempts: Vec<Attempt>,
    source: Option<Source>,
    sought: Option<Sought>,
}

/// What kind of failure it was. One for each error class of the other languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The client was set up wrongly: no token, a base URL that is not safe. Nothing was sent.
    Configuration,
    /// The request is not valid. Nothing was sent.
    Validation,
    /// No connection could be made, or it broke before anything was written. Nothing was sent.
    Connection,
    /// The deadline passed.
    Timeout,
    /// The server does not know the token (401).
    Authentication,
    /// The token may not do this (403).
    Permission,
    /// There is no such thing (404).
    NotFound,
    /// Too many requests (429).
    RateLimit,
    /// The server refused the request (any other 4xx).
    BadRequest,
    /// The server failed (5xx), or answered with a status that nobody expects.
    ServerError,
    /// The request was sent, and the connection broke before its answer came.
    OutcomeUnknown,
    /// The server carried the request out, and its answer cannot be read.
    UnreadableResponse,
    /// Several integrations have the name and provider that only one may have. Nothing was sent that changes them.
    Duplicate,
}

/// What became of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nothing reached the server: it is safe to try again.
    NotSent,
    /// The server said no: nothing was created.
    Rejected,
    /// It may have been carried out. Look before trying again.
    Unknown,
    /// It was carried out, but the answer could not be read. Do not try again.
    Applied,
}

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// Which field: a dotted path, as `settings.auth_token`.
    pub field: String,
    /// What is wrong with it. Never quotes a value that may be secret.
    pub message: String,
}

impl Error {
    /// What kind of failure it was.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// What became of the request.
    pub fn outcome(&self) -> Outcome {
        self.0.outcome
    }

    /// A name for the kind that does not change, as `bad_request`.
    pub fn code(&self) -> &'static str {
        self.0.kind.code()
    }

    /// The HTTP status, if an answer came.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The status in the server's words.
    pub fn title(&self) -> Option<&str> {
        self.0.title.as_deref()
    }

    /// What went wrong, in the server's words where it said.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Names the answer to the vendor's support.
    pub fn trace_id(&self) -> Option<&str> {
        self.0.trace_id.as_deref()
    }

    /// How long the server asks to wait, with a [`Kind::RateLimit`].
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Everything that is wrong with the request, with a [`Kind::Validation`].
    pub fn problems(&self) -> &[Problem] {
        &self.0.problems
    }

    /// The requests that were made on the wire, for logs. None where nothing was sent.
    pub fn attempts(&self) -> &[Attempt] {
        &self.0.attempts
    }

    /// What to look for, where a create may have come to be: for bindings, as JSON without any secret.
    #[doc(hidden)]
    pub fn sought(&self) -> Option<String> {
        serde_json::to_string(self.0.sought.as_ref()?).ok()
    }

    pub(crate) fn to_sought(&self) -> Result<Sought, Error> {
        self.0.sought.clone().ok_or_else(find::not_of_a_create)
    }

    pub(crate) fn new(kind: Kind, outcome: Outcome, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            outcome,
            status: None,
            title: None,
            message: message.into(),
            trace_id: None,
            retry_after: None,
            problems: Vec::new(),
            attempts: Vec::new(),
            source: None,
            sought: None,
        }))
    }

    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::new(Kind::Configuration, Outcome::NotSent, message)
    }

    pub(crate) fn validation(field: &str, message: impl Into<String>) -> Self {
        Self::invalid(vec![Problem::new(field, message)])
    }

    pub(crate) fn invalid(problems: Vec<Problem>) -> Self {
        let all: Vec<_> = problems.iter().map(Problem::to_string).collect();
        let mut error = Self::new(Kind::Validation, Outcome::NotSent, all.join("; "));
        error.0.problems = problems;
        error
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: Vec<Attempt>) -> Self {
        self.0.attempts = attempts;
        self
    }

    pub(crate) fn with_outcome(mut self, outcome: Outcome) -> Self {
        self.0.outcome = outcome;
        self
    }

    /// It may have come to be after all.
    pub(crate) fn with_sought(mut self, sought: Option<Sought>) -> Self {
        self.0.sought = sought;
        self
    }

    pub(crate) fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_answer(mut self, title: Option<String>, trace_id: Option<String>) -> Self {
        self.0.title = title;
        self.0.trace_id = trace_id;
        self
    }

    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }
}

impl Kind {
    /// A name that does not change, as `bad_request`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Validation => "validation",
            Self::Connection => "connection",
            Self::Timeout => "timeout",
            Self::Authentication => "authentication",
            Self::Permission => "permission",
            Self::NotFound => "not_found",
            Self::RateLimit => "rate_limit",
            Self::BadRequest => "bad_request",
            Self::ServerError => "server_error",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::UnreadableResponse => "unreadable_response",
            Self::Duplicate => "duplicate",
        }
    }

    /// The kind of an answer that is not a success.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            401 => Self::Authentication,
            403 => Self::Permission,
            404 => Self::NotFound,
            429 => Self::RateLimit,
            400..=499 => Self::BadRequest,
            _ => Self::ServerError,
        }
    }
}

impl Outcome {
    /// A name that does not change, as `not_sent`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
            Self::Applied => "applied",
        }
    }

    /// What an answer with this status says of the request.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            200..=299 => Self::Applied,
            400..=499 => Self::Rejected,
            _ => Self::Unknown,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Problem {
    pub(crate) fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(status) = self.0.status {
            write!(f, "{} ", status.as_u16())?;
        }
        if let Some(title) = &self.0.title {
            write!(f, "{} ", title.trim_end_matches('.').to_owned() + ":")?;
        }
        write!(f, "{}", self.0.message)?;
        if let Some(trace_id) = &self.0.trace_id {
            write!(f, " (trace id {trace_id})")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, outcome, status, title, message, trace_id, retry_after, source, .. } = &*self.0;
        f.debug_struct("Error")
            .field("kind", kind)
            .field("outcome", outcome)
            .field("status", status)
            .field("title", title)
            .field("message", message)
            .field("trace_id", trace_id)
            .field("retry_after", retry_after)
            .field("source", source)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|s| &**s as _)
    }
}
