//! Running the binary, and the servers that it talks to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use ocamba_hood::{ProviderInfo, REDACTED};
use serde_json::{Value, json};

/// What no output may have in it unless it is asked for.
pub const CANARY: &str = "canary-7f3a";

/// How a run ended.
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

    /// A failure that says all of this, shows no secret, and prints no result.
    pub fn assert_fails(&self, code: i32, says: &[&str]) {
        assert_eq!(self.code, code, "{self:?}");
        assert!(self.stderr.starts_with("error: "), "{self:?}");
        assert!(says.iter().all(|text| self.stderr.contains(text)), "{says:?} in {self:?}");
        assert!(!self.stderr.contains(CANARY) && self.stdout.is_empty(), "{self:?}");
    }
}

/// The binary, out of reach of the developer's own settings.
pub fn ocamba(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ocamba"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in [
        "OCAMBA_TOKEN",
        "OCAMBA_BASE_URL",
        "OCAMBA_PROFILE",
        "OCAMBA_RATE_LIMIT_TIER",
        "NO_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
    ] {
        command.env_remove(name);
    }
    // No profiles, and never the developer's keyring.
    command.env("OCAMBA_CONFIG_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-profiles"));
    command.env("OCAMBA_KEYRING", "off");
    // Servers of tests come and go: nobody shares a lane with them.
    command.env("OCAMBA_RATE_LIMIT", "memory");
    command
}

pub fn run(command: &mut Command) -> Run {
    finish(command.spawn().expect("the binary starts"))
}

pub fn run_with_input(command: &mut Command, input: &[u8]) -> Run {
    let mut child = command.stdin(Stdio::piped()).spawn().expect("the binary starts");
    // It may refuse before it has read all.
    let _ = child.stdin.take().expect("stdin").write_all(input);
    finish(child)
}

/// `ocamba integrations create -`, against a server, with a token.
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

/// A sandbox in another process, which ends with the test.
pub struct Running {
    pub child: Child,
    pub stdout: BufReader<std::process::ChildStdout>,
    pub base_url: String,
}

impl Running {
    pub fn start(options: &[&str]) -> Self {
        let arguments = [&["sandbox", "--listen", "127.0.0.1:0"], options].concat();
        let mut child = ocamba(&arguments).spawn().expect("the binary starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a first line");
        let base_url = line.strip_prefix("listening on ").expect("where it listens").trim_end().to_owned();
        assert!(base_url.starts_with("http://127.0.0.1:"), "{line}");
        Self { child, stdout, base_url }
    }

    pub fn get(&self, path: &str) -> Value {
        let address = self.base_url.strip_prefix("http://").expect("http");
        let mut stream = TcpStream::connect(address).expect("a connection");
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        serde_json::from_str(body).expect("JSON")
    }

    /// The binary, at this sandbox.
    pub fn ocamba(&self, arguments: &[&str]) -> Command {
        let mut command = ocamba(arguments);
        command.env("OCAMBA_TOKEN", CANARY).env("OCAMBA_BASE_URL", &self.base_url);
        command
    }

    /// Runs the binary at this sandbox.
    pub fn run(&self, arguments: &[&str]) -> Run {
        run(&mut self.ocamba(arguments))
    }

    /// Runs the binary at this sandbox, with a request as its standard input.
    pub fn run_with(&self, arguments: &[&str], request: &Value) -> Run {
        run_with_input(&mut self.ocamba(arguments), request.to_string().as_bytes())
    }

    /// Creates one of these names after the other, and returns their ids.
    pub fn create(&self, names: &[&str]) -> Vec<String> {
        let create = |name: &&str| {
            let mut request = any_request();
            request["name"] = json!(name);
            let created = self.run_with(&["integrations", "create", "-"], &request).json();
            created["id"].as_str().expect("an id").to_owned()
        };
        names.iter().map(create).collect()
    }

    /// How many requests of this operation have come.
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

/// Every folder with a request: one for each provider.
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
    /// The request with the canary in every secret.
    pub fn with_canary(&self) -> Value {
        let mut request = self.request.clone();
        for setting in self.provider.settings.iter().filter(|s| s.secret) {
            request["settings"][setting.name] = json!(CANARY);
        }
        request
    }
}

/// The settings as they are to be shown.
pub fn redacted(provider: &ProviderInfo, settings: &Value) -> Value {
    let mut settings = settings.clone();
    for setting in provider.settings.iter().filter(|s| s.secret) {
        settings[setting.name] = json!(REDACTED);
    }
    settings
}

/// A request with the canary in its secrets, for tests in which the provider does not matter.
pub fn any_request() -> Value {
    examples()[0].with_canary()
}

/// A file of this test's own, below the target directory.
pub fn file(name: &str, content: &[u8]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, content).expect("a file");
    path.to_str().expect("UTF-8").to_owned()
}

/// A folder of this test's own there, with nothing in it.
pub fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("a folder");
    path
}

/// A server that nobody is to talk to.
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

/// A server that reads one request to its end and hands the connection over.
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

/// A server that answers one request with this status line and body.
pub fn server_answering(status: &'static str, body: impl Into<String>) -> String {
    let (base_url, requests) = server();
    let body = body.into();
    std::thread::spawn(move || {
        let mut stream = requests.recv().expect("a request");
        let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}", body.len());
        write!(stream, "{head}\r\nconnection: close\r\n\r\n{body}").expect("the answer is taken");
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
