//! A history: what clients did, and what they said of it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A line of a history.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A call begins.
    Invoke {
        /// Identifies the call among those of all processes.
        id: String,
        /// Process that makes the call.
        process: String,
        /// The operation.
        operation: Operation,
        /// Name of the integration: of `find_created`, that of the create that is searched.
        #[serde(default)]
        name: Option<String>,
        /// Provider of the integration.
        #[serde(default)]
        provider_id: Option<String>,
        /// Any label of the token.
        #[serde(default)]
        account: Option<String>,
        /// Anything that helps to understand a violation.
        #[serde(default)]
        options: Value,
        /// Time, in milliseconds since the Unix epoch.
        at_ms: f64,
    },
    /// A call has ended.
    Return {
        /// The call.
        id: String,
        /// What the client said of it.
        outcome: Outcome,
        /// Of a cancelled call: what its progress said, `not_sent` or `unknown`.
        #[serde(default)]
        progress: Option<Outcome>,
        /// ID of the integration that the call returned. None of `find_created` says that nothing was created.
        #[serde(default)]
        integration: Option<String>,
        /// Of `ensure`: whether the client said that it created the integration. Unknown if it did not say.
        #[serde(default)]
        created: Option<bool>,
        /// Time, in milliseconds since the Unix epoch.
        at_ms: f64,
    },
}

/// An operation of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Creates an integration.
    Create,
    /// Changes an integration, with a name that no other call has.
    Update,
    /// Creates an integration unless there is one with the name.
    Ensure,
    /// Searches the integration of an earlier create.
    FindCreated,
    /// Any other, about which there is no rule.
    #[serde(other)]
    Other,
}

/// What a client said of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It succeeded.
    Ok,
    /// It failed before anything was sent.
    NotSent,
    /// The API refused it.
    Rejected,
    /// It failed, and may have taken effect.
    Unknown,
    /// It took effect, and failed after that.
    Applied,
    /// Its caller cancelled it.
    Cancelled,
}

/// Reads the lines of a history. Empty lines, and a last line that is incomplete because its process was killed, are ignored.
///
/// # Errors
/// If another line is not an [`Event`].
pub fn read(text: &str) -> serde_json::Result<Vec<Event>> {
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().filter(|line| !line.trim().is_empty()).map(serde_json::from_str).collect()
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}
