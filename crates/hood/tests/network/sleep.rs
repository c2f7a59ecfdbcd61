//! A process whose machine has slept.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// A process creates, and its wall clock is ten minutes later, as when the machine has slept.
#[tokio::test(flavor = "multi_thread")]
async fn connection_of_before_is_not_used() {
    let library = support::faults::library(std::path::Path::new(env!("CARGO_TARGET_TMPDIR")));
    let faults = library.with_extension("sleep");
    std::fs::write(&faults, "clock 0").expect("a file");
    let mut process = Command::new(std::env::current_exe().expect("this test"));
    process.args(["--exact", "--nocapture", "sleep::process_that_sleeps"]);
    let output = process.env("LD_PRELOAD", &library).env("FAULTS", &faults).env("SLEEPS", "1");
    let output = tokio::task::block_in_place(|| output.output()).expect("a process");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(printed.contains("connections: 1 1 2\n"), "{printed}");
}

/// Run by the test above, in a process of its own.
#[tokio::test]
async fn process_that_sleeps() {
    let (Ok(faults), Ok(_)) = (std::env::var("FAULTS"), std::env::var("SLEEPS")) else { return };
    let connections = Arc::new(AtomicUsize::new(0));
    let count = connections.clone();
    let port = each_connection(move |mut stream| {
        count.fetch_add(1, Ordering::SeqCst);
        async move {
            while support::read_request(&mut stream).await.contains("\r\n\r\n") {
                let response = support::response(201, r#"{"id": "7"}"#);
                let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, &response).await;
            }
        }
    })
    .await;
    let builder = client(port).base_url(format!("http://127.0.0.1:{port}"));
    let client = builder.build().expect("a client");
    let mut seen = Vec::new();
    for clock in ["clock 0", "clock 0", "clock 600"] {
        std::fs::write(&faults, clock).expect("written");
        let settings = RawValues::from_iter([("key", "x".into())]);
        let request = NewIntegration::new("Example", Provider::Unknown { provider_id: "9999".into(), settings });
        client.integrations().create(request).await.expect("created");
        seen.push(connections.load(Ordering::SeqCst).to_string());
    }
    println!("connections: {}", seen.join(" "));
}
