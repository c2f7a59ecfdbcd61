//! A server that a step starts, and that ends with it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::{Result, root};

/// The only token that the sandbox lets in.
pub const TOKEN: &str = "token-canary";
/// How long a line is waited for: much longer than a machine with too much to do takes.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Server {
    child: Child,
    pub url: String,
    log: Receiver<String>,
}

impl Server {
    /// The sandbox of the last build, with options for its limits.
    pub fn sandbox(limits: &[&str]) -> Result<Self> {
        Self::sandbox_of(&root(), limits)
    }

    /// The same of a copy of the project.
    pub fn sandbox_of(root: &Path, limits: &[&str]) -> Result<Self> {
        let mut command = Command::new(root.join("target/debug/ocamba"));
        command.args(["sandbox", "--token", TOKEN, "--listen", "127.0.0.1:0"]).args(limits);
        Self::start(command)
    }

    /// Waits until it says what it is listening on.
    pub fn start(mut command: Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = spawned.map_err(|e| format!("cannot start {name}: {e}"))?;
        let stdout = child.stdout.take();
        let (tell, log) = channel();
        // Reads whether or not anyone listens: a full pipe would stop the server.
        std::thread::spawn(move || {
            for line in stdout.into_iter().flat_map(|it| BufReader::new(it).lines()).map_while(|line| line.ok()) {
                let _ = tell.send(line);
            }
        });
        let mut server = Self { child, url: String::new(), log };
        while server.url.is_empty() {
            let line = server.line().map_err(|_| format!("{name} did not start"))?;
            server.url = line.split_once("listening on ").map_or("", |(_, url)| url.trim()).to_owned();
        }
        Ok(server)
    }

    /// The next line that it prints.
    pub fn line(&self) -> Result<String> {
        Ok(self.log.recv_timeout(PATIENCE).map_err(|_| "the server says nothing more")?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
