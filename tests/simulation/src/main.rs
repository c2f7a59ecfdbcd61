//! `cargo xtask simulate`: worlds of clients, their machine, the network and the server, in an order of events that a seed
//! decides, until one breaks a promise.

#[cfg(target_os = "linux")]
mod calls;
mod kernel;
mod network;
mod plan;
mod process;
mod record;
mod wire;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;

use plan::Plan;
use world::{Bug, Outcome, Stage};

/// Only people read errors of worlds.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Simulates worlds until one breaks a rule
#[derive(Parser)]
struct Arguments {
    /// Number of worlds
    #[arg(long, default_value_t = 10_000)]
    worlds: u64,
    /// Seed of the first world; the others follow
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Maximum number of minutes
    #[arg(long)]
    minutes: Option<f64>,
    /// Number of threads
    #[arg(long)]
    jobs: Option<usize>,
    /// A plan to run in place of seeds, as JSON
    #[arg(long)]
    plan: Option<PathBuf>,
    /// A bug to put in
    #[arg(long)]
    bug: Option<Bug>,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    // The name of the clock is read once in a process, by a kernel that works.
    serde_json::to_string(&ocamba_hood::Moment::now())?;
    if let Some(path) = &arguments.plan {
        let plan = serde_json::from_str(&std::fs::read_to_string(path)?)?;
        return Ok(show(&Stage::new(0)?.run(&plan, arguments.bug)));
    }
    if arguments.worlds == 1 {
        return Ok(show(&Stage::new(0)?.run(&Plan::of_seed(arguments.seed), arguments.bug)));
    }
    search(&arguments)
}

fn show(outcome: &Outcome) -> ExitCode {
    print!("{}", outcome.log);
    outcome.violations.iter().for_each(|violation| println!("VIOLATION {violation}"));
    if outcome.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs worlds on all threads until one breaks a rule.
fn search(arguments: &Arguments) -> Result<ExitCode> {
    let jobs = arguments.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, Into::into));
    let (next, calls, is_over) = (AtomicU64::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let (found, began) = (Mutex::new(None), Instant::now());
    let until = arguments.minutes.map(|minutes| Duration::from_secs_f64(minutes * 60.0));
    let stages = (0..jobs).map(Stage::new).collect::<Result<Vec<_>>>()?;
    std::thread::scope(|scope| {
        for stage in &stages {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) && until.is_none_or(|until| began.elapsed() < until) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= arguments.worlds {
                        break;
                    }
                    let seed = arguments.seed + number;
                    let outcome = stage.run(&Plan::of_seed(seed), arguments.bug);
                    calls.fetch_add(outcome.calls, Ordering::Relaxed);
                    if !outcome.violations.is_empty() {
                        is_over.store(true, Ordering::Relaxed);
                        if let Ok(mut found) = found.lock() {
                            found.get_or_insert((seed, outcome));
                        }
                    }
                }
            });
        }
    });
    let (worlds, seconds) = (next.load(Ordering::Relaxed).min(arguments.worlds), began.elapsed().as_secs_f64());
    let rate = worlds as f64 / seconds / jobs as f64;
    println!("  {worlds} worlds with {} calls in {seconds:.1} s: {rate:.0} a second and thread", calls.into_inner());
    match found.into_inner()? {
        None => Ok(ExitCode::SUCCESS),
        Some((seed, outcome)) => {
            outcome.violations.iter().for_each(|violation| println!("  seed {seed}: {violation}"));
            println!("  replay: cargo xtask simulate --worlds 1 --seed {seed}");
            Ok(ExitCode::FAILURE)
        }
    }
}
