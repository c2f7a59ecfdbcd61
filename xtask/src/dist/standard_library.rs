//! The standard library of another target, where rustup has none installed: built from its source, which Debian publishes
//! for each version of the compiler. For macOS it serves to check code only, since nothing can be linked.

use std::path::{Path, PathBuf};

use rustc_build_sysroot::{BuildMode, SysrootBuilder, SysrootConfig};

use super::debian::Archive;
use super::toolchain::{sysroot, use_compiler};
use crate::run::{command, program, run_quietly};
use crate::targets::Target;
use crate::{Result, paths, root, tools};

/// What musl's programs begin and end with.
const STARTUP: [&str; 9] =
    ["crt1.o", "rcrt1.o", "Scrt1.o", "crti.o", "crtn.o", "crtbegin.o", "crtbeginS.o", "crtend.o", "crtendS.o"];

/// Returns the compiler that has the standard library of a target, unless the installed one has it.
pub fn toolchain(target: &Target) -> Result<Option<PathBuf>> {
    let installed = sysroot()?;
    let library = Path::new("lib/rustlib").join(target.triple);
    if installed.join(&library).is_dir() {
        return Ok(None);
    }
    let version = run_quietly(&mut command("rustc --version --verbose"))?;
    let field = |name: &str| version.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    let toolchain = root().join("target/dist/toolchain").join(field("release: "));
    if !toolchain.join("bin/rustc").exists() {
        ["bin", "lib"].iter().try_for_each(|name| tools::share_folder(&installed.join(name), &toolchain.join(name)))?;
    }
    if !toolchain.join(&library).is_dir() {
        println!("  building the standard library of {} (`rustup target add {0}` saves this)", target.triple);
        let source = source(field("release: "))?;
        build(target, &toolchain, &source, field("commit-hash: "))?;
        if target.os == "win32" {
            add_startup(target, &toolchain, &source)?;
        }
    }
    if target.abi == "musl" {
        // rustc names them to the linker, where zig has its own in their place.
        let folder = toolchain.join(&library).join("lib/self-contained");
        std::fs::create_dir_all(&folder)?;
        STARTUP.iter().try_for_each(|name| std::fs::write(folder.join(name), ""))?;
    }
    Ok(Some(toolchain))
}

/// The folder of the compiler's source.
fn source(release: &str) -> Result<PathBuf> {
    let folder = root().join("target/dist/rust-src");
    let source = folder.join(format!("usr/src/rustc-{release}"));
    if !source.join("library").exists() {
        Archive::new("trixie-backports", "amd64")?.unpack(&[&format!("rust-src={release}*")], &folder)?;
    }
    Ok(source)
}

/// Adds what Windows' programs begin and end with.
fn add_startup(target: &Target, toolchain: &Path, source: &Path) -> Result {
    let into = toolchain.join("lib/rustlib").join(target.triple).join("lib");
    for object in ["rsbegin", "rsend"] {
        let mut compile = program(toolchain.join("bin/rustc"));
        compile.args(["--emit=obj", "--target", target.triple, "--out-dir"]).arg(&into).env("RUSTC_BOOTSTRAP", "1");
        run_quietly(compile.arg(source.join(format!("library/rtstartup/{object}.rs"))))?;
    }
    Ok(())
}

fn build(target: &Target, toolchain: &Path, source: &Path, commit: &str) -> Result {
    let mut cargo = command("cargo");
    cargo.env("RUSTC_BOOTSTRAP", "1");
    let [cc, _] = use_compiler(&mut cargo, target)?;
    let features = ["panic-unwind", "backtrace"].map(String::from).to_vec();
    SysrootBuilder::new(toolchain, target.triple)
        .sysroot_config(SysrootConfig::WithStd { std_features: features })
        // For `lto`, and as the released library has its paths.
        .rustflag("-Cembed-bitcode=yes")
        .rustflag(format!("-Clinker={cc}"))
        .rustflags(paths::remapped()?)
        .rustflag(format!("--remap-path-prefix={}=/rustc/{commit}", source.display()))
        .build_mode(if target.os == "darwin" { BuildMode::Check } else { BuildMode::Build })
        .cargo(cargo)
        .build_from_source(&source.join("library"))?;
    Ok(())
}
