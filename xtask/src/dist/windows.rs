//! Builds the program, the addon and the extension for Windows with Debian's compiler, and tries the program in Debian's Wine.
//! What is published comes from Microsoft's compiler, on Windows; the code is the same.

use std::path::PathBuf;

use super::wine::Wine;
use super::{debian, test, toolchain};
use crate::run::{command, run_quietly};
use crate::server::Server;
use crate::targets::Target;
use crate::{Result, root, tools};

/// The target that other compilers than Microsoft's build for.
const WINDOWS: Target = Target {
    triple: "x86_64-pc-windows-gnu",
    os: "win32",
    cpu: "x64",
    abi: "gnu",
    wheel: "win_amd64",
    runner: "",
    name: "Windows x64",
};

/// Builds for Windows, and creates integrations with the program.
pub fn all() -> Result {
    if let Err(reason) = debian::address() {
        println!("  not built here: {reason}");
        return Ok(());
    }
    let built = build()?;
    run_quietly(&mut command("cargo build --quiet --package ocamba-cli"))?;
    // Without TLS: Wine does not have what Windows checks certificates with.
    let sandbox = Server::sandbox(&["--no-limits"])?;
    let wine = Wine::new()?;
    let examples = tools::walk(&root().join("openapi/examples"))?;
    let request = examples.iter().find(|file| file.ends_with("request.json")).ok_or("there is no example")?;
    wine.add(request, "request.json")?;

    wine.add(&built.join("ocamba.exe"), "ocamba.exe")?;
    test::creates(wine.command("ocamba.exe").args(["integrations", "create", "request.json"]), &sandbox)?;
    println!("  the program creates an integration");
    run_quietly(wine.command("ocamba.exe").args(["integrations", "create", "request.json", "--sandbox"]))?;
    println!("  and one in its own sandbox");
    Ok(())
}

/// Builds the program, the addon and the extension, and returns their folder.
fn build() -> Result<PathBuf> {
    println!("  building for {}", WINDOWS.name);
    let mut build = command("cargo build --quiet --locked --target");
    let packages = ["--package=ocamba-cli", "--package=ocamba-hood-node", "--package=ocamba-hood-python"];
    build.arg(WINDOWS.triple).args(packages);
    // Where Node would be to link with; only its name is looked for.
    let node = root().join("target/dist/windows");
    std::fs::create_dir_all(&node)?;
    std::fs::write(node.join("libnode.dll"), "")?;
    run_quietly(toolchain::prepare(&mut build, &WINDOWS, &[])?.env("LIBNODE_PATH", node))?;
    Ok(root().join("target").join(WINDOWS.triple).join("debug"))
}
