//! The Node packages: built, packed as they are published, installed into an empty folder without a network, and tested
//! there.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};

use crate::run::{command_in, isolate, run, run_quietly};
use crate::{Result, python, root, tools};

/// Where the package and its tools are.
const SOURCE: &str = "bindings/node";
/// What npm may install of each package: one for each platform that is built, named as Node names them.
const PLATFORMS: [&str; 5] = ["linux-x64-gnu", "linux-arm64-gnu", "darwin-arm64", "darwin-x64", "win32-x64-msvc"];

/// Everything that must hold of the package.
pub fn test() -> Result {
    let fresh = install(&root(), "release")?;
    check_types(&fresh)?;
    for package in ["ocamba-hood", "ocamba-fleet"] {
        for lint in ["publint run --strict --pack false", "attw --pack . --profile node16"] {
            lint_package(package, lint)?;
        }
    }
    run_tests(&fresh, "")?;
    for (runtime, arguments) in [("bun", "run"), ("deno", "run --quiet --allow-all --node-modules-dir=manual")] {
        for file in ["smoke.mjs", "fleet.mjs"] {
            let mut smoke = program(runtime);
            smoke.args(arguments.split(' ')).arg(format!("test/runtimes/{file}")).current_dir(&fresh);
            isolate(&mut smoke);
            println!("  {}", run_quietly(smoke)?.trim());
        }
    }
    Ok(())
}

/// What a new provider must pass, in a copy of the project at `root`: it is typed, and the sandbox creates it.
/// From a debug build, which is what the copy's other tests have built already.
pub fn test_providers(root: &Path) -> Result {
    let fresh = install(root, "debug")?;
    check_types(&fresh)?;
    run_tests(&fresh, "test/examples.test.mjs")
}

/// The rates of creates, beside other clients of Node.
pub fn bench() -> Result {
    let fresh = install(&root(), "release")?;
    run(command_in(&root(), "cargo build --quiet --release --package ocamba-bench"))?;
    let mut bench = command_in(&fresh, "node bench/bench.mjs");
    isolate(&mut bench);
    bench.env("OCAMBA_BENCH_SERVER", root().join("target/release/ocamba-bench"));
    bench.env("OCAMBA_BENCH_PEERS", root().join(SOURCE).join("package.json"));
    run(bench)
}

/// The folder into which `test` has installed the packages.
pub fn installed() -> PathBuf {
    root().join("target/npm/fresh")
}

/// Builds and packs what is in `root`, and installs it into an empty folder, whose path it returns.
fn install(root: &Path, profile: &str) -> Result<PathBuf> {
    tools::install_npm(&crate::root().join(SOURCE))?;
    let program = build(root, profile)?;
    let work = root.join("target/npm");
    if work.exists() {
        std::fs::remove_dir_all(&work)?;
    }
    let tarballs = work.join("tarballs");
    std::fs::create_dir_all(&tarballs)?;
    for package in stage(root, profile, &program, &work)? {
        let mut pack = command_in(&package, "npm pack --silent --pack-destination");
        pack.arg(&tarballs);
        run_quietly(pack)?;
    }
    let fresh = work.join("fresh");
    std::fs::create_dir_all(&fresh)?;
    std::fs::write(fresh.join("package.json"), "{ \"private\": true }\n")?;
    let mut install = command_in(&fresh, "npm install --offline --no-audit --no-fund");
    for tarball in std::fs::read_dir(&tarballs)? {
        install.arg(tarball?.path());
    }
    run_quietly(install)?;
    for folder in ["test", "bench"] {
        tools::copy_folder(&root.join(SOURCE).join(folder), &fresh.join(folder))?;
    }
    for (readme, name) in [("README.md", "README.md"), ("fleet/README.md", "README-fleet.md")] {
        std::fs::copy(root.join(SOURCE).join(readme), fresh.join(name))?;
    }
    tools::copy_folder(&root.join("openapi/examples"), &fresh.join("examples"))?;
    Ok(fresh)
}

/// Plain cargo: what the command line of napi-rs adds to it is a copy and a rename. Returns where the program `ocamba` is.
fn build(root: &Path, profile: &str) -> Result<PathBuf> {
    let cargo = |package: &str| {
        let mut build = command_in(root, "cargo build --quiet --package");
        build.args([package, "--profile", if profile == "debug" { "dev" } else { profile }]);
        build.env("CARGO_TARGET_DIR", root.join("target"));
        run(build)
    };
    cargo("ocamba-hood-node")?;
    // What is shipped is the very file of the Python wheel: it takes minutes to build, and runs with an older glibc too.
    if profile == "release" {
        return python::program();
    }
    cargo("ocamba-cli")?;
    Ok(root.join("target").join(profile).join(built_files().1))
}

/// Lays out the packages as they are published, and returns their folders.
fn stage(root: &Path, profile: &str, program: &Path, work: &Path) -> Result<Vec<PathBuf>> {
    let (source, target) = (root.join(SOURCE), root.join("target"));
    let main = work.join("ocamba-hood");
    tools::copy_folder(&source.join("lib"), &main.join("lib"))?;
    std::fs::copy(source.join("README.md"), main.join("README.md"))?;
    manifest(&source, &main, &PLATFORMS)?;

    let cli = work.join("ocamba-cli");
    tools::copy_folder(&source.join("cli"), &cli)?;
    std::fs::copy(source.join("lib/platform.js"), cli.join("platform.js"))?;
    manifest(&source.join("cli"), &cli, &PLATFORMS)?;

    let fleet = work.join("ocamba-fleet");
    tools::copy_folder(&source.join("fleet"), &fleet)?;
    manifest(&source.join("fleet"), &fleet, &[])?;

    let (addon, program_name) = built_files();
    let addon = platform_package(work, "ocamba-hood", &target.join(profile).join(addon), "ocamba-hood.node")?;
    let program = platform_package(work, "ocamba-cli", program, program_name)?;
    let packages = vec![main, cli, fleet, addon, program];
    for package in &packages {
        for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
            std::fs::copy(crate::root().join(licence), package.join(licence))?;
        }
    }
    Ok(packages)
}

