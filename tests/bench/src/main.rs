//! `cargo xtask bench rust`: compares the core's create with reqwest and hyper's pooled client.
//!
//! All clients take turns, many times, against one server in another process, so that a noisy machine slows them
//! equally. The results are medians of ratios within a turn.

mod contenders;
mod sandbox;
mod server;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use contenders::{Contender, all};
use cpu_time::ProcessTime;
use futures_util::future::try_join_all;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

const TURNS: usize = 21;
const CALLS: usize = 1_600;
const IN_FLIGHT: [usize; 2] = [1, 32];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    match std::env::args().nth(1).as_deref() {
        Some("serve") => return Ok(server::serve().await?),
        Some("serve-sandbox") => return sandbox::serve().await,
        Some("sandbox") => return sandbox::report().await,
        _ => {}
    }
    let server = Server::start("serve")?;
    let mut contenders = all(&server.base_url)?;
    // A single client, by name, for a profiler.
    if let Some(name) = std::env::args().nth(1) {
        contenders.retain(|contender| contender.name == name);
    }
    for in_flight in IN_FLIGHT {
        for contender in &contenders {
            turn(contender, in_flight).await?; // warm-up
        }
        let mut turns = Vec::new();
        for _ in 0..TURNS {
            let mut costs = Vec::new();
            for contender in &contenders {
                costs.push(turn(contender, in_flight).await?);
            }
            turns.push(costs);
        }
        report(&contenders, in_flight, &turns);
    }
    Ok(())
}

/// The cost of one call of a turn, in microseconds.
struct Cost {
    wall: f64,
    cpu: f64,
}

async fn turn(contender: &Contender, in_flight: usize) -> Result<Cost> {
    let (wall, cpu) = (Instant::now(), ProcessTime::now());
    try_join_all((0..in_flight).map(|_| async {
        for _ in 0..CALLS / in_flight {
            (contender.create)().await?;
        }
        Ok::<_, Box<dyn std::error::Error>>(())
    }))
    .await?;
    let each = |time: std::time::Duration| time.as_secs_f64() * 1e6 / CALLS as f64;
    Ok(Cost { wall: each(wall.elapsed()), cpu: each(cpu.elapsed()) })
}

fn report(contenders: &[Contender], in_flight: usize, turns: &[Vec<Cost>]) {
    println!("\n{in_flight} in flight, {TURNS} turns of {CALLS} calls; ratios to {}", contenders[0].name);
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
    fn start(argument: &str) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?).arg(argument).stdout(Stdio::piped()).spawn()?;
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
