//! The stages of making a connection.

/// Stage of making a connection, or the other server that is needed before one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// The address of a host's name.
    Name,
    /// The TCP connection.
    Tcp,
    /// The tunnel through a proxy.
    Proxy,
    /// The TLS handshake.
    Tls,
    /// The Redis in which processes share a rate limit and name locks.
    Redis,
}

impl Stage {
    /// Returns the stable name of this stage, as `tls`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Tcp => "tcp",
            Self::Proxy => "proxy",
            Self::Tls => "tls",
            Self::Redis => "redis",
        }
    }
}
