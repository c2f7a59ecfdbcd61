//! Steps of a plan.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What applying would do with one row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Step {
    /// Line in the input.
    pub line: u32,
    /// Name of the integration.
    pub name: String,
    /// Id of the provider.
    pub provider_id: String,
    /// Action on the integration.
    pub action: Action,
    /// Id of the existing integration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Changes of an update.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<FieldChange>,
    /// Whether an earlier run may have sent the request: the next run looks for its result before it sends the request again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_doubt: bool,
    /// Reason for a conflict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<String>,
}

/// Action on an integration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Create it: it does not exist.
    Create,
    /// Update it: it exists and differs.
    Update,
    /// Record it in the ledger: it exists and matches, but the ledger does not have it.
    Adopt,
    /// Do nothing: it exists and matches, and the ledger has it.
    Unchanged,
    /// Do nothing: a person must resolve a conflict.
    Conflict,
}

impl Action {
    /// All actions.
    pub const ALL: [Self; 5] = [Self::Create, Self::Update, Self::Adopt, Self::Unchanged, Self::Conflict];
}

impl fmt::Display for Action {
    /// Writes a stable name, such as `create`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// Change of one field. Values that may be secret are omitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FieldChange {
    /// Field, such as `settings.sender_name`.
    pub field: String,
    /// Whether the values are omitted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// Current value, unless absent or secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Value>,
    /// New value, unless secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Value>,
}
