//! The system's keyring: Keychain, Credential Manager, or on other systems the Secret Service.

use std::path::Path;

use keyring_core::{CredentialStore, Entry, Error, Result};
use ocamba_hood::Secret;

const SERVICE: &str = "ocamba";

/// Why there is no token from the keyring.
#[derive(Debug)]
pub struct Unavailable(pub String);

/// Puts a token into it.
pub fn put(folder: &Path, profile: &str, token: &Secret) -> std::result::Result<(), Unavailable> {
    entry(folder, profile).and_then(|entry| entry.set_password(token.expose())).map_err(Unavailable::from)
}

/// The token that is in it, if there is one.
pub fn get(folder: &Path, profile: &str) -> std::result::Result<Option<Secret>, Unavailable> {
    match entry(folder, profile).and_then(|entry| entry.get_password()) {
        Ok(token) => Ok(Some(Secret::new(token))),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What it has under a name of the user's own: for references to secrets.
pub fn named(name: &str) -> std::result::Result<Option<Secret>, Unavailable> {
    match named_entry(name).and_then(|entry| entry.get_password()) {
        Ok(secret) => Ok(Some(Secret::new(secret))),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Takes a token out of it.
pub fn remove(folder: &Path, profile: &str) -> std::result::Result<(), Unavailable> {
    match entry(folder, profile).and_then(|entry| entry.delete_credential()) {
        Ok(()) | Err(Error::NoEntry) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The folder is part of its name: profiles of another folder are others, though they have the same names.
fn entry(folder: &Path, profile: &str) -> Result<Entry> {
    let account = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned()).join(profile);
    named_entry(&account.to_string_lossy())
}

fn named_entry(name: &str) -> Result<Entry> {
    if std::env::var_os("OCAMBA_KEYRING").is_some_and(|value| value == "off") {
        return Err(Error::NotSupportedByStore("OCAMBA_KEYRING is off".to_owned()));
    }
    store()?.build(SERVICE, name, None)
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

impl From<Error> for Unavailable {
    /// In its own words, but for those that would quote what is in the keyring.
    fn from(error: Error) -> Self {
        Self(match error {
            Error::PlatformFailure(cause) | Error::NoStorageAccess(cause) => cause.to_string(),
            Error::BadDataFormat(..) | Error::BadEncoding(_) => "what it has is no token".to_owned(),
            Error::Ambiguous(_) => "it has several tokens for one profile".to_owned(),
            Error::NotSupportedByStore(why) => why,
            other => other.to_string(),
        })
    }
}
