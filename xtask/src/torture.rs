//! `cargo xtask torture`: bursts of calls, creates that fail, broken connections, and gateways, in every language. The short
//! form is a test.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Step, command, run, steps};
use crate::{Result, assumed, node, python, tools};

const TRIALS: &[Step] = &[
    Step::new(
        "storm",
        "8 processes of one account share its rate limit, by file, by Redis, and while some are killed",
        || both("storm"),
    ),
    Step::new("duplicates", "100,000 creates with faults in each language: no duplicate, every outcome true", || {
        both("duplicates")
    }),
    Step::new("cuts", "10,000 creates over TLS cut at random bytes, in each language: every outcome true", || {
        trial("cuts")
    }),
    Step::new(
        "deadlines",
        "100,000 creates with deadlines and 100,000 cancelled ones, debug and release: none that was not sent arrived",
        || {
            trial("deadlines")?;
            trial_of("--release", "deadlines")
        },
    ),
    Step::new(
        "cancels",
        "5,000 creates in Python and Node in each way to end early: deadline, cancel, interrupt; none that was not sent arrived",
        || trial("cancels"),
    ),
    Step::new(
        "gateways",
        "creates through nginx and HAProxy, which fail and block after the commit: every outcome true",
        || trial("gateways"),
    ),
    Step::new("bytes", "a response cut at every byte, in each language: the right error, in time, no leak", || {
        both("bytes")
    }),
    Step::new("ensure", "2,000 calls of `ensure` with faults by 8 processes: one integration for each name", || {
        trial("ensure")
    }),
    Step::new(
        "redis-ensure",
        "10,000 calls of `ensure` with two users, two tokens, and a Redis that fails: one integration for each name",
        || trial("redis-ensure"),
    ),
    Step::new(
        "assumptions",
        "the conformance cases in each language, under each other answer to what is not known of the API",
        assumed::test,
    ),
    Step::new(
        "stops",
        "2,000 calls by processes that are stopped and continued while the clock is set: every claim true",
        || trial("stops"),
    ),
    Step::new(
        "fleet",
        "1,000 rows applied by a process that is killed 100 times: each created once, full report",
        || trial("fleet"),
    ),
    Step::new(
        "hostile",
        "10,000 slow, half, huge and malformed requests: the sandbox serves others, in less than 200 MB",
        || trial("hostile"),
    ),
    Step::new("fleet-rate", "300 rows within the default rate limit: no 429, and no time wasted", || {
        trial("fleet-rate")
    }),
];

/// Folder of servers, which Debian's users do not have in their path.
const SERVERS: &str = "/usr/sbin";

/// The short form of the trials; the full form takes minutes. Those that mostly wait run beside the others.
const SHORT: [&[&str]; 2] = [
    &[
        "storm --creates 5",
        "duplicates --creates 2000",
        "duplicates --creates 500 --tls",
        "cuts --creates 300",
        "deadlines --creates 2000",
        "cancels --creates 300",
        "gateways --creates 300",
        "bytes --step 7",
        "bytes --step 40 --tls",
        "hostile --requests 1000",
    ],
    &["stops --runs 60", "fleet --rows 100 --kills 10", "ensure --runs 160", "redis-ensure --runs 160"],
];

/// Runs the chosen trials, or all if none is chosen, in full. They use the packages that `cargo xtask test` builds.
pub fn torture(chosen: &[String]) -> Result {
    steps("torture", TRIALS, chosen)
}

/// Runs the short form of the trials.
pub fn short() -> Result {
    run(&mut command("cargo build --quiet --package ocamba-torture"))?;
    let try_all = |trials: &[&str]| trials.iter().try_for_each(|words| shown_when_ended(words));
    std::thread::scope(|scope| {
        let beside = scope.spawn(|| try_all(SHORT[1]).map_err(|error| error.to_string()));
        try_all(SHORT[0]).and(beside.join().map_err(|_| "a trial panicked")?.map_err(Into::into))
    })
}

/// Runs a trial, and shows its output when it has ended, since others run meanwhile.
fn shown_when_ended(words: &str) -> Result {
    let output = prepared("--profile=dev", words)?.output()?;
    let texts = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    print!("{}", texts.concat());
    if output.status.success() { Ok(()) } else { Err(format!("{words} failed: {}", output.status).into()) }
}

/// Runs a trial in plain HTTP, and in TLS.
fn both(words: &str) -> Result {
    trial(words)?;
    trial(&format!("{words} --tls"))
}

fn trial(words: &str) -> Result {
    trial_of("--profile=dev", words)
}

fn trial_of(profile: &str, words: &str) -> Result {
    run(&mut prepared(profile, words)?)
}

/// Returns the command of a trial, and installs what it needs.
fn prepared(profile: &str, words: &str) -> Result<Command> {
    for (program, package) in [("redis-server", "redis-server"), ("nginx", "nginx-light"), ("haproxy", "haproxy")] {
        let is_installed = || tools::find(program).is_some() || Path::new(SERVERS).join(program).exists();
        tools::debian_unless(is_installed, program, package)?;
    }
    let mut torture = command("cargo run --quiet --package ocamba-torture");
    torture.args([profile, "--"]).args(words.split(' '));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from(SERVERS)]);
    torture.env("PATH", std::env::join_paths(folders)?);
    for (name, path) in [("TORTURE_PYTHON", python::installed()), ("TORTURE_NODE", node::installed())] {
        match path {
            Ok(path) => drop(torture.env(name, path)),
            Err(error) => println!("  skipping a language: {error}"),
        }
    }
    Ok(torture)
}
