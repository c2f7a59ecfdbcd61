//! The system's keyring: Keychain, Credential Manager, or the Secret Service on other systems.
//!
//! Errors are the reasons in words. They never quote what the keyring holds.

use std::io::Write;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use keyring_core::{CredentialStore, Entry, Error, Result};
use ocamba_hood::Secret;

/// Service of the tokens of profiles.
pub const SERVICE: &str = "ocamba";
/// Time after which a wait is reported.
const NOTICE_AFTER: Duration = Duration::from_secs(2);

/// The system's keyring, and how long its answers are waited for. A locked one asks its user to unlock it, on a screen that
/// this terminal may not have.
#[derive(Clone, Copy)]
pub struct Keyring {
    timeout: Duration,
}

impl Keyring {
    pub fn new(timeout: Duration) -> Self {
        Self { timeout }
    }

    /// Stores a secret under a name.
    pub fn put(self, name: &str, secret: &Secret) -> std::result::Result<(), String> {
        let secret = secret.clone();
        self.call(SERVICE, name, move |entry| entry.set_password(secret.expose()))
    }

    /// Returns the secret with this name, if there is one.
    pub fn get(self, name: &str) -> std::result::Result<Option<Secret>, String> {
        self.get_of(SERVICE, name)
    }

    /// Returns the secret of another service with this name, if there is one.
    pub fn get_of(self, service: &str, name: &str) -> std::result::Result<Option<Secret>, String> {
        self.call(service, name, |entry| match entry.get_password() {
            Ok(secret) => Ok(Some(Secret::new(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
    }

    /// Removes the secret with this name, if there is one.
    pub fn remove(self, name: &str) -> std::result::Result<(), String> {
        self.call(SERVICE, name, |entry| match entry.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(error),
        })
    }

    /// Returns the reason why there is no keyring, if there is none.
    pub fn is_available(self) -> std::result::Result<(), String> {
        self.call(SERVICE, "doctor", |_| Ok(()))
    }

    /// Calls the keyring on a thread of its own, which ends with the process if the keyring never answers.
    fn call<T: Send + 'static>(
        self,
        service: &str,
        name: &str,
        call: impl FnOnce(Entry) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, String> {
        let (service, name) = (service.to_owned(), name.to_owned());
        let (result, results) = mpsc::channel();
        thread::spawn(move || result.send(entry_of(&service, &name).and_then(call).map_err(reason)));
        let patience = NOTICE_AFTER.min(self.timeout);
        results
            .recv_timeout(patience)
            .or_else(|_| {
                if self.timeout > patience {
                    let _ = writeln!(
                        anstream::stderr(),
                        "waiting for the keyring: is it locked? Unlock it, or press Ctrl-C"
                    );
                }
                results.recv_timeout(self.timeout - patience)
            })
            .unwrap_or_else(|_| {
                Err(format!(
                    "it did not answer within {} s; unlock it, or set OCAMBA_KEYRING=off",
                    self.timeout.as_secs_f64()
                ))
            })
    }
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
