//! Builds what is published: for each target the extension's wheel and the addon, and the program, in its wheel.

use std::path::PathBuf;

use super::{archive, artifacts, toolchain};
use crate::run::{command, run_quietly};
use crate::targets::{self, Target};
use crate::{Result, node, python, root, tools};

/// The folder of the Python package.
pub const EXTENSION: &str = "bindings/python";
/// The folder of the program's wheel.
pub const PROGRAM: &str = "bindings/python/cli";

/// Builds and packs everything for the chosen targets, and the packages for all platforms.
pub fn all() -> Result {
    let (artifacts, work) = (artifacts::folder(), root().join("target/dist/npm"));
    let _ = std::fs::remove_dir_all(&work);
    std::fs::create_dir_all(&artifacts)?;
    tools::install_npm(&root().join(node::SOURCE))?;
    let mut packages = node::pack::packages(&root(), &work)?;
    for target in targets::chosen() {
        packages.push(node::pack::addon(target, &addon(target)?, &work)?);
        let mut wheels = vec![extension(target)?];
        if target.has_program() {
            let wheel = program(target, &target.program_wheels())?;
            let program = python::program_of(&wheel)?;
            packages.push(node::pack::program(target, &program, &work)?);
            archive::pack(target, &program)?;
            wheels.push(wheel);
        }
        for wheel in wheels {
            std::fs::copy(&wheel, artifacts.join(wheel.file_name().unwrap_or_default()))?;
        }
    }
    packages.iter().try_for_each(|package| node::pack::pack(package, &artifacts).map(drop))
}

/// Builds the addon for a target, and returns its path.
pub fn addon(target: &Target) -> Result<PathBuf> {
    println!("  building the addon for {}", target.triple);
    let mut build = command("cargo rustc --quiet --release --locked --package ocamba-hood-node --lib --target");
    // What Node loads is linked dynamically. maturin adds the same words for the extension, and different ones would build
    // every crate again.
    let flags: &[_] = if target.abi == "musl" { &["-C", "target-feature=-crt-static"] } else { &[] };
    toolchain::prepare(build.arg(target.triple), target, flags)?;
    if target.os == "darwin" {
        // Apple's linker would write the path of the build into it. Only the addon's own crate gets this flag, as the
        // extension's does from maturin.
        build.args(["--", "-C", "link-arg=-Wl,-install_name,@rpath/ocamba-hood.node"]);
    }
    run_quietly(&mut build)?;
    Ok(root().join("target").join(target.triple).join("release").join(addon_file(target)))
}

/// Builds the wheel of the extension, and returns its path.
pub fn extension(target: &Target) -> Result<PathBuf> {
    wheel(EXTENSION, "ocamba_hood-", target, &[target.wheel])
}

/// Builds the wheel of the program with these tags of platforms, and returns its path.
pub fn program(target: &Target, platforms: &[&str]) -> Result<PathBuf> {
    wheel(PROGRAM, "ocamba_cli-", target, platforms)
}

fn wheel(folder: &str, name: &str, target: &Target, platforms: &[&str]) -> Result<PathBuf> {
    println!("  building the wheel of {folder} for {}", target.triple);
    let wheels = root().join("target/wheels").join(target.triple);
    let is_wheel = |path: &PathBuf| path.file_name().is_some_and(|file| file.to_string_lossy().starts_with(name));
    let old = tools::files(&wheels, "", ".whl").unwrap_or_default();
    old.iter().filter(|path| is_wheel(path)).try_for_each(std::fs::remove_file)?;
    let mut build = toolchain::maturin("build", &root().join(folder))?;
    build.args(["--locked", "--target", target.triple, "--out"]).arg(&wheels);
    if target.os == "linux" {
        // `manylinux2014_x86_64` is `manylinux2014` to maturin.
        let cpu = format!("_{}", target.triple.split('-').next().unwrap_or_default());
        build.arg("--compatibility").args(platforms.iter().map(|platform| platform.trim_end_matches(&cpu)));
    }
    run_quietly(toolchain::prepare(&mut build, target, &[])?)?;
    let built = tools::files(&wheels, "", ".whl")?.into_iter().find(is_wheel);
    built.ok_or_else(|| format!("maturin built no {name}*.whl in {}", wheels.display()).into())
}

/// The file that cargo makes of the addon.
pub fn addon_file(target: &Target) -> &'static str {
    match target.os {
        "darwin" => "libocamba_hood_node.dylib",
        "win32" => "ocamba_hood_node.dll",
        _ => "libocamba_hood_node.so",
    }
}
