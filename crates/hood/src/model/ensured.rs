//! The result of an `ensure`.

use std::fmt;

use serde::Deserialize;

use super::results::Integration;

/// Result of [`Integrations::ensure`](crate::Integrations::ensure).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Ensured {
    /// The integration.
    pub integration: Integration,
    /// The change that it took.
    pub action: Action,
}

/// Change that an `ensure` made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// No integration had this name and provider: one was created.
    Created,
    /// One existed and matched the request.
    Adopted,
    /// One existed and differed: it was updated.
    Updated,
}

impl Action {
    /// Returns the stable name of this action, as `created`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Adopted => "adopted",
            Self::Updated => "updated",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
