//! A Python for a target of Linux, built from Debian's source with zig: for glibc as old as the wheel's, and for musl.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::dist::debian::Archive;
use crate::dist::toolchain;
use crate::run::{program, run_quietly};
use crate::targets::Target;
use crate::{Result, root};

/// Debian's source package, and its suite.
const SOURCE: (&str, &str) = ("python3.13", "trixie");
const OPTIONS: [&str; 6] = [
    "--prefix=/python",
    "--disable-test-modules",
    "--without-ensurepip",
    "--without-doc-strings",
    "--enable-ipv6",
    "--with-pkg-config=no",
];

/// Builds Python for a target, unless that has been done, and returns the folder with `bin` and `lib`.
pub fn install(target: &Target) -> Result<PathBuf> {
    let folder = root().join("target/dist/python").join(target.triple);
    let python = folder.join("python");
    if python.join("bin/python3").exists() {
        return Ok(python);
    }
    println!("  building {} for {}", SOURCE.0, target.triple);
    let source = source()?;
    let build = folder.join("build");
    let _ = std::fs::remove_dir_all(&build);
    std::fs::create_dir_all(&build)?;
    let mut configure = program(source.join("configure"));
    configure.args(OPTIONS);
    let host = Target::host()?;
    if target != host {
        // What cannot run here must be named, and needs a Python of the same version that can.
        configure.arg(format!("--with-build-python={}", install(host)?.join("bin/python3").display()));
        configure.args([format!("--host={}", target.triple), format!("--build={}", host.triple)]);
        configure.args(["ac_cv_file__dev_ptmx=yes", "ac_cv_file__dev_ptc=no"]);
    }
    run_quietly(in_build(configure, &build, target)?.env("OPT", "-O1"))?;
    run_quietly(&mut in_build(make(&["--jobs=2"]), &build, target)?)?;
    let into = format!("DESTDIR={}", folder.display());
    run_quietly(&mut in_build(make(&["altbininstall", "libinstall", "sharedinstall", &into]), &build, target)?)?;
    std::fs::rename(python.join("bin/python3.13"), python.join("bin/python3"))?;
    std::fs::remove_dir_all(build)?;
    Ok(python)
}

fn make(arguments: &[&str]) -> Command {
    let mut make = program("make");
    make.arg("--silent").args(arguments);
    make
}

/// The command in the build's folder, with zig as its compiler.
fn in_build(mut command: Command, build: &Path, target: &Target) -> Result<Command> {
    let [cc, ar] = toolchain::use_zig(&mut command, target)?;
    command.current_dir(build).env("CC", cc).env("AR", ar);
    Ok(command)
}

/// The unpacked source.
fn source() -> Result<PathBuf> {
    let folder = root().join("target/dist/python/source");
    if !folder.join("configure").exists() {
        Archive::new(SOURCE.1, "amd64")?.unpack_source(SOURCE.0, &folder)?;
    }
    Ok(folder)
}
