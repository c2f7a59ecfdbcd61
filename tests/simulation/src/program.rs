//! The command line.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use crate::Result;
use crate::kernel::Bug;
use crate::plan::Plan;
use crate::search::{Found, Search, Searched, corpus};
use crate::world::{Outcome, Stage};

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

/// Runs the program.
pub fn run() -> Result<ExitCode> {
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
    let Searched { worlds, calls, requests, seconds, found } = Search { worlds, seed, time, jobs, bug }.run()?;
    let rate = worlds as f64 / seconds / jobs as f64;
    println!(
        "  {worlds} worlds with {calls} calls and {requests} requests in {seconds:.1} s: {rate:.0} a second and thread"
    );
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
    let folder = Path::new("target/worlds");
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
    use clap::ValueEnum;

    use super::*;

    /// Number of worlds of the short run.
    const WORLDS: u64 = 100;

    #[test]
    fn worlds_break_no_rule() {
        prepare().expect("prepared");
        let stage = Stage::new(100).expect("a stage");
        for (name, plan) in corpus().expect("plans") {
            assert_eq!(stage.run(&plan, None).violations, [""; 0], "the plan {name} of the corpus");
        }
        let jobs = std::thread::available_parallelism().map_or(1, Into::into);
        let search = Search { worlds: WORLDS, seed: 1, time: None, jobs, bug: None };
        if let Some(found) = search.run().expect("run").found {
            panic!("seed {}: {:?}\n{}", found.seed, found.violations, found.smallest.log);
        }
    }

    #[test]
    fn bug_breaks_a_rule_in_its_world_and_nothing_else_does() {
        prepare().expect("prepared");
        let stage = Stage::new(103).expect("a stage");
        for bug in Bug::value_variants() {
            let name = bug.to_possible_value().expect("a name");
            let path = format!("{}/bugs/{}.json", env!("CARGO_MANIFEST_DIR"), name.get_name());
            let plan = read(Path::new(&path)).expect(&path);
            assert_eq!(stage.run(&plan, None).violations, [""; 0], "{path}");
            assert_ne!(stage.run(&plan, Some(*bug)).violations, [""; 0], "{path}");
        }
    }

    /// `cargo xtask simulate --bug NAME` puts these in: each needs a build of its own.
    #[test]
    fn patch_of_a_bug_fits_the_code() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let patches = std::fs::read_dir(folder.join("bugs")).expect("bugs").map(|entry| entry.expect("a file").path());
        let mut count = 0;
        for path in patches.filter(|path| path.extension().is_some_and(|extension| extension == "patch")) {
            let patch = std::fs::read_to_string(&path).expect("a patch");
            let file = patch.lines().find_map(|line| line.strip_prefix("+++ b/")).expect("a file");
            let code = std::fs::read_to_string(folder.join("../..").join(file)).expect(file);
            for hunk in patch.split("\n@@ ").skip(1) {
                let before = hunk.lines().skip(1).filter(|line| !line.starts_with('+'));
                let before: String = before.map(|line| format!("{}\n", line.get(1..).unwrap_or_default())).collect();
                assert!(code.contains(before.trim_end()), "{} does not fit {file}:\n{before}", path.display());
                count += 1;
            }
        }
        assert!(count >= 3, "{count}");
    }

    #[test]
    fn world_of_a_seed_is_always_the_same() {
        prepare().expect("prepared");
        let (one, other) = (Stage::new(101).expect("a stage"), Stage::new(102).expect("a stage"));
        for seed in 1..20 {
            // The second has run another before.
            let plan = Plan::of_seed(seed);
            other.run(&Plan::of_seed(seed + 100), None);
            assert_eq!(one.run(&plan, None).log, other.run(&plan, None).log, "{seed}");
        }
    }
}
