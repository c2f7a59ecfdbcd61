//! A real Redis, which may be stopped, restarted, and replaced by a replica.
#![allow(dead_code)] // each program uses a part

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Instant;

/// Returns a port at which nothing listens, for a program that cannot take any free one. It is none of those which the
/// system gives to a listener or a connection, since such a one may be taken before the program has started.
pub fn unused_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = std::process::id() as usize * 64;
    (0..20_000)
        .map(|_| first + usize::from(NEXT.fetch_add(1, Ordering::Relaxed)))
        .map(|number| 10_000 + (number % 20_000) as u16)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("an unused port")
}

pub struct Redis {
    child: Child,
    port: u16,
    pub url: String,
    folder: PathBuf,
}

impl Redis {
    pub fn start(name: &str) -> Self {
        let port = unused_port();
        let folder = std::env::temp_dir().join(format!("ocamba-redis-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Self { child: start(port, &folder), port, url: format!("redis://127.0.0.1:{port}"), folder }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the URL of its socket on this machine.
    pub fn socket(&self) -> String {
        format!("unix://{}", self.folder.join("socket").display())
    }

    /// Ends it, with the loss of all that it did not save.
    pub fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it anew, with the data that it last saved.
    pub fn restart(&mut self) {
        self.stop();
        self.child = start(self.port, &self.folder);
    }

    /// Removes the data that it last saved.
    pub fn remove_saved(&self) {
        let _ = std::fs::remove_file(self.folder.join("dump.rdb"));
    }

    /// Starts a replica, and waits until it has all data.
    pub fn replica(&self, name: &str) -> Self {
        let replica = Self::start(name);
        replica.command(&format!("REPLICAOF 127.0.0.1 {}", self.port));
        replica.wait_for("replication", |info| info.contains("master_link_status:up"));
        replica
    }

    /// Ends it, and puts a replica in its place.
    pub fn fail_over(&mut self, mut replica: Self) {
        self.stop();
        replica.command("REPLICAOF NO ONE");
        replica.command(&format!("CONFIG SET port {}", self.port));
        (replica.port, replica.url) = (self.port, self.url.clone());
        *self = replica;
    }

    /// Waits until a section of `INFO` is as it must be.
    pub fn wait_for(&self, section: &str, is_so: impl Fn(&str) -> bool) {
        let started = Instant::now();
        while !is_so(&self.command(&format!("INFO {section}"))) {
            assert!(started.elapsed().as_secs() < 60, "Redis does not become as it must be");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }

    /// Has it carry out a command, and returns the response.
    pub fn command(&self, line: &str) -> String {
        let mut response = String::new();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("connected");
        stream.write_all(format!("{line}\r\nQUIT\r\n").as_bytes()).expect("sent");
        stream.read_to_string(&mut response).expect("a response");
        assert!(!response.starts_with('-'), "{line}: {response}");
        response
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(sent.expect("kill").success());
    }
}

fn start(port: u16, folder: &std::path::Path) -> Child {
    let child = Command::new("redis-server")
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"])
        .arg(folder)
        .arg("--unixsocket")
        .arg(folder.join("socket"))
        .stdout(Stdio::null())
        .spawn()
        .expect("redis-server is installed (Debian: apt-get install redis-server)");
    let started = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(started.elapsed().as_secs() < 20, "Redis does not start");
        std::thread::yield_now();
    }
    child
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.stop();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
