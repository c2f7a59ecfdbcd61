//! What builds for a target: its standard library, and a compiler of C that also links: zig, or mingw for Windows.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::standard_library;
use crate::run::{command, program, run_quietly};
use crate::targets::{GLIBC, Target};
use crate::{Result, paths, root, tools};

/// The program that packs wheels.
const MAKE_WHEELS: &str = "maturin";

/// How the names of Debian's tools for Windows begin.
const MINGW: &str = "x86_64-w64-mingw32";

/// Has a command of cargo or maturin build for a target, with further flags of rustc.
pub fn prepare<'a>(build: &'a mut Command, target: &Target, flags: &[&str]) -> Result<&'a mut Command> {
    let mut all = Vec::new();
    if target.os == "linux" || target.os != Target::host()?.os {
        let name = target.triple.replace('-', "_");
        let [cc, ar] = use_compiler(build, target)?;
        // A setting of the linker would also count for build scripts, if they are for the same target.
        all.push(format!("-Clinker={cc}"));
        for (tool, path) in [("CC", &cc), ("AR", &ar)] {
            build.env(format!("{tool}_{name}"), path);
        }
    }
    if let Some(toolchain) = standard_library::toolchain(target)? {
        build.env("RUSTC", toolchain.join("bin/rustc")).env("CARGO", toolchain.join("bin/cargo"));
        // rustup would have the compiler load its own libraries, and look for crates beside them.
        add_path(build, toolchain.join("bin"))?.env_remove("LD_LIBRARY_PATH").env_remove("RUSTUP_TOOLCHAIN");
    }
    all.extend(paths::remapped()?);
    all.extend(flags.iter().map(|flag| (*flag).to_owned()));
    Ok(build.env("SOURCE_DATE_EPOCH", source_date()?).env("CARGO_ENCODED_RUSTFLAGS", all.join("\x1f")))
}

/// Has a command find a compiler, which is also the linker, and an archiver for a target by the names that are returned: no
/// path of this machine reaches the hashes of crates.
pub fn use_compiler(command: &mut Command, target: &Target) -> Result<[String; 2]> {
    if target.os != "win32" {
        return use_zig(command, target);
    }
    tools::debian(&format!("{MINGW}-gcc"), "gcc-mingw-w64-x86-64-win32")?;
    Ok(["gcc", "ar"].map(|tool| format!("{MINGW}-{tool}")))
}

fn use_zig(command: &mut Command, target: &Target) -> Result<[String; 2]> {
    let python = tools::python("python-build", "xtask/python/build.txt")?;
    let folder = root().join("target/dist/zig");
    let names = zig_tools(target, &folder, &python)?;
    add_path(command, folder)?;
    Ok(names)
}

/// Has a command look for programs in this folder first.
fn add_path(command: &mut Command, folder: PathBuf) -> Result<&mut Command> {
    let given = command.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, value)| value.map(OsString::from));
    let path = given.or_else(|| std::env::var_os("PATH")).unwrap_or_default();
    let folders = std::iter::once(folder).chain(std::env::split_paths(&path));
    Ok(command.env("PATH", std::env::join_paths(folders)?))
}

/// A command of maturin for the package in a folder.
pub fn maturin(subcommand: &str, folder: &Path) -> Result<Command> {
    let python = tools::python("python-build", "xtask/python/build.txt")?;
    let mut maturin = program(python.with_file_name(MAKE_WHEELS));
    maturin.arg(subcommand).current_dir(folder);
    Ok(maturin)
}

/// Writes programs that start zig for a target, and returns their names.
fn zig_tools(target: &Target, folder: &Path, python: &Path) -> Result<[String; 2]> {
    let cpu = target.triple.split('-').next().unwrap_or_default();
    let system = match (target.os, target.abi) {
        ("linux", "gnu") => format!("linux-gnu.{GLIBC}"),
        ("linux", abi) => format!("linux-{abi}"),
        _ => "macos".to_owned(),
    };
    // maturin drops what rustc passes and zig does not know. Without -g, zig leaves out what the linker needs.
    let maturin = python.with_file_name(MAKE_WHEELS);
    let cc = format!("zig cc -- -g -fno-sanitize=all -target {cpu}-{system}");
    let tools = [("cc", cc), ("ar", "zig ar --".to_owned())];
    std::fs::create_dir_all(folder)?;
    let mut names = Vec::new();
    for (tool, arguments) in tools {
        let name = format!("{}-zig-{tool}", target.triple);
        let text = format!(
            "#!/bin/sh\nexport CARGO_ZIGBUILD_ZIG_COMMAND='{}' CARGO_ZIGBUILD_ZIG_COMMAND_ARGS='-m ziglang'\n\
             exec '{}' {arguments} \"$@\"\n",
            python.display(),
            maturin.display()
        );
        std::fs::write(folder.join(&name), text)?;
        tools::make_executable(&folder.join(&name))?;
        names.push(name);
    }
    names.try_into().map_err(|_| "two tools".into())
}

/// The time of the commit, which archives get in place of that of the build.
pub fn source_date() -> Result<OsString> {
    let given = std::env::var_os("SOURCE_DATE_EPOCH");
    let commit = || run_quietly(&mut command("git log -1 --format=%ct")).map(|time| time.trim().to_owned().into());
    given.map_or_else(commit, Ok)
}

/// The folder of the compiler: programs and libraries.
pub fn sysroot() -> Result<PathBuf> {
    Ok(run_quietly(&mut command("rustc --print sysroot"))?.trim().into())
}
