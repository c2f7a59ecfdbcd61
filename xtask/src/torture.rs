//! `cargo xtask torture`: bursts of calls, creates that fail, and broken connections, in every language. The short form
//! is a test.

use crate::run::{Step, command, run, steps};
use crate::{Result, node, python, tools};

const TRIALS: &[Step] = &[
    Step::new(
        "storm",
        "8 processes of one account share its rate limit, by file, by Redis, and while some are killed",
        || trial("storm"),
    ),
    Step::new("duplicates", "10,000 creates with faults in each language: no duplicate, every outcome true", || {
        trial("duplicates")
    }),
    Step::new("bytes", "a response cut at every byte, in each language: the right error, in time, no leak", || {
        trial("bytes")
    }),
    Step::new("ensure", "2,000 calls of `ensure` with faults by 8 processes: one integration for each name", || {
        trial("ensure")
    }),
    Step::new(
        "fleet",
        "1,000 rows applied by a process that is killed 100 times: each created once, full report",
        || trial("fleet"),
    ),
    Step::new("fleet-rate", "300 rows within the default rate limit: no 429, and no time wasted", || {
        trial("fleet-rate")
    }),
];

/// The short form of the trials; the full form takes minutes.
const SHORT: &[&str] = &[
    "storm --creates 5",
    "duplicates --creates 1000",
    "bytes --step 7",
    "ensure --runs 160",
    "fleet --rows 100 --kills 10",
];

/// Runs the chosen trials, or all if none is chosen, in full. They use the packages that `cargo xtask test` builds.
pub fn torture(chosen: &[String]) -> Result {
    steps("torture", TRIALS, chosen)
}

/// Runs the short form of the trials.
pub fn short() -> Result {
    SHORT.iter().try_for_each(|words| trial(words))
}

fn trial(words: &str) -> Result {
    tools::debian("redis-server", "redis-server")?;
    let mut torture = command("cargo run --quiet --package ocamba-torture --");
    torture.args(words.split(' '));
    for (name, path) in [("TORTURE_PYTHON", python::installed()), ("TORTURE_NODE", node::installed())] {
        match path {
            Ok(path) => drop(torture.env(name, path)),
            Err(error) => println!("  skipping a language: {error}"),
        }
    }
    run(&mut torture)
}
