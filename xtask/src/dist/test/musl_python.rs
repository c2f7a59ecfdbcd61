//! Python for musl, of which no archive here has one: built from Debian's source by Debian's compiler for musl.

use std::path::{Path, PathBuf};

use crate::dist::debian::Archive;
use crate::run::{program, run_quietly};
use crate::targets::Target;
use crate::{Result, root, tools};

const DEBIAN: &str = "bookworm";
const PYTHON: &str = "python3.11";
const OPTIONS: [&str; 8] = [
    "--prefix=/python",
    "--disable-test-modules",
    "--without-ensurepip",
    "--without-doc-strings",
    "--enable-ipv6",
    "ac_cv_file__dev_ptmx=yes",
    "ac_cv_file__dev_ptc=no",
    "OPT=-O1",
];
/// The compiler names the folders of glibc, if asked, and then its headers are taken: so it answers nothing.
const COMPILER: &str = "#!/bin/sh\ncase \"$*\" in *print-multiarch*) exit 0;; esac\nexec musl-gcc \"$@\"\n";

/// Builds Python for musl, unless that has been done, and returns the folder with `bin` and `lib`; or says why it cannot.
pub fn install(target: &Target) -> Result<std::result::Result<PathBuf, String>> {
    if target.cpu != Target::host()?.cpu {
        return Ok(Err("the compiler for musl is for this processor only".to_owned()));
    }
    // It runs what the new one cannot run while it is built.
    if run_quietly(program(PYTHON).arg("--version")).is_err() {
        return Ok(Err(format!("building Python for musl needs {PYTHON}")));
    }
    let folder = root().join("target/dist/python").join(target.triple);
    let python = folder.join("python");
    if python.join("bin/python3").exists() {
        return Ok(Ok(python));
    }
    tools::debian("musl-gcc", "musl-tools")?;
    println!("  building {PYTHON} for {}", target.triple);
    let (source, build) = (folder.join("source"), folder.join("build"));
    if !source.join("configure").exists() {
        Archive::new(DEBIAN, "amd64")?.unpack_source(PYTHON, &source)?;
    }
    let _ = std::fs::remove_dir_all(&build);
    std::fs::create_dir_all(&build)?;
    let compiler = folder.join("cc");
    std::fs::write(&compiler, COMPILER)?;
    tools::make_executable(&compiler)?;
    let mut configure = program(source.join("configure"));
    configure.args(OPTIONS).arg(format!("--with-build-python={PYTHON}")).env("CC", &compiler);
    configure.args([format!("--host={}", target.triple), format!("--build={}", Target::host()?.triple)]);
    // By their paths: `configure` looks for names with the target's in front.
    for (variable, name) in [("AR", "ar"), ("READELF", "readelf")] {
        configure.env(variable, tools::find(name).ok_or_else(|| format!("{name} is missing; install binutils"))?);
    }
    run_quietly(configure.current_dir(&build))?;
    make(&build, &["--jobs=2"])?;
    make(&build, &["altbininstall", "libinstall", "sharedinstall", &format!("DESTDIR={}", folder.display())])?;
    std::fs::rename(python.join("bin").join(PYTHON), python.join("bin/python3"))?;
    std::fs::remove_dir_all(build)?;
    Ok(Ok(python))
}

fn make(build: &Path, arguments: &[&str]) -> Result {
    run_quietly(program("make").arg("--silent").args(arguments).current_dir(build)).map(drop)
}
