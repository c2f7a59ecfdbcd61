//! Why the storage of the rate limit did not do its work.

use crate::error::Error;

/// The storage did not do its work; nothing was sent.
pub enum Unavailable {
    /// Another process holds it.
    Locked(Error),
    /// It does not work.
    Broken(Error),
}

impl From<Unavailable> for Error {
    fn from(unavailable: Unavailable) -> Self {
        match unavailable {
            Unavailable::Locked(error) | Unavailable::Broken(error) => error,
        }
    }
}
