//! Why the state of the rate limit could not be used.

use crate::error::{Error, ErrorKind, Outcome};

/// The place of the state could not be used; nothing was sent.
pub struct Unavailable(pub String);

impl From<Unavailable> for Error {
    fn from(Unavailable(why): Unavailable) -> Self {
        let message = format!("the rate limit could not be used: {why}");
        Self::new(ErrorKind::Configuration, Outcome::NotSent, message)
    }
}
