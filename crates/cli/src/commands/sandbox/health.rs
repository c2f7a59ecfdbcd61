//! Whether a sandbox is up, and the wait until it is.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use url::Url;

use crate::commands::sandbox::address::Address;
use crate::shared::failure::{Exit, Failure};
use crate::shared::output;

/// How long `--wait` waits, unless `--timeout` says otherwise.
pub const TIMEOUT: Duration = Duration::from_secs(30);
/// Pause between two attempts: nothing tells when a server starts to listen.
const PAUSE: Duration = Duration::from_millis(50);
/// Maximum time for one attempt.
const ATTEMPT: Duration = Duration::from_secs(2);

/// A sandbox that may be up, here or on another machine.
pub struct Place {
    url: String,
    /// The name by which it is called.
    host: String,
    port: u16,
}

/// Why a sandbox is not known to be up.
pub enum Down {
    /// Nothing answered.
    Silent(String),
    /// Something else answered.
    Other(String),
}

impl Place {
    /// Reads a URL, or an address as `--listen` takes it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = match text.parse::<Address>() {
            Ok(address) => return Ok(Self::of(address)),
            Err(_) if text.contains("://") => text.to_owned(),
            Err(_) => format!("http://{text}"),
        };
        const EXPECTED: &str = "expected the URL of a sandbox, as http://127.0.0.1:4010";
        let url = Url::parse(&url).map_err(|_| EXPECTED)?;
        let host = url.host_str().filter(|_| matches!(url.scheme(), "http" | "https")).ok_or(EXPECTED)?;
        let port = url.port_or_known_default().ok_or(EXPECTED)?;
        Ok(Self { url: url.origin().ascii_serialization(), host: host.to_owned(), port })
    }

    /// Returns the place at which a sandbox that listens on this address is reached.
    pub fn of(address: Address) -> Self {
        let (host, port) = match address {
            Address::Localhost(port) => ("localhost".to_owned(), port),
            Address::Of(address) => {
                let ip = match address.ip() {
                    ip if !ip.is_unspecified() => ip,
                    IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                    IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
                };
                let socket = SocketAddr::new(ip, 0).to_string();
                (socket.trim_end_matches(":0").to_owned(), address.port())
            }
        };
        Self { url: format!("http://{host}:{port}"), host, port }
    }

    /// Asks for its health, by plain HTTP: a sandbox that speaks TLS serves that too. Returns its version.
    pub fn probe(&self, timeout: Duration) -> Result<String, Down> {
        let silent = |error: std::io::Error| Down::Silent(error.to_string());
        let name = self.host.trim_start_matches('[').trim_end_matches(']');
        let mut last = Down::Silent(format!("{name} has no address"));
        for address in (name, self.port).to_socket_addrs().map_err(silent)? {
            match self.ask(address, timeout).map_err(silent).and_then(|response| version(&response)) {
                Ok(version) => return Ok(version),
                Err(down) => last = down,
            }
        }
        Err(last)
    }

    fn ask(&self, address: SocketAddr, timeout: Duration) -> std::io::Result<String> {
        const MOST: u64 = 64 << 10;
        let mut stream = TcpStream::connect_timeout(&address, timeout)?;
        stream.set_read_timeout(Some(timeout))?;
        stream.set_write_timeout(Some(timeout))?;
        write!(stream, "GET /health HTTP/1.0\r\nHost: {}:{}\r\n\r\n", self.host, self.port)?;
        let mut response = Vec::new();
        stream.take(MOST).read_to_end(&mut response)?;
        Ok(String::from_utf8_lossy(&response).into_owned())
    }

    /// Waits until a sandbox is up, and prints where, as one does that starts.
    pub fn wait(&self, timeout: Duration) -> Result<(), Failure> {
        let start = Instant::now();
        loop {
            let left = timeout.saturating_sub(start.elapsed());
            let down = match self.probe(left.clamp(PAUSE, ATTEMPT)) {
                Ok(_) => return output::write(&format!("listening on {}\n", self.url)),
                Err(down) => down,
            };
            if start.elapsed() + PAUSE >= timeout {
                let (Down::Silent(why) | Down::Other(why)) = down;
                let message = format!("no sandbox was up at {} within {} s: {why}", self.url, timeout.as_secs_f64());
                return Err(Failure::new(Exit::NotSent, message).hint(
                    "start one with 'ocamba sandbox', name its URL after --wait, or wait longer with --timeout",
                ));
            }
            sleep(PAUSE);
        }
    }
}

/// Reads the response of a sandbox.
fn version(response: &str) -> Result<String, Down> {
    let (head, body) = response.split_once("\r\n\r\n").unwrap_or((response, ""));
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    if body["name"] == "ocamba sandbox" {
        return Ok(body["version"].as_str().unwrap_or_default().to_owned());
    }
    let status = head.lines().next().unwrap_or_default();
    match (body["code"].as_u64(), body["message"].as_str()) {
        (Some(403), Some(message)) => Err(Down::Other(format!("it refused the request: {message}"))),
        _ => Err(Down::Other(format!("another program answered: {status}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_is_read_from_a_url_or_an_address() {
        for (text, url) in [
            ("4020", "http://localhost:4020"),
            ("127.0.0.1", "http://127.0.0.1:4010"),
            ("0.0.0.0:4010", "http://127.0.0.1:4010"),
            ("[::]:4010", "http://[::1]:4010"),
            ("http://[::1]:4010", "http://[::1]:4010"),
            ("http://sandbox:4010/v1", "http://sandbox:4010"),
            ("sandbox:4010", "http://sandbox:4010"),
            ("https://127.0.0.1:4010", "https://127.0.0.1:4010"),
        ] {
            assert_eq!(Place::parse(text).map(|place| place.url), Ok(url.to_owned()), "{text}");
        }
        for text in ["", "ftp://sandbox:4010", "http://", "http://sandbox:99999", "a b"] {
            assert!(Place::parse(text).is_err(), "{text}");
        }
    }
}
