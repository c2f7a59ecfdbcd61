//! `cargo xtask bench sandbox`: measures the start of the sandbox, and the cost of an open page.
//!
//! Runs with and without a page alternate, so that a noisy machine slows both equally.

use std::io::Write;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use ocamba_sandbox::Sandbox;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::{Result, Server, median};

const EXAMPLE: &str = include_str!("../../../openapi/examples/twilio/request.json");
const STARTS: usize = 21;
const TURNS: usize = 31;
const CONNECTIONS: usize = 16;
const CALLS: usize = 8_000;

/// Serves without limits on a free port, which it prints, until the process is killed.
pub async fn serve() -> Result {
    // Like the command line.
    let runtime = std::thread::spawn(|| {
        tokio::runtime::Runtime::new()?.block_on(async {
            let sandbox = Sandbox::builder().no_limits().start().await.map_err(std::io::Error::other)?;
            println!("listening on {}", sandbox.base_url());
            std::io::stdout().flush()?;
            sandbox.wait().await;
            Ok::<_, std::io::Error>(())
        })
    });
    Ok(runtime.join().map_err(|_| "the sandbox panicked")??)
}

/// Measures, and prints the results.
pub async fn report() -> Result {
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let began = Instant::now();
        let server = Server::start(&["serve-sandbox"])?;
        starts.push(began.elapsed().as_secs_f64() * 1e3);
        drop(server);
    }
    println!("serves {:.1} ms after its process starts (median of {STARTS})", median(starts));

    let server = Server::start(&["serve-sandbox"])?;
    let address = server.base_url.trim_start_matches("http://").to_owned();
    turn(&address).await?; // warm-up
    let (mut without, mut with, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let alone = turn(&address).await?;
        let page = Page::open(&address).await?;
        let watched = turn(&address).await?;
        page.close();
        without.push(alone);
        with.push(watched);
        ratios.push(watched / alone);
    }
    println!("\n{CONNECTIONS} connections, {TURNS} turns of {CALLS} creates");
    println!("{:<28} {:>10.0} calls/s", "without a page", median(without));
    println!("{:<28} {:>10.0} calls/s", "with a page", median(with));
    println!("{:<28} {:>10.3}", "ratio within a turn", median(ratios));
    if let Some(size) = memory(server.child.id()) {
        println!("{:<28} {size:>10} after {} creates", "memory", (2 * TURNS + 1) * CALLS);
    }
    Ok(())
}

/// Creates per second.
async fn turn(address: &str) -> Result<f64> {
    let began = Instant::now();
    try_join_all((0..CONNECTIONS).map(|_| connection(address, CALLS / CONNECTIONS))).await?;
    Ok(CALLS as f64 / began.elapsed().as_secs_f64())
}

/// One request after another, with a minimal client.
async fn connection(address: &str, calls: usize) -> Result {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let request = format!(
        "POST /v1/hood/integrations HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer any\r\n\
         user-agent: ocamba-bench\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{EXAMPLE}",
        EXAMPLE.len()
    );
    let mut answer = vec![0; 16 << 10];
    for _ in 0..calls {
        stream.write_all(request.as_bytes()).await?;
        // A response is small, and written at once.
        let read = stream.read(&mut answer).await?;
        if !answer[..read].starts_with(b"HTTP/1.1 201 ") {
            return Err("the sandbox did not create".into());
        }
    }
    Ok(())
}

/// A listener like the inspector's page.
struct Page(JoinHandle<std::io::Result<()>>);

impl Page {
    async fn open(address: &str) -> Result<Self> {
        let mut stream = TcpStream::connect(address).await?;
        let request = format!("GET /_sandbox/events HTTP/1.1\r\nhost: {address}\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut events = vec![0; 64 << 10];
        if stream.read(&mut events).await? == 0 {
            return Err("the sandbox sent no events".into());
        }
        Ok(Self(tokio::spawn(async move {
            while stream.read(&mut events).await? > 0 {}
            Ok(())
        })))
    }

    fn close(self) {
        self.0.abort();
    }
}

/// The value that the system reports, if it does.
fn memory(process: u32) -> Option<String> {
    // The system counts pages late.
    std::thread::sleep(Duration::from_millis(100));
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().to_owned())
}
