//! Creates over TLS, through a relay that cuts each connection after a random number of bytes: in handshakes, in records and
//! between them. Every outcome is true.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ocamba_history::Outcome;
use ocamba_sandbox::Sandbox;
use serde_json::json;
use tokio::io::{AsyncReadExt, copy};
use tokio::net::{TcpListener, TcpStream};

use crate::Result;
use crate::support::trust;
use crate::workers::{RETRIES, Task, checked_creates, languages};

const IN_FLIGHT: usize = 8;
/// Time in which the sandbox ends a request whose connection was cut.
const LATE: Duration = Duration::from_millis(500);
/// Timeout of a call, in seconds: longer than a call takes, since no cut leaves a connection open.
const TIMEOUT: f64 = 5.0;
/// Longest life of a connection, in bytes of one direction: a handshake, and a create or two.
const LIFE: u64 = 2_000;

/// Makes `creates` creates in each language, half of the connections in TLS 1.2 and half in 1.3.
pub async fn run(creates: usize, seed: u64) -> Result {
    for language in languages() {
        let old = json!({ "probability": 0.5, "fault": { "tls": "tls12_only" } });
        let faults = json!({ "seed": seed, "faults": [old] }).to_string().parse()?;
        let sandbox = Sandbox::builder().tls(true).no_limits().journal(creates * 4).faults(faults).start().await?;
        let relay = Relay::start(sandbox.address(), seed).await?;
        let base_url = format!("https://{}", relay.address);
        let environment = trust(&sandbox).into_iter().chain([("OCAMBA_RATE_LIMIT", "off".into())]).collect();
        let task =
            Task { base_url: &base_url, in_flight: IN_FLIGHT, timeout: TIMEOUT, max_retries: RETRIES, environment };
        let made = checked_creates(language, &task, ("cut-", creates), &sandbox, LATE).await;
        let (reports, text) = made.map_err(|e| format!("{language}: {e}"))?;
        println!("  {language}, {} connections cut: {text}", relay.cuts.load(Ordering::Relaxed));
        let are_all = [Outcome::Ok, Outcome::Unknown].iter().all(|kind| reports.iter().any(|it| it.outcome == *kind));
        if !are_all {
            return Err(format!("{language}: no create ended in one of the two ways: {text}").into());
        }
    }
    Ok(())
}

/// Passes bytes on, until it cuts the connection. Ends with this value.
struct Relay {
    address: SocketAddr,
    cuts: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Relay {
    async fn start(server: SocketAddr, seed: u64) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (address, cuts) = (listener.local_addr()?, Arc::new(AtomicUsize::new(0)));
        let (mut random, counter) = (fastrand::Rng::with_seed(seed), cuts.clone());
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let lives = match random.bool() {
                    true => [random.u64(..LIFE), u64::MAX],
                    false => [u64::MAX, random.u64(..LIFE)],
                };
                let (is_reset, counter) = (random.bool(), counter.clone());
                tokio::spawn(async move {
                    let _ = pass_on(client, server, lives, is_reset).await;
                    counter.fetch_add(1, Ordering::Relaxed);
                });
            }
        });
        Ok(Self { address, cuts, task })
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Passes on this number of bytes of the client or the server, and closes or resets both connections.
async fn pass_on(mut client: TcpStream, server: SocketAddr, lives: [u64; 2], is_reset: bool) -> std::io::Result<()> {
    let mut server = TcpStream::connect(server).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_client, mut to_client) = client.split();
    let (from_server, mut to_server) = server.split();
    let (mut from_client, mut from_server) = (from_client.take(lives[0]), from_server.take(lives[1]));
    tokio::select! {
        _ = copy(&mut from_client, &mut to_server) => {}
        _ = copy(&mut from_server, &mut to_client) => {}
    }
    if is_reset {
        client.set_zero_linger()?;
        server.set_zero_linger()?;
    }
    Ok(())
}
