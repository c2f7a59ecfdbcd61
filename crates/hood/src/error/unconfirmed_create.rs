//! A create that may have taken effect, as plain data to search with.

use serde::{Deserialize, Serialize};

use crate::clock::Moment;

/// A create whose effect was not confirmed: its name, its provider and its times. It has no secret.
#[doc(hidden)]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UnconfirmedCreate {
    pub(crate) name: String,
    pub(crate) provider_id: String,
    pub(crate) began: Moment,
    pub(crate) failed: Moment,
}

impl UnconfirmedCreate {
    /// Describes a create that began then and failed now. Returns `None` where the body is not one of a create.
    pub(crate) fn new(body: &[u8], began: Moment) -> Option<Self> {
        #[derive(Deserialize)]
        struct Named {
            name: String,
            provider_id: String,
        }
        let Named { name, provider_id } = serde_json::from_slice(body).ok()?;
        Some(Self { name, provider_id, began, failed: Moment::now() })
    }

    /// Returns the JSON in which the bindings keep it.
    pub(crate) fn to_json(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }
}
