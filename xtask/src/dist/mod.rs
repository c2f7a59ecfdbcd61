//! `cargo xtask dist`: builds, checks and tests every artifact that is published.

mod again;
mod archive;
mod artifacts;
mod assemble;
pub mod build;
mod check;
mod container;
pub mod crates;
mod debian;
mod inspect;
mod installer;
mod macos;
mod publish;
mod sbom;
mod source;
mod standard_library;
mod test;
mod toolchain;
mod updates;
mod windows;
mod wine;

use crate::run::{Step, steps};
use crate::{Result, targets};

const STEPS: &[Step] = &[
    Step::new("check", "checks versions and metadata of everything that is published", check::all),
    Step::new("build", "builds the wheels and npm packages of each target into target/dist/artifacts", build::all),
    Step::new("macos", "checks that the code compiles for macOS, for which other systems cannot link", macos::all),
    Step::new("windows", "builds everything for Windows, and tries the program in Wine", windows::all),
    Step::new("source", "packs crates and sdists, and builds each from its package", source::all),
    Step::new("sbom", "lists the crates in each compiled package, in CycloneDX", sbom::all),
    Step::new("inspect", "checks what each artifact needs and contains, with the tools of PyPI and npm", inspect::all),
    Step::new(
        "test",
        "creates an integration over TLS with each artifact, in a system that has nothing else",
        test::all,
    ),
    Step::new(
        "suite-node",
        "runs the tests of the npm packages in such systems, for each C library and processor",
        test::suites::node,
    ),
    Step::new("suite-python", "runs the tests of the wheels in such systems", test::suites::python),
    Step::new("container", "builds the container of the sandbox, and lets its example run", container::test),
    Step::new("installer", "writes the script that installs the program from its archive, and runs it", installer::all),
    Step::new("assemble", "lists digests, needs and tests of all artifacts; fails on what is missing", assemble::all)
        .fix("cargo xtask dist build test assemble"),
    Step::new("again", "builds everything in another folder; each artifact must be the same", again::all),
    Step::new("verify", "holds the artifacts against their list", assemble::verify),
];

/// The step that runs only if it is named.
const PUBLISH: &str = "publish";

pub use check::all as check;

/// Runs the chosen steps, or all but `publish` if none is chosen, for the chosen targets.
pub fn dist(chosen: &[String], names: &[String], is_trial: bool) -> Result {
    targets::choose(names)?;
    let others: Vec<_> = chosen.iter().filter(|step| *step != PUBLISH).cloned().collect();
    if !others.is_empty() || chosen.is_empty() {
        steps("dist", STEPS, &others)?;
    }
    if others.len() < chosen.len() { publish::all(is_trial) } else { Ok(()) }
}
