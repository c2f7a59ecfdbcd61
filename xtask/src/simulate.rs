//! `cargo xtask simulate`: worlds by the million. A short run is a test of the package.

use crate::Result;
use crate::run::{command, run};

/// Simulates worlds with these options.
pub fn simulate(options: &[String]) -> Result {
    // Faster than the profile of the tests, and built sooner than that of a release.
    run(command("cargo run --quiet --package ocamba-simulation --profile binary --").args(options))
}
