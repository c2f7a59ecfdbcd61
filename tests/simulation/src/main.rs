//! `cargo xtask simulate`: worlds of clients, their machine, the network and the server, in an order of events that a seed
//! decides, until one breaks a promise.
//!
//! A world is one thread. The code of the clients and of the sandbox is that of every build; what is not real is the system
//! below it: [`kernel`] has the clocks and the files' errors, [`network`] the connections.

mod calls;
mod fleet;
mod kernel;
mod network;
mod plan;
mod process;
mod record;
mod redis;
mod search;
mod shrink;
mod wire;
mod world;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use kernel::Bug;
use plan::Plan;
use search::{Found, Search, Searched, corpus};
use world::{Outcome, Stage};

/// Only people read errors of worlds.
type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Simulates worlds until one breaks a promise
#[derive(Parser)]
struct Arguments {
    /// Number of worlds; one is shown
    #[arg(long, default_value_t = 100_000)]
    worlds: u64,
    /// Seed of the first world; the others follow
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Maximum number of minutes
    #[arg(long)]
    minutes: Option<f64>,
    /// Number of threads [default: that of the processors]
    #[arg(long)]
    jobs: Option<usize>,
    /// Plan of a world to show, in place of a seed
    #[arg(long)]
    plan: Option<PathBuf>,
    /// Bug to put in
    #[arg(long)]
    bug: Option<Bug>,
}

fn main() -> Result<ExitCode> {
    prepare()?;
    let Arguments { worlds, seed, minutes, jobs, plan, bug } = Arguments::parse();
    if let Some(path) = &plan {
        return Ok(show(&Stage::new(0)?.run(&read(path)?, bug)));
    }
    if worlds == 1 {
        return Ok(show(&Stage::new(0)?.run(&Plan::of_seed(seed), bug)));
    }
    for (name, plan) in corpus()? {
        let outcome = Stage::new(0)?.run(&plan, bug);
        if !outcome.violations.is_empty() {
            println!("  the plan {name} of the corpus breaks a rule again");
            return Ok(show(&outcome));
        }
    }
    let time = minutes.map(|minutes| Duration::from_secs_f64(minutes * 60.0));
    let jobs = jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, Into::into));
    let Searched { worlds, calls, seconds, found } = Search { worlds, seed, time, jobs, bug }.run()?;
    let rate = worlds as f64 / seconds / jobs as f64;
    println!("  {worlds} worlds with {calls} calls in {seconds:.1} s: {rate:.0} a second and thread");
    found.map_or(Ok(ExitCode::SUCCESS), |found| report(&found))
}

/// Reads what is read once in a process, by a system that works.
fn prepare() -> Result {
    serde_json::to_string(&ocamba_hood::Moment::now())?;
    Ok(())
}

fn read(path: &Path) -> Result<Plan> {
    Ok(serde_json::from_str(&std::fs::read_to_string(path)?)?)
}

/// Shows what happened in a world.
fn show(outcome: &Outcome) -> ExitCode {
    print!("{}", outcome.log);
    outcome.violations.iter().for_each(|violation| println!("BROKEN {violation}"));
    if outcome.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Shows a world that breaks a rule, and keeps the smallest one like it.
fn report(found: &Found) -> Result<ExitCode> {
    let Found { seed, violations, plan, smallest } = found;
    let folder = Path::new("target/simulation");
    std::fs::create_dir_all(folder)?;
    let path = folder.join(format!("{seed}.json"));
    std::fs::write(&path, serde_json::to_string_pretty(plan)?)?;
    show(smallest);
    violations.iter().for_each(|violation| println!("  seed {seed}: {violation}"));
    println!("  the world of this seed: cargo xtask simulate --worlds 1 --seed {seed}");
    println!("  the smallest like it, above: cargo xtask simulate --plan {}", path.display());
    Ok(ExitCode::FAILURE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Number of worlds of the short run.
    const WORLDS: u64 = 200;

    fn search(worlds: u64, bug: Option<Bug>) -> Searched {
        let jobs = std::thread::available_parallelism().map_or(1, Into::into);
        Search { worlds, seed: 1, time: None, jobs, bug }.run().expect("run")
    }

    #[test]
    fn worlds_break_no_rule() {
        prepare().expect("prepared");
        let stage = Stage::new(100).expect("a stage");
        for (name, plan) in corpus().expect("plans") {
            assert_eq!(stage.run(&plan, None).violations, [""; 0], "the plan {name} of the corpus");
        }
        if let Some(found) = search(WORLDS, None).found {
            panic!("seed {}: {:?}\n{}", found.seed, found.violations, found.smallest.log);
        }
    }

    #[test]
    fn world_of_a_seed_is_always_the_same() {
        prepare().expect("prepared");
        let (one, other) = (Stage::new(101).expect("a stage"), Stage::new(102).expect("a stage"));
        for seed in 1..20 {
            // The second has run before, and the other worlds in another order.
            let plan = Plan::of_seed(seed);
            other.run(&Plan::of_seed(seed + 100), None);
            assert_eq!(one.run(&plan, None).log, other.run(&plan, None).log, "{seed}");
        }
    }
}
