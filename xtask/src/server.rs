//! A server that a step starts, and that ends with it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::run::program;
use crate::{Result, root};

/// The only token that the sandbox accepts.
pub const TOKEN: &str = "token-canary";
/// How long to wait for a line: much longer than a busy machine takes.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Server {
    child: Child,
    pub url: String,
    /// The file with the certificate of its authority, if it speaks TLS.
    pub certificate: Option<String>,
    log: Receiver<String>,
}

impl Server {
    /// Starts the sandbox of the last build, with options for its limits.
    pub fn sandbox(limits: &[&str]) -> Result<Self> {
        Self::sandbox_of(&root(), limits)
    }

    /// Starts the sandbox of a copy of the project.
    pub fn sandbox_of(root: &Path, limits: &[&str]) -> Result<Self> {
        let mut command = program(root.join("target/debug/ocamba"));
        command.args(["sandbox", "--token", TOKEN, "--listen", "127.0.0.1:0"]).args(limits);
        Self::start(command)
    }

    /// Starts a server, and waits until it prints the address that it listens on.
    pub fn start(mut command: Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command.stdout(Stdio::piped()).spawn().map_err(|e| format!("{name} did not start: {e}"))?;
        let stdout = child.stdout.take();
        let (sender, log) = channel();
        // Reads also when nobody receives: a full pipe would block the server.
        std::thread::spawn(move || {
            for line in stdout.into_iter().flat_map(|it| BufReader::new(it).lines()).map_while(|line| line.ok()) {
                let _ = sender.send(line);
            }
        });
        let mut server = Self { child, url: String::new(), certificate: None, log };
        while server.url.is_empty() {
            let line = server.line().map_err(|_| format!("{name} did not start"))?;
            if let Some(certificate) = line.strip_prefix("certificate authority ") {
                server.certificate = Some(certificate.to_owned());
            }
            server.url = line.split_once("listening on ").map_or("", |(_, url)| url.trim()).to_owned();
        }
        Ok(server)
    }

    /// The next line that it prints.
    pub fn line(&self) -> Result<String> {
        Ok(self.log.recv_timeout(PATIENCE).map_err(|_| "the server printed no further line")?)
    }

    /// Sends a request, and returns the body of the response.
    pub fn request(&self, method: &str, path: &str, body: &str) -> Result<String> {
        let address = self.url.rsplit('/').next().unwrap_or_default();
        let mut stream = TcpStream::connect(address)?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {TOKEN}\r\n\
            Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )?;
        let mut response = String::new();
        stream.read_to_string(&mut response)?;
        match response.split_once("\r\n\r\n") {
            Some((head, body)) if head.starts_with("HTTP/1.1 2") => Ok(body.to_owned()),
            _ => Err(format!("the server rejected {method} {path}: {response}").into()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
