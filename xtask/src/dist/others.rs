//! Checks the code for the systems for which this one cannot link: it must compile there.

use super::toolchain;
use crate::run::{command, run_quietly};
use crate::targets::{TARGETS, Target};
use crate::{Result, root};

/// Microsoft's compiler is not to be had elsewhere; the code is the same for both.
const WINDOWS: Target = Target {
    triple: "x86_64-pc-windows-gnu",
    os: "win32",
    cpu: "x64",
    abi: "gnu",
    wheel: "win_amd64",
    runner: "",
    name: "Windows x64",
};

/// Checks the addon, the extension and the program for macOS and Windows.
pub fn all() -> Result {
    let host = Target::host()?;
    let others = TARGETS.iter().filter(|target| target.os != host.os && target.os == "darwin");
    for target in others.chain((host.os == "linux").then_some(&WINDOWS)) {
        let mut check = command("cargo check --quiet --locked --target");
        check.args([
            target.triple,
            "--package=ocamba-hood-node",
            "--package=ocamba-cli",
            "--package=ocamba-hood-python",
        ]);
        // Where Node would be to link with; only its name is looked for.
        let node = root().join("target/dist/windows");
        std::fs::create_dir_all(&node)?;
        std::fs::write(node.join("libnode.dll"), "")?;
        run_quietly(toolchain::prepare(&mut check, target, &[])?.env("LIBNODE_PATH", node))?;
        println!("  it compiles for {}", target.name);
    }
    Ok(())
}
