//! Why a sandbox could not be started.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use crate::faults::InvalidFaults;

/// Why a sandbox could not be started.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The address cannot be listened on.
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the operating system says.
        cause: io::Error,
    },
    /// The faults cannot be used.
    Faults(InvalidFaults),
    /// The OpenAPI document that is built in cannot be used. No setting leads to this: it is a mistake in this crate.
    Document(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen { address, cause } => write!(f, "cannot listen on {address}: {cause}"),
            Self::Faults(what) => what.fmt(f),
            Self::Document(what) => write!(f, "cannot use the OpenAPI document that is built in: {what}"),
        }
    }
}

// The cause is part of the message, so it is no `source`, or it would be printed twice.
impl std::error::Error for Error {}
