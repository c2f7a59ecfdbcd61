//! Errors of starting a sandbox.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::contract::document::InvalidDocument;
use crate::contract::unknowns::InvalidAssumption;
use crate::faults::InvalidFaults;

/// Why a sandbox could not be started.
// The cause is part of the message. As a `source` it would be printed twice.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Listening on the address failed.
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        /// The address of [`Builder::listen`](crate::Builder::listen).
        address: SocketAddr,
        /// The error of the operating system.
        cause: io::Error,
    },
    /// Other machines can reach the address, and the sandbox has no token.
    #[error(
        "cannot listen on {address}, which other machines can reach, without a token; set one, or listen on 127.0.0.1"
    )]
    TokenRequired {
        /// The address of [`Builder::listen`](crate::Builder::listen).
        address: SocketAddr,
    },
    /// The text is not an origin.
    #[error("cannot admit pages of {origin:?}: {why}")]
    Origin {
        /// The text given to [`Builder::cors`](crate::Builder::cors).
        origin: String,
        /// The reason.
        why: &'static str,
    },
    /// No client can call the sandbox by this name.
    #[error("cannot allow the host {host:?}: expected a name without scheme and port, such as host.docker.internal")]
    Host {
        /// The text given to [`Builder::allow_host`](crate::Builder::allow_host).
        host: String,
    },
    /// A token of [`Builder::token`](crate::Builder::token) is one that no client can send.
    #[error("cannot accept a token that is empty, or has a space or a character beyond ASCII; name another one")]
    Token,
    /// The file of [`Builder::state`](crate::Builder::state) cannot be used.
    #[error("cannot use the state of {}: {why}", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// The reason, and what to do.
        why: String,
    },
    /// An integration of [`Builder::seed`](crate::Builder::seed) is invalid.
    #[error("cannot create integration {index} of the seed: {why}")]
    Seed {
        /// Its index, from 0.
        index: usize,
        /// The fields and the reasons.
        why: String,
    },
    /// The faults are invalid.
    #[error("{0}")]
    Faults(InvalidFaults),
    /// There is no such unknown, or it has no such answer.
    #[error("{0}")]
    Assumption(InvalidAssumption),
    /// Making the certificates of [`Builder::tls`](crate::Builder::tls) failed.
    #[error("cannot make the certificates: {0}")]
    Certificates(String),
    /// The built-in OpenAPI document is invalid. No setting leads to this: it is a bug in this crate.
    #[error("cannot use the built-in OpenAPI document: {0}")]
    Document(String),
}

impl From<InvalidDocument> for Error {
    fn from(InvalidDocument(what): InvalidDocument) -> Self {
        Self::Document(what)
    }
}
