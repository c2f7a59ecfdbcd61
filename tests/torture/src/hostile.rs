//! Clients that send slow, half, huge and malformed requests: the sandbox answers others all the while, and its memory has a
//! maximum.

use std::collections::VecDeque;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use fastrand::Rng;
use futures_util::stream::{self, StreamExt};
use ocamba_hood::reveal;
use ocamba_sandbox::Sandbox;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::{sleep, timeout};

use crate::Result;
use crate::workers::request;

const API: &str = "/v1/hood/integrations";
const HEADERS: &str = "Host: localhost\r\nAuthorization: Bearer any\r\nContent-Type: application/json\r\n";
const EVENTS: &[u8] = b"GET /_sandbox/events HTTP/1.1\r\n";
/// Maximum memory of the sandbox, in MB.
const MOST_MEMORY: u64 = 200;
/// Number of hostile clients at once, and of connections that they leave open.
const AT_ONCE: usize = 64;
const LEFT_OPEN: usize = 1_000;
/// Much longer than a sandbox takes that closes those who wait.
const PATIENCE: Duration = Duration::from_secs(60);
const MIB: usize = 1 << 20;

/// Sends hostile requests to a sandbox in a process of its own, and checks that it still serves.
pub async fn run(requests: usize, seed: u64) -> Result {
    let mut child = Command::new(std::env::current_exe()?)
        .arg("hostile-sandbox")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut address = String::new();
    BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut address).await?;
    let address = address.trim().to_owned();
    let (is_over, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let others = tokio::spawn(others(address.clone(), is_over.clone(), served.clone()));
    let open = std::sync::Mutex::new(VecDeque::new());
    let attacks = stream::iter(0..requests).for_each_concurrent(AT_ONCE, async |number| {
        let mut rng = Rng::with_seed(seed + number as u64);
        if let Some(stream) = attack(&address, &mut rng).await
            && let Ok(mut open) = open.lock()
        {
            open.push_back(stream);
            if open.len() > LEFT_OPEN {
                open.pop_front();
            }
        }
    });
    attacks.await;
    is_over.store(true, Ordering::Relaxed);
    others.await??;
    let open = open.into_inner().map_err(|_| "a panic")?;
    let (left, mut refused) = (open.len(), 0);
    for mut stream in open {
        let mut part = vec![0; MIB];
        // Until its end, or an error: the sandbox has reset it.
        while let Ok(size @ 1..) =
            timeout(PATIENCE, stream.read(&mut part)).await.map_err(|_| "a connection was left open")?
        {
            refused += usize::from(part[..size].windows(4).any(|it| it == b" 408"));
        }
    }
    create(&address).await?;
    let peak = peak_memory(child.id().ok_or("the sandbox has ended")?)?;
    println!(
        "  {requests} hostile requests, {} creates of others meanwhile, {left} connections left open and all closed \
         ({refused} with 408), at most {peak} MB",
        served.load(Ordering::Relaxed)
    );
    if left > 0 && refused == 0 {
        return Err("no half request was refused with 408".into());
    }
    if peak >= MOST_MEMORY {
        return Err(format!("the sandbox took {peak} MB, {MOST_MEMORY} are allowed").into());
    }
    Ok(())
}

/// Serves until the process is killed.
pub async fn serve() -> Result {
    let sandbox = Sandbox::builder().no_limits().start().await?;
    println!("{}", sandbox.address());
    sandbox.wait().await;
    Ok(())
}

