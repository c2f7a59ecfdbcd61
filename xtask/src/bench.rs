//! `cargo xtask bench`: what calls cost. Printed for people; no test depends on it.

use crate::run::{Step, command, run, steps};
use crate::{Result, node, python};

const BENCHES: &[Step] = &[
    Step {
        name: "rust",
        about: "the core's create beside reqwest and hyper's pooled client, by hand",
        mend: "cargo xtask bench rust",
        work: || run(command("cargo run --quiet --release --package ocamba-bench")),
    },
    Step {
        name: "sandbox",
        about: "the sandbox's start, and its rate with and without a page that listens to it",
        mend: "cargo xtask bench sandbox",
        work: || run(command("cargo run --quiet --release --package ocamba-bench -- sandbox")),
    },
    Step {
        name: "python",
        about: "the wheel's create beside pyreqwest, urllib3, httpx, requests and aiohttp",
        mend: "cargo xtask bench python",
        work: python::bench,
    },
    Step {
        name: "node",
        about: "the Node package's create beside undici's pool, fetch and axios",
        mend: "cargo xtask bench node",
        work: node::bench,
    },
];

/// Runs the benches whose names are given, or all.
pub fn bench(chosen: &[String]) -> Result {
    steps(BENCHES, chosen)
}
