//! Python for a target, on the oldest C library: of Debian's source, since no archive here has one for musl, or one that is
//! new enough for the oldest glibc.

use std::path::{Path, PathBuf};

use crate::dist::debian::Archive;
use crate::dist::toolchain;
use crate::run::{program, run_quietly};
use crate::targets::Target;
use crate::{Result, root, tools};

const DEBIAN: &str = "bookworm";
const PYTHON: &str = "python3.11";
/// What cannot be asked of a system that does not run here, and what the tests do not need.
const OPTIONS: [&str; 8] = [
    "--prefix=/python",
    "--disable-test-modules",
    "--without-ensurepip",
    "--without-doc-strings",
    "--enable-ipv6",
    "ac_cv_file__dev_ptmx=yes",
    "ac_cv_file__dev_ptc=no",
    // A date of the build is an error to zig.
    "OPT=-O1 -Wno-date-time",
];
/// The system on which it is built: never that of the target by name, so that none of it is for this machine.
const BUILD: &str = "x86_64-pc-linux-gnu";

/// The folders of headers that are found by these questions are those of this system, so the answers are of no use.
const COMPILER: &str = "#!/bin/sh
case \"$*\" in -print-multiarch) echo none; exit;; --print-multiarch|'-E -v -') exit;; esac
exec CC -dynamic \"$@\"
";

/// Builds Python for a target, unless that has been done, and returns the folder with `bin` and `lib`; or says why it cannot.
pub fn install(target: &Target) -> Result<std::result::Result<PathBuf, String>> {
    // It runs what the new one cannot run while it is built.
    if run_quietly(program(PYTHON).arg("--version")).is_err() {
        return Ok(Err(format!("building Python needs {PYTHON}")));
    }
    let folder = root().join("target/dist/python").join(target.triple);
    let python = folder.join("python");
    if python.join("bin/python3").exists() {
        return Ok(Ok(python));
    }
    println!("  building {PYTHON} for {}", target.triple);
    let (source, build) = (folder.join("source"), folder.join("build"));
    if !source.join("configure").exists() {
        Archive::new(DEBIAN, "amd64")?.unpack_source(PYTHON, &source)?;
    }
    let _ = std::fs::remove_dir_all(&build);
    std::fs::create_dir_all(&build)?;
    let (compiler, mut configure) = (folder.join("cc"), program(source.join("configure")));
    let [cc, ar] = toolchain::use_compiler(&mut configure, target)?;
    std::fs::write(&compiler, COMPILER.replace("CC", &cc))?;
    tools::make_executable(&compiler)?;
    configure.args(OPTIONS).arg(format!("--with-build-python={PYTHON}"));
    configure.args([format!("--host={}", target.triple), format!("--build={BUILD}")]);
    configure.env("CC", compiler).env("AR", ar);
    // By its path: `configure` looks for a name with the target's in front.
    configure.env("READELF", tools::find("readelf").ok_or("readelf is missing; install binutils")?);
    run_quietly(configure.current_dir(&build))?;
    make(target, &build, &["--jobs=2"])?;
    let into = format!("DESTDIR={}", folder.display());
    make(target, &build, &["altbininstall", "libinstall", "sharedinstall", &into])?;
    std::fs::rename(python.join("bin").join(PYTHON), python.join("bin/python3"))?;
    std::fs::remove_dir_all(build)?;
    Ok(Ok(python))
}

fn make(target: &Target, build: &Path, arguments: &[&str]) -> Result {
    let mut make = program("make");
    toolchain::use_compiler(&mut make, target)?;
    run_quietly(make.arg("--silent").args(arguments).current_dir(build)).map(drop)
}
