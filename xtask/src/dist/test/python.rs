//! Python for a target of Linux: Debian's with glibc, and for musl, of which no archive here has one, built from Debian's source.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::dist::debian::Archive;
use crate::dist::toolchain;
use crate::run::{program, run_quietly};
use crate::targets::Target;
use crate::{Result, root, tools};

/// Debian's release with a Python that the wheel supports, and the parts of that Python which a client needs.
pub const DEBIAN: &str = "bookworm";
pub const PACKAGES: [&str; 8] = [
    "python3.11-minimal",
    "libpython3.11-minimal",
    "libpython3.11-stdlib",
    "libexpat1",
    "zlib1g",
    "libffi8",
    "libssl3",
    "libuuid1",
];
const VERSION: &str = "3.11";
const OPTIONS: [&str; 10] = [
    "--prefix=/python",
    "--disable-test-modules",
    "--without-ensurepip",
    "--without-doc-strings",
    "--enable-ipv6",
    "ac_cv_file__dev_ptmx=yes",
    "ac_cv_file__dev_ptc=no",
    "OPT=-O1",
    // zig takes the time of the build, which it shows, for an error.
    "CFLAGS=-Wno-date-time",
    // zig links musl statically unless this is said, and a static Python loads no extension.
    "LDFLAGS=-dynamic",
];

/// Builds Python for musl, unless that has been done, and returns the folder with `bin` and `lib`; or says why it cannot.
pub fn install(target: &Target) -> Result<std::result::Result<PathBuf, String>> {
    let folder = root().join("target/dist/python").join(target.triple);
    let python = folder.join("python");
    if python.join("bin/python3").exists() {
        return Ok(Ok(python));
    }
    // It runs what the new one cannot run here.
    let own = format!("python{VERSION}");
    if run_quietly(program(&own).arg("--version")).is_err() {
        return Ok(Err(format!("building Python for musl needs {own}")));
    }
    println!("  building {own} for {}", target.triple);
    let source = root().join("target/dist/python").join(format!("source-{VERSION}"));
    if !source.join("configure").exists() {
        Archive::new(DEBIAN, "amd64")?.unpack_source(&own, &source)?;
    }
    let build = folder.join("build");
    let _ = std::fs::remove_dir_all(&build);
    std::fs::create_dir_all(&build)?;
    let mut configure = program(source.join("configure"));
    configure.args(OPTIONS).arg(format!("--with-build-python={own}"));
    configure.args([format!("--host={}", target.triple), format!("--build={}", Target::host()?.triple)]);
    run_quietly(in_build(&mut configure, &build, target)?)?;
    run_quietly(in_build(program("make").args(["--silent", "--jobs=2"]), &build, target)?)?;
    let into = format!("DESTDIR={}", folder.display());
    let parts = ["--silent", "altbininstall", "libinstall", "sharedinstall", &into];
    run_quietly(in_build(program("make").args(parts), &build, target)?)?;
    std::fs::rename(python.join("bin").join(own), python.join("bin/python3"))?;
    std::fs::remove_dir_all(build)?;
    Ok(Ok(python))
}

/// Has a command run in the build's folder, with zig as its compiler.
fn in_build<'a>(command: &'a mut Command, build: &Path, target: &Target) -> Result<&'a mut Command> {
    let [cc, ar] = toolchain::use_zig(command, target)?;
    // By its path: that of any target will do, but not to `configure`.
    let readelf = tools::find("readelf").ok_or("readelf is missing; install binutils")?;
    Ok(command.current_dir(build).env("CC", cc).env("AR", ar).env("READELF", readelf))
}
