//! Lays out the npm packages as they are published.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::{SOURCE, tool};
use crate::dist::build::PROGRAM;
use crate::run::{command_in, run_quietly};
use crate::targets::{TARGETS, Target};
use crate::{Result, notices, root, tools};

/// Packs a laid out package, and returns the path of the archive.
pub fn pack(package: &Path, into: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(into)?;
    let name = run_quietly(command_in(package, "npm pack --silent --pack-destination").arg(into))?;
    Ok(into.join(name.trim()))
}

/// Lays out the packages for every platform, `ocamba-hood`, `ocamba-cli` and `ocamba-fleet`.
pub fn packages(root: &Path, work: &Path) -> Result<Vec<PathBuf>> {
    let source = root.join(SOURCE);
    let main = work.join("ocamba-hood");
    tools::copy_folder(&source.join("lib"), &main.join("lib"))?;
    minify(&source.join("lib"), &main.join("lib"))?;
    std::fs::copy(source.join("README.md"), main.join("README.md"))?;
    manifest(&source, &main, TARGETS.iter().map(Target::addon_package))?;

    let cli = work.join("ocamba-cli");
    tools::copy_folder(&source.join("cli"), &cli)?;
    let programs = TARGETS.iter().filter(|target| target.has_program());
    manifest(&source.join("cli"), &cli, programs.map(Target::program_package))?;

    let fleet = work.join("ocamba-fleet");
    tools::copy_folder(&source.join("fleet"), &fleet)?;
    minify(&source.join("fleet"), &fleet)?;
    manifest(&source.join("fleet"), &fleet, std::iter::empty())?;

    let packages = vec![main, cli, fleet];
    packages.iter().try_for_each(|package| notices::add_licences(package))?;
    Ok(packages)
}

/// Lays out the package with a target's addon.
pub fn addon(target: &Target, built: &Path, work: &Path) -> Result<PathBuf> {
    let folder = platform_package(target, &target.addon_package(), built, "ocamba-hood.node", SOURCE, work)?;
    let mut manifest = read_json(&folder.join("package.json"))?;
    manifest["main"] = "ocamba-hood.node".into();
    // webpack cannot parse an addon.
    let webpack = "webpack.mjs";
    std::fs::copy(root().join(SOURCE).join("addon").join(webpack), folder.join(webpack))?;
    let entry = json!({ "webpack": format!("./{webpack}"), "default": "./ocamba-hood.node" });
    manifest["exports"] = json!({ ".": entry, "./ocamba-hood.node": entry, "./package.json": "./package.json" });
    manifest["files"].as_array_mut().into_iter().for_each(|files| files.push(webpack.into()));
    if let Some(libc) = target.libc() {
        manifest["libc"] = json!([libc]);
    }
    write_json(&folder.join("package.json"), &manifest)?;
    Ok(folder)
}

/// Lays out the package with the program for a target's system and processor.
pub fn program(target: &Target, built: &Path, work: &Path) -> Result<PathBuf> {
    platform_package(target, &target.program_package(), built, target.program_file(), PROGRAM, work)
}

/// Lays out a package with one compiled file for a target, and the notices of a folder.
fn platform_package(
    target: &Target,
    name: &str,
    built: &Path,
    file: &str,
    notices: &str,
    work: &Path,
) -> Result<PathBuf> {
    let folder = work.join(name);
    std::fs::create_dir_all(&folder)?;
    std::fs::copy(built, folder.join(file)).map_err(|e| format!("{}: {e}", built.display()))?;
    std::fs::copy(root().join(notices).join(notices::FILE), folder.join(notices::FILE))?;
    std::fs::write(folder.join("README.md"), format!("# {name}\n\nA part of another package, for one platform.\n"))?;
    let manifest = json!({
        "name": name,
        "version": env!("CARGO_PKG_VERSION"),
        "description": format!("A part of another package, for {} on {}", target.os, target.cpu),
        "license": env!("CARGO_PKG_LICENSE"),
        "repository": { "type": "git", "url": format!("git+{}.git", env!("CARGO_PKG_REPOSITORY")) },
        "os": [target.os],
        "cpu": [target.cpu],
        "engines": { "node": ">=20.19" },
        "type": "commonjs",
        // Yarn would leave the file in an archive, from which no system loads or starts it.
        "preferUnplugged": true,
        // npm's own access for a scope is private.
        "publishConfig": { "access": "public" },
        "files": [file, "LICENSE-MIT", "LICENSE-APACHE", notices::FILE],
    });
    write_json(&folder.join("package.json"), &manifest)?;
    notices::add_licences(&folder)?;
    Ok(folder)
}

/// Writes the JavaScript of a folder for machines: it must stay small. Names of functions stay.
fn minify(from: &Path, to: &Path) -> Result {
    let mut minify = tool("esbuild");
    minify.args(["--minify", "--platform=node", "--target=node20", "--log-level=warning"]);
    minify.arg(format!("--outdir={}", to.display())).args(tools::files(from, "", ".js")?);
    run_quietly(&mut minify)?;
    let native = to.join("native.js");
    if native.exists() {
        // Without this comment, Turbopack fails to bundle the addon.
        let text = std::fs::read_to_string(&native)?;
        let text = text.replace("require(\"@ocamba", "require(/* turbopackIgnore: true */\"@ocamba");
        std::fs::write(&native, text)?;
    }
    Ok(())
}

/// Writes a package's `package.json` with the project's version, and its packages for each platform, if it has any.
fn manifest(source: &Path, target: &Path, platforms: impl Iterator<Item = String>) -> Result {
    let mut manifest = read_json(&source.join("package.json"))?;
    let version = Value::from(env!("CARGO_PKG_VERSION"));
    let platforms: Map<_, _> = platforms.map(|name| (name, version.clone())).collect();
    if !platforms.is_empty() {
        manifest["optionalDependencies"] = platforms.into();
    }
    manifest["version"] = version.clone();
    for kind in ["dependencies", "peerDependencies"] {
        let packages = manifest.get_mut(kind).and_then(Value::as_object_mut).into_iter().flatten();
        packages.filter(|(name, _)| name.starts_with("ocamba-")).for_each(|(_, wanted)| *wanted = version.clone());
    }
    if let Some(all) = manifest.as_object_mut() {
        all.shift_remove("devDependencies");
    }
    write_json(&target.join("package.json"), &manifest)
}

fn read_json(path: &Path) -> Result<Value> {
    Ok(serde_json::from_str(&std::fs::read_to_string(path)?)?)
}

fn write_json(path: &Path, value: &Value) -> Result {
    std::fs::write(path, format!("{}\n", serde_json::to_string_pretty(value)?))?;
    Ok(())
}
