//! One page of a list.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// One page of a list. From [`List::page`](crate::List::page).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Page<T> {
    /// Number of items on all pages together, where the server sent it.
    #[serde(default, deserialize_with = "count")]
    pub total: Option<u64>,
    /// Items of this page.
    pub items: Vec<T>,
}

/// Reads a number, and takes anything else for none.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Value::deserialize(deserializer).map(|value| value.as_u64())
}
