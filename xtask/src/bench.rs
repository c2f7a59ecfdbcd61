//! `cargo xtask bench`: measures calls and prints the results for people. No test depends on it.

use crate::run::{Step, command, run, steps};
use crate::{Result, node, python};

const BENCHES: &[Step] = &[
    Step::new("rust", "compares the crate's create with reqwest and hyper's pooled client", || {
        run(&mut command("cargo run --quiet --release --package ocamba-bench"))
    }),
    Step::new("sandbox", "measures the sandbox's start, and its rate with and without an open page", || {
        run(&mut command("cargo run --quiet --release --package ocamba-bench -- sandbox"))
    }),
    Step::new(
        "python",
        "compares the wheel's create with pyreqwest, urllib3, httpx, requests and aiohttp",
        python::bench,
    ),
    Step::new("node", "compares the Node package's create with undici's pool, fetch and axios", node::bench),
    Step::new("cold-start", "compares the first create of a new process, in Python, Node and curl", || {
        python::bench_cold_start(&node::released()?)
    }),
];

/// Runs the chosen benches, or all if none is chosen.
pub fn bench(chosen: &[String]) -> Result {
    steps("bench", BENCHES, chosen)
}
