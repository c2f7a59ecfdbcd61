//! `cargo xtask bench rust`: compares the core's create with reqwest and hyper's pooled client.
//!
//! All clients take turns, many times, against one server in another process, so that a noisy machine slows them
//! equally. The results are medians of ratios within a turn.

mod contenders;
mod sandbox;
mod server;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use contenders::{Contender, all};
use cpu_time::ProcessTime;
use futures_util::future::try_join_all;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

const TURNS: usize = 21;
/// Calls of a turn, where the server responds at once.
const CALLS: usize = 1_600;
const IN_FLIGHT: [usize; 2] = [1, 32];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        // Milliseconds before each response, and the file for the certificate of TLS.
        ["serve", ref options @ ..] => {
            let delay = options.first().map_or(Ok(0), |delay| delay.parse())?;
            server::serve(options.get(1).map(Path::new), Duration::from_millis(delay)).await
        }
        ["serve-sandbox"] => sandbox::serve().await,
        ["sandbox"] => sandbox::report().await,
        // A single client, by name, for a profiler.
        [name] => compare("plain", &["serve"], None, CALLS, Some(name)).await,
        _ => {
            let folder = tempfile::tempdir()?;
            let file = folder.path().join("authority.pem");
            let (name, authority) = (file.to_string_lossy(), Some(file.as_path()));
            compare("plain", &["serve"], None, CALLS, None).await?;
            compare("TLS", &["serve", "0", &name], authority, CALLS, None).await?;
            compare("TLS, 1 ms before each response", &["serve", "1", &name], authority, CALLS / 8, None).await
        }
    }
}

/// Compares the clients of one server, and prints the results.
async fn compare(title: &str, server: &[&str], authority: Option<&Path>, calls: usize, only: Option<&str>) -> Result {
    let server = Server::start(server)?;
    let mut contenders = all(&server.base_url, authority)?;
    contenders.retain(|contender| only.is_none_or(|name| contender.name == name));
    for in_flight in IN_FLIGHT {
        for contender in &contenders {
            turn(contender, in_flight, calls).await?; // warm-up
        }
        let mut turns = Vec::new();
        for _ in 0..TURNS {
            let mut costs = Vec::new();
            for contender in &contenders {
                costs.push(turn(contender, in_flight, calls).await?);
            }
            turns.push(costs);
        }
        println!("\n{title}, {in_flight} in flight, {TURNS} turns of {calls} calls; ratios to {}", contenders[0].name);
        report(&contenders, &turns);
    }
    Ok(())
}

/// The cost of one call of a turn, in microseconds.
struct Cost {
    wall: f64,
    cpu: f64,
}

async fn turn(contender: &Contender, in_flight: usize, calls: usize) -> Result<Cost> {
    let (wall, cpu) = (Instant::now(), ProcessTime::now());
    try_join_all((0..in_flight).map(|_| async {
        for _ in 0..calls / in_flight {
            (contender.create)().await?;
        }
        Ok::<_, Box<dyn std::error::Error>>(())
    }))
    .await?;
    let each = |time: std::time::Duration| time.as_secs_f64() * 1e6 / calls as f64;
    Ok(Cost { wall: each(wall.elapsed()), cpu: each(cpu.elapsed()) })
}

fn report(contenders: &[Contender], turns: &[Vec<Cost>]) {
    println!("{:<34} {:>10} {:>12} {:>10} {:>10}", "", "calls/s", "CPU µs/call", "rate", "CPU");
    for (index, contender) in contenders.iter().enumerate() {
        let of = |value: fn(&Cost, &Cost) -> f64| median(turns.iter().map(|t| value(&t[index], &t[0])).collect());
        println!(
            "{:<34} {:>10.0} {:>12.1} {:>10.2} {:>10.2}",
            contender.name,
            of(|own, _| 1e6 / own.wall),
            of(|own, _| own.cpu),
            of(|own, first| first.wall / own.wall),
            of(|own, first| own.cpu / first.cpu),
        );
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// This program again, as the server.
struct Server {
    child: Child,
    base_url: String,
}

impl Server {
    fn start(arguments: &[&str]) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?).args(arguments).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no stdout")?).read_line(&mut line)?;
        let base_url = line.trim().strip_prefix("listening on ").ok_or("the server did not start")?.to_owned();
        Ok(Self { child, base_url })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
