//! A client that sends exact bytes, and the examples of the bundle.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use ocamba_sandbox::Sandbox;
use serde_json::Value;

pub const PATH: &str = "/v1/hood/integrations";

/// A raw response.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), Some("application/json"));
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Checks that this is the error response with this status, and returns its message.
    pub fn refused(&self, status: u16) -> String {
        let body = self.json();
        assert_eq!(self.status, status, "{body}");
        let names: Vec<_> = body.as_object().unwrap().keys().collect();
        assert_eq!(names, ["code", "title", "message", "trace_id"]);
        assert_eq!(body["code"], status);
        assert!(body["title"].as_str().unwrap().ends_with('.'));
        let trace_id: uuid::Uuid = body["trace_id"].as_str().unwrap().parse().unwrap();
        assert_eq!(trace_id.get_version_num(), 4);
        body["message"].as_str().unwrap().to_owned()
    }
}

/// Time that only a test that fails takes, and none on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A connection to a sandbox, for one or more requests.
pub struct Connection(BufReader<TcpStream>);

impl Connection {
    pub fn open(sandbox: &Sandbox) -> Self {
        let stream = TcpStream::connect(sandbox.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Self(BufReader::new(stream))
    }

    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.0.get_mut().write_all(bytes.as_ref()).unwrap();
        self
    }

    pub fn receive(&mut self) -> Response {
        let status = self.line().split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = Vec::new();
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
        let mut response = Response { status, headers, body: Vec::new() };
        let length = response.header("content-length").map_or(0, |value| value.parse().unwrap());
        response.body.resize(length, 0);
        self.0.read_exact(&mut response.body).unwrap();
        response
    }

    /// Returns all bytes until the end of the connection, and whether that was a reset.
    pub fn rest(mut self) -> (Vec<u8>, bool) {
        let mut rest = Vec::new();
        match self.0.read_to_end(&mut rest) {
            Ok(_) => (rest, false),
            Err(e) if e.kind() == std::io::ErrorKind::ConnectionReset => (rest, true),
            Err(e) => panic!("neither an end nor a reset after {} bytes: {e}", rest.len()),
        }
    }

    /// Returns whether bytes of a response have arrived.
    pub fn has_response(&self) -> bool {
        let stream = self.0.get_ref();
        stream.set_nonblocking(true).unwrap();
        let has_come = stream.peek(&mut [0]).is_ok();
        stream.set_nonblocking(false).unwrap();
        has_come
    }

    /// Ends one side of the connection.
    pub fn shutdown(&self, side: Shutdown) {
        self.0.get_ref().shutdown(side).unwrap();
    }

    /// Waits until the server closes the connection.
    pub fn ended(mut self) -> bool {
        let mut rest = Vec::new();
        match self.0.read_to_end(&mut rest) {
            Ok(_) => rest.is_empty(),
            Err(e) => e.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }

    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

/// Waits until the condition holds, or fails: nothing signals the effects of the end of a connection.
pub fn eventually(mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Returns a request of these lines and this body, with its length.
pub fn request(lines: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut bytes =
        format!("{}\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n", lines.join("\r\n"), body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// Returns a create that is valid, except possibly its body.
pub fn create(body: impl AsRef<[u8]>) -> Vec<u8> {
    request(&[&format!("POST {PATH} HTTP/1.1"), "Authorization: Bearer any", "Content-Type: application/json"], body)
}

/// Sends one request on its own connection.
pub fn ask(sandbox: &Sandbox, bytes: impl AsRef<[u8]>) -> Response {
    Connection::open(sandbox).send(bytes).receive()
}

/// Returns the example requests of a create, each with its example response.
pub fn examples() -> Vec<(Value, Value)> {
    let bundle: Value = serde_json::from_str(include_str!("../../hood.json")).unwrap();
    let create = &bundle["paths"][PATH]["post"];
    let responses = &create["responses"]["201"]["content"]["application/json"]["examples"];
    let requests = create["requestBody"]["content"]["application/json"]["examples"].as_object().unwrap();
    assert!(!requests.is_empty());
    requests.iter().map(|(name, request)| (request["value"].clone(), responses[name]["value"].clone())).collect()
}

/// Returns the body of a valid request.
pub fn right() -> String {
    examples()[0].0.to_string()
}

/// Returns a valid body with this name.
pub fn named(name: &str) -> String {
    let (mut body, _) = examples().remove(0);
    body["name"] = name.into();
    body.to_string()
}

/// Sends a request to the control of the sandbox.
pub fn control(sandbox: &Sandbox, method: &str, path: &str, body: &str) -> Response {
    let lines = format!("{method} /_sandbox/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}", body.len());
    ask(sandbox, format!("{lines}\r\n\r\n{body}"))
}
