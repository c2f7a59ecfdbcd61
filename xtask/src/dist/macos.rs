//! Checks the code for macOS, for which only Apple's linker links: it must compile there.

use super::toolchain;
use crate::Result;
use crate::run::{command, run_quietly};
use crate::targets::{TARGETS, Target};

/// Checks the addon, the extension and the program.
pub fn all() -> Result {
    let host = Target::host()?;
    for target in TARGETS.iter().filter(|target| target.os != host.os && target.os == "darwin") {
        let mut check = command("cargo check --quiet --locked --target");
        check.args([
            target.triple,
            "--package=ocamba-hood-node",
            "--package=ocamba-cli",
            "--package=ocamba-hood-python",
        ]);
        run_quietly(toolchain::prepare(&mut check, target, &[])?)?;
        println!("  it compiles for {}", target.name);
    }
    Ok(())
}
