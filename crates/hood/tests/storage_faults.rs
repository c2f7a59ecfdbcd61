//! The rate limit on a machine whose clock is set.
#![cfg(target_os = "linux")]

mod support;

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use ocamba_hood::{Client, NewIntegration, Provider, RateLimit, RawSettings};
use support::{Reply, Server, response, response_with};

/// Faults of this process, which has the library preloaded.
struct Faults(PathBuf);

impl Faults {
    /// Runs a test again in a process of its own, and returns its faults there.
    fn of_test(name: &str) -> Option<Self> {
        if let Some(file) = std::env::var_os("FAULTS") {
            return Some(Self(file.into()));
        }
        let folder = std::env::temp_dir().join(format!("ocamba-faults-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let library = folder.join("faults.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/faults.c");
        let compiled = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source).status();
        assert!(compiled.expect("cc is installed, or Rust could not link").success());
        let test = Command::new(std::env::current_exe().expect("a program"))
            .args(["--exact", name, "--nocapture"])
            .env("LD_PRELOAD", library)
            .env("FAULTS", folder.join("faults"))
            .status();
        let _ = std::fs::remove_dir_all(folder);
        assert!(test.expect("started").success());
        None
    }

    /// Sets the faults, as lines of a call and a number.
    fn set(&self, faults: &str) {
        // At once: another thread may read them meanwhile.
        let new = self.0.with_extension("new");
        std::fs::write(&new, faults).and_then(|()| std::fs::rename(new, &self.0)).expect("written");
    }

    /// Returns the client of another process: what the processes share is in a folder.
    fn client(&self, server: &Server) -> Client {
        server.client().rate_limit(RateLimit::shared_in(self.0.with_file_name("state"))).build().expect("a client")
    }
}

fn request() -> NewIntegration {
    NewIntegration::new("Example", Provider::Unknown { provider_id: "9999".into(), settings: RawSettings::default() })
}

#[tokio::test]
async fn wait_is_as_long_as_it_was_due_when_the_clock_is_set_back() {
    let name = "wait_is_as_long_as_it_was_due_when_the_clock_is_set_back";
    let Some(faults) = Faults::of_test(name) else { return };
    let refused = Reply::Bytes(response_with(429, "retry-after: 3\r\n", b""));
    let server = Server::start(Reply::Each(vec![refused, Reply::Bytes(response(201, r#"{"id": "7"}"#))])).await;
    let (one, other) = (faults.client(&server), faults.client(&server));
    let started = Instant::now();
    one.integrations().create(request()).max_retries(0).await.expect_err("refused");
    let waiting = tokio::spawn(async move { other.integrations().create(request()).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    for clock in ["clock -1200", "clock -7200", "clock -7000"] {
        faults.set(clock);
        let status = faults.client(&server).rate_limit_status().await.expect("a status");
        assert!(status.blocked_for <= Duration::from_secs(3), "{status:?}");
        let status = one.rate_limit_status().await.expect("a status");
        assert!(status.blocked_for <= Duration::from_secs(3), "{status:?}");
    }
    one.integrations().create(request()).await.expect("created");
    waiting.await.expect("no panic").expect("created");
    // As no process that knew the time was the first to see the new one, the wait began again.
    assert!((3..10).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
}

#[tokio::test]
async fn wait_ends_when_it_was_due_though_the_clock_is_set_meanwhile() {
    let name = "wait_ends_when_it_was_due_though_the_clock_is_set_meanwhile";
    let Some(faults) = Faults::of_test(name) else { return };
    for clock in ["clock -7200", "clock 0"] {
        let refused = Reply::Bytes(response_with(429, "retry-after: 3\r\n", b""));
        let server = Server::start(Reply::Each(vec![refused, Reply::Bytes(response(201, r#"{"id": "7"}"#))])).await;
        let client = faults.client(&server);
        let started = Instant::now();
        client.integrations().create(request()).max_retries(0).await.expect_err("refused");
        let call = tokio::spawn(async move { client.integrations().create(request()).await });
        tokio::time::sleep(Duration::from_secs(1)).await;
        faults.set(clock);
        call.await.expect("no panic").expect("created");
        assert!((3..10).contains(&started.elapsed().as_secs()), "{clock}: {:?}", started.elapsed());
    }
}
