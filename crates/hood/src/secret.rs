//! Values that only the server may see.

use std::cell::Cell;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Text that replaces a secret.
pub const REDACTED: &str = "[REDACTED]";

/// String that is redacted in `Debug`, in `Display` and by serde.
///
/// It is sent to the server in clear. [`Secret::expose`] returns it, and [`reveal`] serializes it in clear.
///
/// The text exists once in memory: clones share it, and the last one that is dropped wipes it. Two secrets are compared in a
/// time that depends only on their lengths. This does not cover text outside the `Secret`: the string that it was copied from
/// (pass a `String`, which is moved), what [`expose`](Self::expose) was copied to, the header and the body of a request, the
/// buffers of TLS, strings of Python and JavaScript, pages that the system swapped out, and a dump of the process.
///
/// ```
/// use ocamba_hood::Secret;
///
/// let token = Secret::new("464XXX");
/// assert_eq!(format!("{token:?} {token}"), "[REDACTED] [REDACTED]");
/// assert_eq!(token.expose(), "464XXX");
/// ```
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// Wraps a string.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(Arc::new(Zeroizing::new(secret.into())))
    }

    /// Returns the string in clear.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl<T: Into<String>> From<T> for Secret {
    fn from(secret: T) -> Self {
        Self::new(secret)
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose().as_bytes().ct_eq(other.expose().as_bytes()).into()
    }
}

impl Eq for Secret {}

impl Hash for Secret {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.expose().hash(state);
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if is_revealing() { self.expose() } else { REDACTED })
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // serde's own error for a wrong type would quote the value.
        match serde_json::Value::deserialize(deserializer).map_err(|_| de::Error::custom("expected a string"))? {
            serde_json::Value::String(text) if text == REDACTED => {
                Err(de::Error::custom("the secret was redacted when it was serialized; replace it with the real one"))
            }
            serde_json::Value::String(text) => Ok(Self::new(text)),
            _ => Err(de::Error::custom("expected a string")),
        }
    }
}

/// Runs `work` with secrets serialized in clear, on this thread, until it returns.
///
/// ```
/// use ocamba_hood::{Secret, reveal};
///
/// let secret = Secret::new("464XXX");
/// assert_eq!(serde_json::to_string(&secret)?, r#""[REDACTED]""#);
/// assert_eq!(reveal(|| serde_json::to_string(&secret))?, r#""464XXX""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn reveal<T>(work: impl FnOnce() -> T) -> T {
    /// Restores the previous state, even when `work` panics.
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            REVEALING.set(self.0);
        }
    }
    let _restore = Restore(REVEALING.replace(true));
    work()
}

/// Returns true within [`reveal`] on this thread.
pub(crate) fn is_revealing() -> bool {
    REVEALING.get()
}

thread_local! {
    static REVEALING: Cell<bool> = const { Cell::new(false) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panic_within_reveal_ends_it() {
        let secret = Secret::new("canary");
        let _ = std::panic::catch_unwind(|| reveal(|| panic!("on purpose")));
        assert_eq!(serde_json::to_string(&secret).expect("a string"), "\"[REDACTED]\"");
    }

    #[test]
    fn clone_shares_the_text_and_equality_compares_it() {
        let secret = Secret::new("canary");
        assert_eq!(secret.clone().expose().as_ptr(), secret.expose().as_ptr());
        assert_eq!(secret, Secret::new("canary"));
        for other in ["", "canarx", "canary1", "canar"] {
            assert_ne!(secret, Secret::new(other));
        }
    }

    #[test]
    fn redacted_text_is_not_read_as_a_secret() {
        assert!(serde_json::from_str::<Secret>("\"[REDACTED]\"").is_err());
        assert_eq!(serde_json::from_str::<Secret>("\"x\"").expect("a secret").expose(), "x");
    }

    #[test]
    fn error_of_reading_does_not_quote_the_value() {
        let error = serde_json::from_str::<Secret>("12345").expect_err("no string");
        assert!(!error.to_string().contains("12345"), "{error}");
    }
}
