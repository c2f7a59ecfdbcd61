//! `cargo xtask torture`: storms, faulted creates and broken exchanges, in every language; and their short form, which is
//! a test.

use std::process::Command;

use crate::run::{Step, command, run, steps};
use crate::{Result, node, python, tools};

const TRIALS: &[Step] = &[
    Step {
        name: "storm",
        about: "8 processes of one account in the default windows, by file, by Redis, and while some are killed",
        mend: "cargo xtask torture storm",
        work: || trial("storm"),
    },
    Step {
        name: "duplicates",
        about: "10,000 faulted creates in each language: nothing twice, every outcome true",
        mend: "cargo xtask torture duplicates",
        work: || trial("duplicates"),
    },
    Step {
        name: "bytes",
        about: "an exchange failed at every byte, in each language: in its error type, in time, and nothing left behind",
        mend: "cargo xtask torture bytes",
        work: || trial("bytes"),
    },
    Step {
        name: "ensure",
        about: "2,000 faulted calls of `ensure` by 8 processes, many of the same names: one integration a name",
        mend: "cargo xtask torture ensure",
        work: || trial("ensure"),
    },
    Step {
        name: "fleet",
        about: "1,000 rows applied by a process that is killed 100 times: each created once, the report complete",
        mend: "cargo xtask torture fleet",
        work: || trial("fleet"),
    },
    Step {
        name: "fleet-rate",
        about: "300 rows in the default windows: no 429, and no time wasted",
        mend: "cargo xtask torture fleet-rate",
        work: || trial("fleet-rate"),
    },
];

/// The short form of the trials; the rest take minutes.
const SHORT: &[&str] = &[
    "storm --creates 5",
    "duplicates --creates 1000",
    "bytes --step 7",
    "ensure --runs 160",
    "fleet --rows 100 --kills 10",
];

/// Runs the trials whose names are given, or all, at full length. They use what `cargo xtask test` has built.
pub fn torture(chosen: &[String]) -> Result {
    steps(TRIALS, chosen)
}

/// The short form of the trials, for every test run.
pub fn short() -> Result {
    SHORT.iter().try_for_each(|words| trial(words))
}

fn trial(words: &str) -> Result {
    tools::debian("redis-server", "redis-server")?;
    let mut torture = command("cargo run --quiet --package ocamba-torture --");
    torture.args(words.split(' '));
    with_languages(&mut torture);
    run(torture)
}

/// Tells it where the packages are, if they have been built.
fn with_languages(command: &mut Command) {
    for (name, path) in [("TORTURE_PYTHON", python::installed()), ("TORTURE_NODE", node::installed())] {
        if path.exists() {
            command.env(name, path);
        } else {
            println!("  without {}, which `cargo xtask test python node` builds", path.display());
        }
    }
}
