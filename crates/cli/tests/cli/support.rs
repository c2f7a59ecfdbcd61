//! Runs the binary, and the servers for it.

#[cfg(target_os = "linux")]
pub use crate::terminal::{Terminal, run_on_terminal};

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use ocamba_hood::{ProviderInfo, REDACTED};
use serde_json::{Value, json};

/// Secret that no output may contain without --reveal.
pub const CANARY: &str = "canary-7f3a";

/// Result of a run.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    pub fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{self:?}");
        serde_json::from_str(&self.stdout).expect("JSON on stdout")
    }

    /// Asserts a failure that contains all these texts, shows no secret, and prints no result.
    pub fn assert_fails(&self, code: i32, says: &[&str]) {
        assert_eq!(self.code, code, "{self:?}");
        assert!(self.stderr.starts_with("error: "), "{self:?}");
        assert!(says.iter().all(|text| self.stderr.contains(text)), "{says:?} in {self:?}");
        assert!(!self.stderr.contains(CANARY) && self.stdout.is_empty(), "{self:?}");
    }
}

/// Returns the binary with an environment of its own: it neither reads nor writes the developer's files.
pub fn ocamba(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ocamba"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in [
        "OCAMBA_TOKEN",
        "OCAMBA_BASE_URL",
        "OCAMBA_PROFILE",
        "OCAMBA_RATE_LIMIT_TIER",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
        "NO_PROXY",
        "no_proxy",
        "VIRTUAL_ENV",
        "CONDA_PREFIX",
        "GITHUB_STEP_SUMMARY",
        "NO_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
    ] {
        command.env_remove(name);
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for name in ["HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "OCAMBA_RATE_LIMIT_DIR"] {
        command.env(name, folder.join("home"));
    }
    // No profiles, and never the developer's keyring.
    command.env("OCAMBA_CONFIG_DIR", folder.join("no-profiles")).env("OCAMBA_KEYRING", "off");
    // Each test has its own servers, with which no other test shares a rate limit.
    command.env("OCAMBA_RATE_LIMIT", "memory");
    command
}

pub fn run(command: &mut Command) -> Run {
    finish(command.spawn().expect("the binary starts"))
}

pub fn run_with_input(command: &mut Command, input: &[u8]) -> Run {
    let mut child = command.stdin(Stdio::piped()).spawn().expect("the binary starts");
    // It may fail before it has read all.
    let _ = child.stdin.take().expect("stdin").write_all(input);
    finish(child)
}

/// Runs `ocamba integrations create -` with a token against a server.
pub fn create_at(base_url: &str, request: &Value) -> Run {
    let mut command = ocamba(&["integrations", "create", "-", "--base-url", base_url]);
    run_with_input(command.env("OCAMBA_TOKEN", CANARY), request.to_string().as_bytes())
}

