//! The change of one field: kept, set to null, or set.

use serde::{Serialize, Serializer};

use crate::secret::Secret;

/// Change that an update makes to one field.
///
/// ```
/// use ocamba_hood::{FieldUpdate, UpdateIntegration, MittoUpdate};
///
/// let settings = MittoUpdate { api_key: "AScs8XXX".into(), sender_name: FieldUpdate::Null };
/// assert_eq!(MittoUpdate::default().api_key, FieldUpdate::Keep);
/// let update = UpdateIntegration::new().settings(settings);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub enum FieldUpdate<T> {
    /// The field keeps its value: it is not sent.
    #[default]
    Keep,
    /// The field is sent as `null`. The effect on the server is not documented.
    Null,
    /// The field is sent with this value.
    Set(T),
}

impl<T> FieldUpdate<T> {
    /// Returns true if the field keeps its value.
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

impl<T> From<T> for FieldUpdate<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}

impl From<&str> for FieldUpdate<String> {
    fn from(value: &str) -> Self {
        Self::Set(value.to_owned())
    }
}

impl From<&str> for FieldUpdate<Secret> {
    fn from(value: &str) -> Self {
        Self::Set(value.into())
    }
}

impl<T: Serialize> Serialize for FieldUpdate<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep | Self::Null => serializer.serialize_none(),
            Self::Set(value) => value.serialize(serializer),
        }
    }
}
