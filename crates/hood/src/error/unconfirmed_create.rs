//! A create that may have taken effect, as plain data to search with.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// A create whose effect was not confirmed: its name, its provider and its times. It has no secret.
#[doc(hidden)]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UnconfirmedCreate {
    pub(crate) name: String,
    pub(crate) provider_id: String,
    /// Start of the create, in milliseconds since 1970 by this machine's clock.
    pub(crate) began: u64,
    /// Failure of the create, in the same unit.
    #[serde(default)]
    pub(crate) failed: u64,
}

impl UnconfirmedCreate {
    /// Describes a create that began then and failed now. Returns `None` where the body is not one of a create.
    pub(crate) fn new(body: &[u8], began: SystemTime) -> Option<Self> {
        #[derive(Deserialize)]
        struct Named {
            name: String,
            provider_id: String,
        }
        let Named { name, provider_id } = serde_json::from_slice(body).ok()?;
        Some(Self { name, provider_id, began: millis(began), failed: millis(SystemTime::now()) })
    }

    /// Returns the JSON in which the bindings keep it.
    pub(crate) fn to_json(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }
}

/// Returns a time in milliseconds since 1970, which other processes understand.
pub fn millis(time: SystemTime) -> u64 {
    u64::try_from(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}
