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

    /// Returns the provider with this id, type name or title, in any case, if this version knows it.
    ///
    /// ```
    /// use ocamba_hood::ProviderInfo;
    ///
    /// let provider = ProviderInfo::find("twilio").ok_or("unknown")?;
    /// assert_eq!(provider.title, "Twilio");
    /// # Ok::<(), &str>(())
    /// ```
    pub fn find(text: &str) -> Option<&'static Self> {
        let is_named = |name: &str| name.eq_ignore_ascii_case(text.trim());
        providers().iter().find(|p| [p.id, p.type_name, p.title].into_iter().any(is_named))
    }
}
