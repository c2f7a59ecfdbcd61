//! Runs many worlds, until one breaks a rule.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::Result;
use crate::kernel::Bug;
use crate::plan::Plan;
use crate::shrink::shrink;
use crate::world::{Outcome, Stage};

/// Time between two lines of progress.
const PROGRESS: Duration = Duration::from_secs(10);

/// Which worlds to run.
pub struct Search {
    /// Maximum number of worlds.
    pub worlds: u64,
    /// Seed of the first; the others follow.
    pub seed: u64,
    /// Maximum time.
    pub time: Option<Duration>,
    /// Number of threads.
    pub jobs: usize,
    pub bug: Option<Bug>,
}

/// What was run.
pub struct Searched {
    pub worlds: u64,
    pub calls: usize,
    pub requests: usize,
    pub seconds: f64,
    pub found: Option<Found>,
}

/// A world that breaks a rule.
pub struct Found {
    pub seed: u64,
    pub violations: Vec<String>,
    /// The smallest plan that was found to break a rule like its first.
    pub plan: Plan,
    pub smallest: Outcome,
}

impl Search {
    /// Runs the worlds, with a line of progress now and then.
    pub fn run(&self) -> Result<Searched> {
        let (next, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
        let (calls, requests) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (first, began) = (Mutex::new(None::<(u64, Outcome)>), Instant::now());
        let stages = (0..self.jobs).map(Stage::new).collect::<Result<Vec<_>>>()?;
        let work = |stage: &Stage| {
            let mut shown = Instant::now();
            while !is_over.load(Ordering::Relaxed) && self.time.is_none_or(|time| began.elapsed() < time) {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= self.worlds {
                    break;
                }
                let seed = self.seed + number;
                let outcome = stage.run(&Plan::of_seed(seed), self.bug);
                calls.fetch_add(outcome.calls, Ordering::Relaxed);
                requests.fetch_add(outcome.requests, Ordering::Relaxed);
                if !outcome.violations.is_empty() {
                    is_over.store(true, Ordering::Relaxed);
                    println!("  seed {seed} breaks a rule; making its world smaller");
                    let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
                    if first.as_ref().is_none_or(|(other, _)| seed < *other) {
                        *first = Some((seed, outcome));
                    }
                }
                if stage.number == 0 && shown.elapsed() > PROGRESS {
                    shown = Instant::now();
                    let rate = number as f64 / began.elapsed().as_secs_f64();
                    println!("  {number} worlds, {rate:.0} a second, next seed {}", seed + 1);
                }
            }
        };
        std::thread::scope(|scope| stages.iter().for_each(|stage| drop(scope.spawn(|| work(stage)))));
        let seconds = began.elapsed().as_secs_f64();
        let first = first.into_inner().unwrap_or_else(PoisonError::into_inner);
        let found = first.map(|(seed, outcome)| smallest(&stages[0], seed, outcome, self.bug));
        let worlds = next.into_inner().min(self.worlds);
        Ok(Searched { worlds, calls: calls.into_inner(), requests: requests.into_inner(), seconds, found })
    }
}

/// Returns the plans that have broken a rule once, with their names.
pub fn corpus() -> Result<Vec<(String, Plan)>> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus"));
    let mut plans = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let plan = serde_json::from_str(&std::fs::read_to_string(&path)?);
            plans.push((name, plan.map_err(|error| format!("{}: {error}", path.display()))?));
        }
    }
    plans.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(plans)
}

fn smallest(stage: &Stage, seed: u64, outcome: Outcome, bug: Option<Bug>) -> Found {
    let rule = |violation: &String| violation.split(':').next().unwrap_or_default().to_owned();
    let broken = outcome.violations.first().map(rule);
    let plan = shrink(&Plan::of_seed(seed), |plan| {
        stage.run(plan, bug).violations.iter().map(rule).any(|it| Some(it) == broken)
    });
    let smallest = stage.run(&plan, bug);
    Found { seed, violations: outcome.violations, plan, smallest }
}
