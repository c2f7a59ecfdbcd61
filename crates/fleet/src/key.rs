//! The identity of an integration.

use serde::Deserialize;

/// Name and provider, which together identify an integration in an account.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
pub(crate) struct Key {
    pub name: String,
    pub provider_id: String,
}
