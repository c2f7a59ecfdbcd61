//! A real Redis on a free port, without a copy of its data on the disk.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

pub struct Redis {
    child: Child,
    port: u16,
    pub url: String,
    folder: PathBuf,
}

impl Redis {
    pub fn start(name: &str) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
        let folder = std::env::temp_dir().join(format!("ocamba-redis-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Self { child: start(port, &folder), port, url: format!("redis://127.0.0.1:{port}"), folder }
    }

    /// Stops it, with the loss of its data.
    pub fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it anew, without data.
    pub fn restart(&mut self) {
        self.stop();
        self.child = start(self.port, &self.folder);
    }
}

fn start(port: u16, folder: &std::path::Path) -> Child {
    let child = Command::new("redis-server")
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"])
        .arg(folder)
        .stdout(Stdio::null())
        .spawn()
        .expect("redis-server is installed (Debian: apt-get install redis-server)");
    let started = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
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
