//! The one error type of this crate.

use std::fmt;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderValue, SET_COOKIE};

use super::attempt::Attempt;
use super::field_error::FieldError;
use super::kind::ErrorKind;
use super::outcome::Outcome;
use super::stage::Stage;
use super::unconfirmed_create::UnconfirmedCreate;
use crate::secret::REDACTED;

/// Any failure of this crate.
///
/// ```
/// use ocamba_hood::{Client, ErrorKind, Outcome};
///
/// let error = Client::builder().token("two\nlines").build().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Configuration);
/// assert_eq!(error.outcome(), Outcome::NotSent);
/// assert_eq!(error.code(), "configuration");
/// ```
pub struct Error(Box<Inner>);

type Source = Box<dyn std::error::Error + Send + Sync>;

struct Inner {
    kind: ErrorKind,
    outcome: Outcome,
    status: Option<StatusCode>,
    headers: HeaderMap,
    title: Option<String>,
    message: String,
    trace_id: Option<String>,
    retry_after: Option<Duration>,
    field_errors: Vec<FieldError>,
    attempts: Vec<Attempt>,
    source: Option<Source>,
    unconfirmed_create: Option<UnconfirmedCreate>,
    /// Whether a retry would fail, too.
    is_lasting: bool,
    stage: Option<Stage>,
}

impl Error {
    /// Returns the kind of the failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the effect of the request on the account.
    pub fn outcome(&self) -> Outcome {
        self.0.outcome
    }

    /// Returns the stable name of the kind, as `bad_request`.
    pub fn code(&self) -> &'static str {
        self.0.kind.code()
    }

    /// Returns the HTTP status, if a response arrived.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// Returns the headers of the response: none if no response arrived. Secrets of the request that the server quotes are
    /// redacted, and so are cookies.
    ///
    /// ```
    /// # fn example(error: ocamba_hood::Error) {
    /// let window = error.headers().get("x-ratelimit-reset");
    /// # }
    /// ```
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// Returns the title that the server gave the error.
    pub fn title(&self) -> Option<&str> {
        self.0.title.as_deref()
    }

    /// Returns the reason: the server's message if there is one, else this crate's.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the request ID to quote to the vendor's support.
    pub fn trace_id(&self) -> Option<&str> {
        self.0.trace_id.as_deref()
    }

    /// Returns the wait that the server asks for, with [`ErrorKind::RateLimit`].
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns the stage that failed, where no connection could be made.
    pub fn stage(&self) -> Option<Stage> {
        self.0.stage
    }

    /// Returns every invalid field of the request, with [`ErrorKind::Validation`].
    pub fn field_errors(&self) -> &[FieldError] {
        &self.0.field_errors
    }

    /// Returns the HTTP requests of the call, for logs: none where nothing was sent.
    pub fn attempts(&self) -> &[Attempt] {
        &self.0.attempts
    }

    /// Returns the create that may have taken effect, as JSON without a secret: for bindings.
    #[doc(hidden)]
    pub fn unconfirmed_create(&self) -> Option<String> {
        self.0.unconfirmed_create.as_ref()?.to_json()
    }

    /// Returns the create that may have taken effect.
    pub(crate) fn to_unconfirmed_create(&self) -> Result<UnconfirmedCreate, Error> {
        self.0.unconfirmed_create.clone().ok_or_else(Self::without_create)
    }

    pub(crate) fn new(kind: ErrorKind, outcome: Outcome, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            outcome,
            status: None,
            headers: HeaderMap::new(),
            title: None,
            message: message.into(),
            trace_id: None,
            retry_after: None,
            field_errors: Vec::new(),
            attempts: Vec::new(),
            source: None,
            unconfirmed_create: None,
            is_lasting: false,
            stage: None,
        }))
    }

    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Configuration, Outcome::NotSent, message)
    }

    pub(crate) fn validation(field: &str, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError::new(field, message)])
    }

    /// Returns the error for a failure that has no unconfirmed create.
    pub(crate) fn without_create() -> Self {
        Self::validation("error", "is not of a create whose outcome is unknown or applied")
    }

    pub(crate) fn invalid(field_errors: Vec<FieldError>) -> Self {
        let all: Vec<_> = field_errors.iter().map(FieldError::to_string).collect();
        let mut error = Self::new(ErrorKind::Validation, Outcome::NotSent, all.join("; "));
        error.0.field_errors = field_errors;
        error
    }

    /// Notes the stage that failed, and whether it fails until someone changes something.
    pub(crate) fn at_stage(mut self, stage: Option<Stage>, is_lasting: bool) -> Self {
        self.0.stage = stage;
        self.0.is_lasting = is_lasting;
        self
    }

    pub(crate) fn is_lasting(&self) -> bool {
        self.0.is_lasting
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self
    }

    /// Adds the headers of the response, which are not [redacted](Self::redact_headers) yet.
    pub(crate) fn with_headers(mut self, headers: HeaderMap) -> Self {
        self.0.headers = headers;
        self
    }

    /// Replaces the values of headers by what `redact` makes of them, and cookies by nothing that can be used.
    pub(crate) fn redact_headers(mut self, redact: impl Fn(String) -> String) -> Self {
        for (name, value) in &mut self.0.headers {
            let text = || redact(String::from_utf8_lossy(value.as_bytes()).into_owned());
            let redacted = if name == SET_COOKIE { None } else { HeaderValue::from_str(&text()).ok() };
            *value = redacted.unwrap_or(HeaderValue::from_static(REDACTED));
        }
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

    pub(crate) fn with_unconfirmed_create(mut self, unconfirmed_create: Option<UnconfirmedCreate>) -> Self {
        self.0.unconfirmed_create = unconfirmed_create;
        self
    }

    pub(crate) fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_server_words(mut self, title: Option<String>, trace_id: Option<String>) -> Self {
        self.0.title = title;
        self.0.trace_id = trace_id;
        self
    }

    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
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
        // A request that only reads has no effect.
        if self.0.outcome == Outcome::Unknown && self.0.attempts.iter().any(|attempt| !attempt.method.is_safe()) {
            write!(f, "; the request may have taken effect")?;
        }
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
