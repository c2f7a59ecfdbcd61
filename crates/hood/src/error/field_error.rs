//! One field of a request that is invalid.

use std::fmt;

use crate::printable::printable;

/// A field of a request and the reason why its value is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldError {
    /// Dotted path of the field, as `settings.auth_token`.
    pub field: String,
    /// The reason. Never quotes a value, which may be a secret.
    pub message: String,
}

impl FieldError {
    pub(crate) fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", printable(&self.field), printable(&self.message))
    }
}
