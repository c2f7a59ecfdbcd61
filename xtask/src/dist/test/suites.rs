//! Runs the bindings' own tests with what was packed, for each C library and processor, in systems that have nothing else.

use std::path::{Path, PathBuf};

use super::system::{Content, System};
use super::{NODE, NODES, NOT_TESTED, add_node, install_packages};
use crate::dist::artifacts::{self, Artifact, Kind};
use crate::dist::build::EXTENSION;
use crate::dist::debian;
use crate::run::{run, run_quietly};
use crate::targets::{self, Target};
use crate::{Result, node, root, tools};

/// What Debian's Python looks through for packages.
const SITE: &str = "usr/local/lib/python3.11/dist-packages";
/// The platforms' tags of the wheels that a Debian of this Python takes, apart from ours.
const PLATFORMS: [&str; 3] = ["manylinux_2_17", "manylinux_2_28", "manylinux_2_34"];

/// Tests of Node that such a system is not for: the time of a processor that may be emulated, packages of others, and a
/// file system of its own in a process that is not the system's root.
const NODE_SKIPPED: &str = "/require takes at most|registerInstrumentations|read-only home/";
/// Those of Python; the first two have servers that are installed on this machine.
const PYTHON_SKIPPED: &str = "not 100_000_calls and not test_dask and not read_only_home";

/// Runs the tests of the npm packages for all chosen targets of Linux.
pub fn node() -> Result {
    each(|_| true, &[Kind::JavaScript, Kind::Addon, Kind::Program], run_node)
}

/// Runs the tests of the wheels for those with glibc, for which Debian has a Python that has all its parts.
pub fn python() -> Result {
    each(|target| target.abi == "gnu", &[Kind::Extension, Kind::ProgramWheel], run_python)
}

/// Runs tests with the artifacts of some kinds for each chosen target that is tested.
fn each(is_tested: fn(&Target) -> bool, kinds: &[Kind], run: fn(&'static Target, &[PathBuf]) -> Result) -> Result {
    if let Err(reason) = debian::address() {
        println!("  {NOT_TESTED}: {reason}");
        return Ok(());
    }
    let artifacts = artifacts::all()?;
    for target in targets::chosen().iter().filter(|target| target.os == "linux" && is_tested(target)) {
        let has_its_program = |artifact: &Artifact| {
            let built_for = artifact.target.map(|target| (target.os, target.cpu));
            matches!(artifact.kind, Kind::Program | Kind::ProgramWheel) && built_for == Some((target.os, target.cpu))
        };
        let fits = |artifact: &&Artifact| {
            let is_its = artifact.target.is_none_or(|built_for| built_for == *target) || has_its_program(artifact);
            is_its && kinds.contains(&artifact.kind)
        };
        run(target, &artifacts.iter().filter(fits).map(|artifact| artifact.path.clone()).collect::<Vec<_>>())?;
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
    add_node(&system, NODES[NODES.len() - 1], target)?;
    let files = tools::files(&app.join("test"), "", ".test.mjs")?;
    let names = files.iter().filter_map(|file| file.file_name());
    let mut test = system.session("/app/test", NODE);
    test.args(["--expose-gc", "--test", "--test-concurrency=1", "--test-reporter=dot"]);
    test.arg(format!("--test-skip-pattern={NODE_SKIPPED}")).args(names);
    run(&mut test)
}

/// Runs the tests of the wheels in Debian's Python.
fn run_python(target: &'static Target, wheels: &[PathBuf]) -> Result {
    let system = with_shell(System::new(target, Content::Python)?)?;
    println!("  the tests of {} with {}", EXTENSION, system.name);
    let pip = tools::python("python-build", "xtask/python/build.txt")?;
    let cpu = target.triple.split('-').next().unwrap_or_default();
    let mut install = tools::pip(&pip);
    install.args(["--only-binary", ":all:", "--python-version", "3.11", "--platform", target.wheel]);
    for platform in PLATFORMS {
        install.args(["--platform", &format!("{platform}_{cpu}")]);
    }
    install.arg("--target").arg(system.folder.join(SITE)).args(wheels);
    tools::download(install.arg("-r").arg(root().join("xtask/python/test.txt")))?;
    system.unpack(&["tzdata"])?;
    tools::copy_project(&system.folder.join("hood"))?;
    let mut test = system.session("/hood/bindings/python", "/usr/bin/python3.11");
    test.args(["-I", "-m", "pytest", "--quiet", "-p", "no:cacheprovider", "-k", PYTHON_SKIPPED]);
    run(&mut test)
}

/// Adds a shell, and the small programs that tests start.
fn with_shell(system: System) -> Result<System> {
    system.unpack(&["busybox-static"])?;
    for folder in ["usr/bin", "usr/local/bin"] {
        std::fs::create_dir_all(system.folder.join(folder))?;
    }
    run_quietly(system.command("/bin/busybox").args(["--install", "-s", "/usr/local/bin"]))?;
    for name in ["bin/sh", "usr/bin/env"] {
        tools::link(Path::new("/bin/busybox"), &system.folder.join(name))?;
    }
    Ok(system)
}
