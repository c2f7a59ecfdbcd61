//! What a client knows about the network it is in.

use super::pem_source::PemSource;
use super::proxy::Proxy;

/// Network settings of a client.
#[derive(Clone, Debug, Default)]
pub struct NetworkOptions {
    pub proxy: Proxy,
    /// Root certificates in addition to the system's.
    pub roots: Vec<PemSource>,
    /// The same, by variables of the language, which may have all the system's once more: read with these.
    pub roots_of_language: Vec<PemSource>,
    /// Certificate chain and key of the client.
    pub client_certificate: Option<PemSource>,
}
