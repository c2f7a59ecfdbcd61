//! Errors of starting a sandbox.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use crate::contract::document::InvalidDocument;
use crate::faults::InvalidFaults;

/// Why a sandbox could not be started.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// Listening on the address failed.
    Listen {
        /// The address of [`Builder::listen`](crate::Builder::listen).
        address: SocketAddr,
        /// The error of the operating system.
        cause: io::Error,
    },
    /// The faults are invalid.
    Faults(InvalidFaults),
    /// The built-in OpenAPI document is invalid. No setting leads to this: it is a bug in this crate.
    Document(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen { address, cause } => write!(f, "cannot listen on {address}: {cause}"),
            Self::Faults(invalid) => invalid.fmt(f),
            Self::Document(what) => write!(f, "cannot use the built-in OpenAPI document: {what}"),
        }
    }
}

// The cause is part of the message. As a `source` it would be printed twice.
impl std::error::Error for Error {}

impl From<InvalidDocument> for Error {
    fn from(InvalidDocument(what): InvalidDocument) -> Self {
        Self::Document(what)
    }
}
