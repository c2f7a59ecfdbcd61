//! The system's keyring: Keychain, Credential Manager, or the Secret Service on other systems.
//!
//! Errors are the reasons in words. They never quote what the keyring holds.

use keyring_core::{CredentialStore, Entry, Error, Result};
use ocamba_hood::Secret;

/// Service of the tokens of profiles.
pub const SERVICE: &str = "ocamba";

/// Stores a secret under a name.
pub fn put(name: &str, secret: &Secret) -> std::result::Result<(), String> {
    entry(name).and_then(|entry| entry.set_password(secret.expose())).map_err(reason)
}

/// Returns the secret with this name, if there is one.
pub fn get(name: &str) -> std::result::Result<Option<Secret>, String> {
    get_of(SERVICE, name)
}

/// Returns the secret of another service with this name, if there is one.
pub fn get_of(service: &str, name: &str) -> std::result::Result<Option<Secret>, String> {
    match entry_of(service, name).and_then(|entry| entry.get_password()) {
        Ok(secret) => Ok(Some(Secret::new(secret))),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(reason(error)),
    }
}

/// Removes the secret with this name, if there is one.
pub fn remove(name: &str) -> std::result::Result<(), String> {
    match entry(name).and_then(|entry| entry.delete_credential()) {
        Ok(()) | Err(Error::NoEntry) => Ok(()),
        Err(error) => Err(reason(error)),
    }
}

/// Returns the reason why there is no keyring, if there is none.
pub fn is_available() -> std::result::Result<(), String> {
    entry("doctor").map(drop).map_err(reason)
}

fn entry(name: &str) -> Result<Entry> {
    entry_of(SERVICE, name)
}

fn entry_of(service: &str, name: &str) -> Result<Entry> {
    if std::env::var_os("OCAMBA_KEYRING").is_some_and(|value| value == "off") {
        return Err(Error::NotSupportedByStore("OCAMBA_KEYRING is off".to_owned()));
    }
    store()?.build(service, name, None)
}

fn store() -> Result<std::sync::Arc<CredentialStore>> {
    #[cfg(target_os = "macos")]
    let store = apple_native_keyring_store::keychain::Store::new()?;
    #[cfg(windows)]
    let store = windows_native_keyring_store::Store::new()?;
    #[cfg(all(unix, not(target_vendor = "apple")))]
    let store = dbus_secret_service_keyring_store::Store::new()?;
    Ok(store)
}

fn reason(error: Error) -> String {
    match error {
        Error::PlatformFailure(cause) | Error::NoStorageAccess(cause) => cause.to_string(),
        Error::BadDataFormat(..) | Error::BadEncoding(_) => "its entry is not text".to_owned(),
        Error::Ambiguous(_) => "it has several entries with one name".to_owned(),
        Error::NotSupportedByStore(why) => why,
        other => other.to_string(),
    }
}
