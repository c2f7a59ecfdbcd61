//! The providers that this version knows.

use super::generated::PROVIDERS;
use super::provider_info::ProviderInfo;

/// Returns the providers that this version knows, in the order of the API's document.
///
/// ```
/// let names: Vec<_> = ocamba_hood::providers().iter().map(|p| p.title).collect();
/// assert!(names.contains(&"Twilio"));
/// ```
pub fn providers() -> &'static [ProviderInfo] {
    PROVIDERS
}

impl ProviderInfo {
    /// Returns the provider with this id, if this version knows it.
    pub fn of(id: &str) -> Option<&'static Self> {
        providers().iter().find(|p| p.id == id)
    }
}