/// What cargo calls the addon and the command line here.
fn built_files() -> (&'static str, &'static str) {
    match std::env::consts::OS {
        "macos" => ("libocamba_hood_node.dylib", "ocamba"),
        "windows" => ("ocamba_hood_node.dll", "ocamba.exe"),
        _ => ("libocamba_hood_node.so", "ocamba"),
    }
}

/// A package's `package.json`, with the project's one version, and its packages for each platform, if it has any.
fn manifest(source: &Path, target: &Path, platforms: &[&str]) -> Result {
    let mut manifest: Value = serde_json::from_str(&std::fs::read_to_string(source.join("package.json"))?)?;
    let version = Value::from(env!("CARGO_PKG_VERSION"));
    let name = manifest["name"].as_str().unwrap_or_default();
    let platforms: Map<_, _> = platforms.iter().map(|p| (format!("{name}-{p}"), version.clone())).collect();
    if !platforms.is_empty() {
        manifest["optionalDependencies"] = platforms.into();
    }
    manifest["version"] = version.clone();
    // All that they name are packages of this project.
    for kind in ["dependencies", "peerDependencies"] {
        if let Some(packages) = manifest.get_mut(kind).and_then(Value::as_object_mut) {
            packages.values_mut().for_each(|wanted| *wanted = version.clone());
        }
    }
    if let Some(all) = manifest.as_object_mut() {
        all.shift_remove("devDependencies");
    }
    write_json(&target.join("package.json"), &manifest)
}

/// A package that holds one compiled file for this platform.
fn platform_package(work: &Path, name: &str, built: &Path, file: &str) -> Result<PathBuf> {
    let platform = platform()?;
    let name = format!("{name}-{platform}");
    let folder = work.join(&name);
    std::fs::create_dir_all(&folder)?;
    std::fs::copy(built, folder.join(file)).map_err(|e| format!("{}: {e}", built.display()))?;
    std::fs::write(folder.join("README.md"), format!("# {name}\n\nA part of another package, for one platform.\n"))?;
    let mut parts = platform.split('-');
    let mut manifest = json!({
        "name": name,
        "version": env!("CARGO_PKG_VERSION"),
        "description": format!("A part of another package, for {platform}"),
        "license": env!("CARGO_PKG_LICENSE"),
        "repository": { "type": "git", "url": format!("git+{}.git", env!("CARGO_PKG_REPOSITORY")) },
        "os": [parts.next()],
        "cpu": [parts.next()],
        "engines": { "node": ">=20.19" },
        "files": [file, "LICENSE-MIT", "LICENSE-APACHE"],
    });
    if parts.next() == Some("gnu") {
        manifest["libc"] = json!(["glibc"]);
    }
    if file.ends_with(".node") {
        manifest["main"] = file.into();
    }
    write_json(&folder.join("package.json"), &manifest)?;
    Ok(folder)
}

/// This platform, as `PLATFORMS` names it.
fn platform() -> Result<&'static str> {
    let name = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "linux-x64-gnu",
        ("linux", "aarch64") => "linux-arm64-gnu",
        ("macos", "aarch64") => "darwin-arm64",
        ("macos", "x86_64") => "darwin-x64",
        ("windows", "x86_64") => "win32-x64-msvc",
        (os, arch) => return Err(format!("the Node package is not built for {os} on {arch}").into()),
    };
    PLATFORMS.iter().find(|p| **p == name).copied().ok_or_else(|| "not a platform that is published".into())
}

/// The samples compile, the wrong ones do not, and neither does anything a strict user might ask for.
fn check_types(fresh: &Path) -> Result {
    let mut compile = program("tsc");
    // Node's own types are a tool's, not the package's: they are looked up where the tools are.
    compile.args(["--project", "test/types/tsconfig.json", "--typeRoots"]);
    compile.arg(root().join(SOURCE).join("node_modules/@types")).current_dir(fresh);
    run_quietly(compile).map(|_| ())
}

/// Runs a tool over a package as it is packed.
fn lint_package(package: &str, words: &str) -> Result {
    let (name, arguments) = words.split_once(' ').unwrap_or((words, ""));
    let mut lint = program(name);
    lint.args(arguments.split(' ')).current_dir(root().join("target/npm").join(package));
    run_quietly(lint).map(|_| ())
}

/// Runs the tests of one file, or of all.
fn run_tests(fresh: &Path, file: &str) -> Result {
    let mut files: Vec<_> = std::fs::read_dir(fresh.join("test"))?
        .map(|entry| entry.map(|e| format!("test/{}", e.file_name().to_string_lossy())))
        .collect::<std::io::Result<_>>()?;
    files.retain(|name| name.ends_with(".test.mjs") && (file.is_empty() || name == file));
    files.sort();
    if files.is_empty() {
        return Err("there are no Node tests".into());
    }
    // One file after the other: some of them measure.
    let mut test = command_in(fresh, "node --expose-gc --test --test-concurrency=1 --test-reporter=spec");
    test.args(files);
    isolate(&mut test);
    run(test)
}

/// A program of the tools.
fn program(name: &str) -> Command {
    Command::new(root().join(SOURCE).join("node_modules/.bin").join(name))
}

fn write_json(path: &Path, value: &Value) -> Result {
    std::fs::write(path, format!("{}\n", serde_json::to_string_pretty(value)?))?;
    Ok(())
}