/// Sends a valid create again and again, each of which must succeed.
async fn others(
    address: String,
    is_over: Arc<AtomicBool>,
    served: Arc<AtomicUsize>,
) -> std::result::Result<(), String> {
    while !is_over.load(Ordering::Relaxed) || served.load(Ordering::Relaxed) == 0 {
        create(&address).await.map_err(|e| format!("a valid create failed meanwhile: {e}"))?;
        served.fetch_add(1, Ordering::Relaxed);
        sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

async fn create(address: &str) -> Result {
    let body = valid("of another");
    let started = Instant::now();
    let answer = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(&post(&body)).await?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await?;
        std::io::Result::Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    match timeout(PATIENCE, answer).await {
        Ok(Ok(answer)) if answer == "HTTP/1.1 201" => Ok(()),
        other => Err(format!("{other:?} after {:?}", started.elapsed()).into()),
    }
}

fn valid(name: &str) -> String {
    reveal(|| serde_json::to_string(&request(name))).unwrap_or_default()
}

fn post(body: &str) -> Vec<u8> {
    format!("POST {API} HTTP/1.1\r\n{HEADERS}Content-Length: {}\r\n\r\n{body}", body.len()).into()
}

/// Sends one hostile request. Returns its connection if the client leaves it open.
async fn attack(address: &str, rng: &mut Rng) -> Option<TcpStream> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let bytes = hostile(rng);
    // The sandbox may refuse before it has read all, or be full.
    let send = async {
        match rng.u8(0..8) {
            0 => {
                for byte in bytes.chunks(1 + bytes.len() / 20) {
                    stream.write_all(byte).await?;
                    sleep(Duration::from_millis(10)).await;
                }
            }
            1 => stream.write_all(&bytes[..rng.usize(..bytes.len())]).await?,
            _ => stream.write_all(&bytes).await?,
        }
        std::io::Result::Ok(())
    };
    let _ = timeout(Duration::from_secs(1), send).await;
    // A stream of events has no end.
    if rng.u8(0..4) == 0 && !bytes.starts_with(EVENTS) {
        return Some(stream);
    }
    // Some of the response, or nothing.
    let mut answer = vec![0; rng.usize(1..64 << 10)];
    let _ = timeout(Duration::from_millis(rng.u64(1..200)), stream.read(&mut answer)).await;
    None
}

fn hostile(rng: &mut Rng) -> Vec<u8> {
    let text = |rng: &mut Rng, size: usize| "x".repeat(rng.usize(1..size));
    match rng.u8(0..14) {
        // Huge and valid.
        0 => {
            let mut body: Value = serde_json::from_str(&valid("huge")).unwrap_or_default();
            let large = text(rng, MIB - 1_000);
            if let Some(value) = body["settings"].as_object_mut().and_then(|it| it.values_mut().next()) {
                *value = large.into();
            }
            post(&body.to_string())
        }
        // Huge once it is parsed.
        1 => post(&format!("[{}1]", "1,".repeat(rng.usize(..MIB / 2 - 2)))),
        2 => post(&format!("{}{{\"name\":\"x\"", "{\"a\":".repeat(rng.usize(1..100_000)))),
        3 => post(&format!("{{{}\"name\":\"x\"}}", "\"\u{202e}\u{0}😀\":[],".repeat(rng.usize(1..50_000)))),
        // Heads.
        4 => format!("GET {API} HTTP/1.1\r\n{HEADERS}X: {}\r\n\r\n", text(rng, MIB)).into(),
        5 => format!("GET /{} HTTP/1.1\r\n{HEADERS}User-Agent: {}\r\n\r\n", text(rng, 60_000), text(rng, 9_000)).into(),
        6 => format!("GET {API} HTTP/1.1\r\n{}{HEADERS}\r\n", "A: b\r\n".repeat(rng.usize(1..5_000))).into(),
        // Sizes that are not those of the body.
        7 => format!("POST {API} HTTP/1.1\r\n{HEADERS}Content-Length: {}\r\n\r\n{{", rng.u64(..)).into(),
        8 => {
            let sizes = "Content-Length: 5\r\nTransfer-Encoding: chunked";
            format!("POST {API} HTTP/1.1\r\n{HEADERS}{sizes}\r\n\r\n{:x}\r\n{}", rng.u64(..), text(rng, MIB)).into()
        }
        9 => format!("POST {API} HTTP/1.1\r\n{HEADERS}Transfer-Encoding: chunked\r\n\r\nfffff\r\n{}", text(rng, MIB))
            .into(),
        // Many responses that nobody reads.
        10 => format!("GET {API}?view=full&page=1,100 HTTP/1.1\r\n{HEADERS}\r\n").repeat(rng.usize(1..200)).into(),
        11 => "GET /_sandbox/journal HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(rng.usize(1..20)).into(),
        12 => [EVENTS, b"Host: localhost\r\n\r\n"].concat(),
        // No HTTP at all.
        _ => (0..rng.usize(1..100_000)).map(|_| rng.u8(..)).collect(),
    }
}

/// Returns the most memory that a process has taken, in MB.
fn peak_memory(process: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no peak")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? / 1_000)
}
