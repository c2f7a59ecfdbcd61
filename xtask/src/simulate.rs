//! `cargo xtask simulate`: worlds by the million. A short run is a test of the package.

use std::path::Path;
use std::process::Command;

use crate::run::{command_in, run, run_quietly};
use crate::{Result, root, tools};

/// Simulates worlds with these options. A bug that is a patch is put into the code of a copy.
pub fn simulate(options: &[String]) -> Result {
    let of_option = options.iter().position(|option| option == "--bug");
    if let Some(at) = of_option
        && let Some(name) = options.get(at + 1)
    {
        let patch = root().join(format!("tests/simulation/bugs/{name}.patch"));
        if patch.exists() {
            let others: Vec<_> = options[..at].iter().chain(&options[at + 2..]).cloned().collect();
            return with_bug(&patch, &others);
        }
    }
    run(worlds(&root()).args(options))
}

/// Simulates worlds of a copy with the patch.
fn with_bug(patch: &Path, options: &[String]) -> Result {
    // One place for all bugs, so that only what a patch changes is built again.
    let (copy, build) = (root().join("target/bugs"), root().join("target/bugs-build"));
    if !build.exists() {
        run(&mut command_in(&root(), BUILD))?;
        tools::copy_build("simulation", &build)?;
    }
    tools::copy_project(&copy)?;
    run_quietly(command_in(&copy, "patch --strip=1 --silent --input").arg(patch))?;
    run(worlds(&copy).args(options).env("CARGO_TARGET_DIR", build))
}

const BUILD: &str = "cargo build --quiet --package ocamba-simulation --profile simulation";

fn worlds(project: &Path) -> Command {
    command_in(project, "cargo run --quiet --package ocamba-simulation --profile simulation --")
}
