//! Where the sandbox listens, as people write it.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use ocamba_sandbox::Builder;

/// An address to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// This port of both loopback addresses.
    Localhost(u16),
    Of(SocketAddr),
}

/// The port of a sandbox, unless another one is named.
pub const PORT: u16 = 4010;

impl Address {
    pub fn is_loopback(self) -> bool {
        match self {
            Self::Localhost(_) => true,
            Self::Of(address) => address.ip().is_loopback(),
        }
    }

    /// Returns the same address with any free port.
    pub fn with_any_port(self) -> Self {
        match self {
            Self::Localhost(_) => Self::Localhost(0),
            Self::Of(address) => Self::Of(SocketAddr::new(address.ip(), 0)),
        }
    }

    pub fn set(self, builder: Builder) -> Builder {
        match self {
            Self::Localhost(port) => builder.localhost(port),
            Self::Of(address) => builder.listen(address),
        }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Localhost(port) => write!(f, "localhost:{port}"),
            Self::Of(address) => write!(f, "{address}"),
        }
    }
}

impl FromStr for Address {
    type Err = String;

    /// Reads `localhost:4010`, `127.0.0.1:4010`, `[::1]:4010`, `:4010` or `4010`; without a port, it is 4010.
    fn from_str(text: &str) -> Result<Self, String> {
        const EXPECTED: &str = "expected localhost or an IP address of this machine, and a port, as localhost:4010";
        if let Ok(address) = text.parse() {
            return Ok(Self::Of(address));
        }
        let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        if let Ok(ip) = inner.unwrap_or(text).parse::<IpAddr>() {
            return Ok(Self::Of(SocketAddr::new(ip, PORT)));
        }
        if text.contains("//") {
            return Err(format!("{EXPECTED}, without http://"));
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None if text.bytes().all(|byte| byte.is_ascii_digit()) => ("", Some(text)),
            None => (text, None),
        };
        let port = port.map_or(Ok(PORT), |port| match port.bytes().all(|byte| byte.is_ascii_digit()) {
            true => port.parse().map_err(|_| "expected a port from 0 to 65535".to_owned()),
            false => Err(EXPECTED.to_owned()),
        });
        let name = host.strip_suffix('.').unwrap_or(host);
        match host {
            _ if text.is_empty() => Err(EXPECTED.into()),
            "" => port.map(Self::Localhost),
            "*" => Err("expected 0.0.0.0 or [::] for all addresses of this machine".into()),
            _ if name.eq_ignore_ascii_case("localhost") => port.map(Self::Localhost),
            // The port was wrong.
            _ if host.parse::<IpAddr>().is_ok() || host.starts_with('[') => Err(port.err().unwrap_or(EXPECTED.into())),
            _ => Err(format!("{EXPECTED}, not another name")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_is_read_in_every_usual_form() {
        for (text, address) in [
            ("localhost:4010", "localhost:4010"),
            ("localhost", "localhost:4010"),
            ("LOCALHOST.:80", "localhost:80"),
            ("4020", "localhost:4020"),
            (":4020", "localhost:4020"),
            ("0", "localhost:0"),
            ("127.0.0.1:4010", "127.0.0.1:4010"),
            ("127.0.0.1", "127.0.0.1:4010"),
            ("0.0.0.0:0", "0.0.0.0:0"),
            ("[::1]:4010", "[::1]:4010"),
            ("[::1]", "[::1]:4010"),
            ("::1", "[::1]:4010"),
            ("[::]:80", "[::]:80"),
        ] {
            assert_eq!(text.parse::<Address>().map(|it| it.to_string()), Ok(address.to_owned()), "{text}");
        }
    }

    #[test]
    fn address_is_refused_with_what_to_write() {
        for (text, expected) in [
            ("", "as localhost:4010"),
            ("http://localhost:4010", "without http://"),
            ("localhost:99999", "from 0 to 65535"),
            ("127.0.0.1:99999", "from 0 to 65535"),
            ("[::1]:99999", "from 0 to 65535"),
            ("99999", "from 0 to 65535"),
            ("localhost:", "from 0 to 65535"),
            ("localhost:http", "as localhost:4010"),
            ("-1", "not another name"),
            ("my-machine:4010", "not another name"),
            ("127.0.0.300:1", "not another name"),
            ("*:4010", "0.0.0.0"),
            ("localhost:1:2", "not another name"),
            (" ", "not another name"),
        ] {
            let error = text.parse::<Address>().expect_err(text);
            assert!(error.starts_with("expected ") && error.contains(expected), "{text}: {error}");
        }
    }
}