pub fn finish(child: Child) -> Run {
    let output = child.wait_with_output().expect("the binary ends");
    Run {
        code: output.status.code().expect("an exit code, and no signal"),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// A sandbox in another process that ends with the test.
pub struct Running {
    pub child: Child,
    pub stdout: BufReader<std::process::ChildStdout>,
    pub base_url: String,
    /// File of the certificate of its authority, with `--tls`.
    pub authority: Option<String>,
}

impl Running {
    pub fn start(options: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", options)
    }

    pub fn start_at(address: &str, options: &[&str]) -> Self {
        let arguments = [&["sandbox", "--listen", address], options].concat();
        let mut child = ocamba(&arguments).spawn().expect("the binary starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a first line");
        let authority = line.strip_prefix("certificate authority ").map(|path| path.trim_end().to_owned());
        if authority.is_some() {
            line.clear();
            stdout.read_line(&mut line).expect("a second line");
        }
        let base_url = line.strip_prefix("listening on ").expect("where it listens").trim_end().to_owned();
        let scheme = if authority.is_some() { "https" } else { "http" };
        assert!(base_url.starts_with(&format!("{scheme}://127.0.0.1:")), "{line}");
        Self { child, stdout, base_url, authority }
    }

    pub fn get(&self, path: &str) -> Value {
        self.get_as("localhost", path)
    }

    /// Calls the sandbox by another name.
    pub fn get_as(&self, host: &str, path: &str) -> Value {
        let address = self.base_url.strip_prefix("http://").expect("http");
        let mut stream = TcpStream::connect(address).expect("a connection");
        // In HTTP/1.0, a long response has no chunks.
        let request = format!("GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("a request");
        let mut response = String::new();
        stream.read_to_string(&mut response).expect("a response");
        let (_, body) = response.split_once("\r\n\r\n").expect("a body");
        serde_json::from_str(body).expect("JSON")
    }

    /// Returns the binary with the settings for this sandbox.
    pub fn ocamba(&self, arguments: &[&str]) -> Command {
        let mut command = ocamba(arguments);
        command.env("OCAMBA_TOKEN", CANARY).env("OCAMBA_BASE_URL", &self.base_url);
        command
    }

    /// Runs the binary against this sandbox.
    pub fn run(&self, arguments: &[&str]) -> Run {
        run(&mut self.ocamba(arguments))
    }

    /// Runs the binary against this sandbox, with a request as standard input.
    pub fn run_with(&self, arguments: &[&str], request: &Value) -> Run {
        run_with_input(&mut self.ocamba(arguments), request.to_string().as_bytes())
    }

    /// Creates integrations with these names, one after the other, and returns their IDs.
    pub fn create(&self, names: &[&str]) -> Vec<String> {
        let create = |name: &&str| {
            let mut request = any_request();
            request["name"] = json!(name);
            let created = self.run_with(&["integrations", "create", "-"], &request).json();
            created["id"].as_str().expect("an id").to_owned()
        };
        names.iter().map(create).collect()
    }

    /// Returns the number of requests of an operation.
    pub fn count(&self, operation: &str) -> usize {
        let journal = self.get("/_sandbox/journal");
        journal.as_array().expect("a list").iter().filter(|it| it["operation"] == operation).count()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder of openapi/examples.
#[derive(Debug)]
pub struct Example {
    pub path: PathBuf,
    pub request: Value,
    pub response: Value,
    pub provider: &'static ProviderInfo,
}

/// Returns all folders with a request: one for each provider.
pub fn examples() -> Vec<Example> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/examples");
    let folders = std::fs::read_dir(root).expect("examples").map(|entry| entry.expect("an entry").path());
    let read = |path: PathBuf| -> Value {
        serde_json::from_slice(&std::fs::read(path).expect("an example")).expect("an example is JSON")
    };
    let examples: Vec<_> = folders
        .filter(|folder| folder.join("request.json").exists())
        .map(|folder| {
            let request = read(folder.join("request.json"));
            let provider = ProviderInfo::of(request["provider_id"].as_str().expect("an id")).expect("a provider");
            Example {
                path: folder.join("request.json"),
                response: read(folder.join("response.json")),
                request,
                provider,
            }
        })
        .collect();
    assert_eq!(examples.len(), ocamba_hood::providers().len(), "each provider has its example");
    examples
}

impl Example {
    /// Returns the request with the canary in every secret.
    pub fn with_canary(&self) -> Value {
        let mut request = self.request.clone();
        for setting in self.provider.settings.iter().filter(|s| s.secret) {
            request["settings"][setting.name] = json!(CANARY);
        }
        request
    }
}

/// Returns the settings with hidden secrets.
pub fn redacted(provider: &ProviderInfo, settings: &Value) -> Value {
    let mut settings = settings.clone();
    for setting in provider.settings.iter().filter(|s| s.secret) {
        settings[setting.name] = json!(REDACTED);
    }
    settings
}

/// Returns a request with the canary in its secrets, for tests in which the provider does not matter.
pub fn any_request() -> Value {
    examples()[0].with_canary()
}

/// Writes a file in the target folder, and returns its path. Each test has its own names.
pub fn file(name: &str, content: &[u8]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, content).expect("a file");
    path.to_str().expect("UTF-8").to_owned()
}

/// Creates an empty folder in the target folder. Each test has its own names.
pub fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("a folder");
    path
}

/// A server to which nothing may connect.
pub struct Untouched(TcpListener);

impl Untouched {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("non-blocking");
        Self(listener)
    }

    pub fn base_url(&self) -> String {
        format!("http://{}", self.0.local_addr().expect("an address"))
    }
}

impl Drop for Untouched {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let error = self.0.accept().expect_err("nobody has connected");
            assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
        }
    }
}

/// Starts a server that reads one request and hands over its connection.
pub fn server() -> (String, Receiver<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base_url = format!("http://{}", listener.local_addr().expect("an address"));
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a connection");
        read_request(&stream);
        let _ = sender.send(stream);
    });
    (base_url, receiver)
}

/// Starts a server that answers one request with this status line and body.
pub fn server_answering(status: &'static str, body: impl Into<String>) -> String {
    let (base_url, requests) = server();
    let body = body.into();
    std::thread::spawn(move || {
        let mut stream = requests.recv().expect("a request");
        let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}", body.len());
        write!(stream, "{head}\r\nconnection: close\r\n\r\n{body}").expect("the response is sent");
    });
    base_url
}

fn read_request(stream: &TcpStream) {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a head");
        match line.trim_end().to_ascii_lowercase().split_once(": ") {
            Some(("content-length", value)) => length = value.parse().expect("a length"),
            Some(_) => {}
            None if line.trim_end().is_empty() => break,
            None => {}
        }
    }
    reader.read_exact(&mut vec![0; length]).expect("a body");
}
