//! The Node packages: packs them as they are published, installs them into an empty folder without a network, and tests
//! them there.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};

use crate::run::{command, command_in, program, run, run_quietly};
use crate::{Result, notices, paths, python, root, tools};

/// Folder of the package and its tools.
const SOURCE: &str = "bindings/node";
/// Folder with the packages that the tests in `test/tools` use, as users of the package do.
const USERS_TOOLS: &str = "bindings/node/tools";
/// Platforms that have a package, named as Node names them.
const PLATFORMS: [&str; 8] = [
    "linux-x64-gnu",
    "linux-x64-musl",
    "linux-arm64-gnu",
    "linux-arm64-musl",
    "darwin-arm64",
    "darwin-x64",
    "win32-x64-msvc",
    "win32-arm64-msvc",
];
/// Platforms of the program, which needs no C library on Linux.
const PROGRAMS: [&str; 6] = ["linux-x64", "linux-arm64", "darwin-arm64", "darwin-x64", "win32-x64", "win32-arm64"];

/// Tests the packages in Node, Bun and Deno.
pub fn test() -> Result {
    let fresh = install(&root(), "release")?;
    check_packages(&fresh)?;
    check_types(&fresh)?;
    for package in ["ocamba-hood", "ocamba-fleet"] {
        let package = root().join("target/npm").join(package);
        run_quietly(tool("publint").args(["run", "--strict", "--pack", "false"]).current_dir(&package))?;
        run_quietly(tool("attw").args(["--pack", ".", "--profile", "node16"]).current_dir(&package))?;
    }
    run_tests(&fresh.join("test"), "")?;
    run_tests(&fresh.join("test/tools"), "")?;
    for (runtime, arguments) in [("bun", "run"), ("deno", "run --quiet --allow-all --node-modules-dir=manual")] {
        for file in ["smoke.mjs", "fleet.mjs"] {
            let mut smoke = tool(runtime);
            smoke.args(arguments.split(' ')).arg(format!("test/runtimes/{file}")).current_dir(&fresh);
            smoke.env("OCAMBA_RATE_LIMIT_DIR", root().join("target/npm/user"));
            println!("  {}", run_quietly(&mut smoke)?.trim());
        }
    }
    Ok(())
}

/// Tests a copy of the project with other providers, from a debug build: their types, and creates with the sandbox.
pub fn test_providers(root: &Path) -> Result {
    let fresh = install(root, "debug")?;
    check_types(&fresh)?;
    run_tests(&fresh.join("test"), "examples.test.mjs")
}

/// Installs the released packages, and returns the folder.
pub fn released() -> Result<PathBuf> {
    install(&root(), "release")
}

/// Measures the package and other clients of Node with the same calls.
pub fn bench() -> Result {
    let fresh = released()?;
    run(&mut command("cargo build --quiet --release --package ocamba-bench"))?;
    let mut bench = command_in(&fresh, "node bench/bench.mjs");
    bench.env("OCAMBA_BENCH_SERVER", root().join("target/release/ocamba-bench"));
    run(bench.env("OCAMBA_BENCH_PEERS", root().join(SOURCE).join("package.json")))
}

/// The folder into which `test` installed the packages.
pub fn installed() -> Result<PathBuf> {
    tools::built(root().join("target/npm/fresh"))
}

/// Copies a script next to the installed packages, since Node looks for modules there, and returns its path.
pub fn script(path: &Path) -> Result<PathBuf> {
    let script = installed()?.join(path.file_name().unwrap_or_default());
    std::fs::copy(path, &script)?;
    Ok(script)
}

/// Builds and packs what is in `root`, and installs it into an empty folder, whose path it returns.
fn install(root: &Path, profile: &str) -> Result<PathBuf> {
    let users_tools = crate::root().join(USERS_TOOLS);
    for folder in [&crate::root().join(SOURCE), &users_tools] {
        tools::install_npm(folder)?;
    }
    let program = build(root, profile)?;
    let work = root.join("target/npm");
    let _ = std::fs::remove_dir_all(&work);
    let (tarballs, fresh) = (work.join("tarballs"), work.join("fresh"));
    std::fs::create_dir_all(&tarballs)?;
    std::fs::create_dir_all(&fresh)?;
    for package in stage(root, profile, &program, &work)? {
        run_quietly(command_in(&package, "npm pack --silent --pack-destination").arg(&tarballs))?;
    }
    std::fs::write(fresh.join("package.json"), "{ \"private\": true }\n")?;
    let tarballs = std::fs::read_dir(&tarballs)?.flatten().map(|entry| entry.path());
    run_quietly(command_in(&fresh, "npm install --offline --no-audit --no-fund").args(tarballs))?;
    for folder in ["test", "bench"] {
        tools::copy_folder(&root.join(SOURCE).join(folder), &fresh.join(folder))?;
    }
    let users_tools = users_tools.join("node_modules");
    for (packages, link) in
        [(users_tools.join("@opentelemetry"), "node_modules/@opentelemetry"), (users_tools, "test/tools/node_modules")]
    {
        std::os::unix::fs::symlink(packages, fresh.join(link))?;
    }
    for (readme, name) in [("README.md", "README.md"), ("fleet/README.md", "README-fleet.md")] {
        std::fs::copy(root.join(SOURCE).join(readme), fresh.join(name))?;
    }
    tools::copy_folder(&root.join("openapi/examples"), &fresh.join("examples"))?;
    tools::copy_folder(&root.join("tests/canary"), &fresh.join("canary"))?;
    Ok(fresh)
}

/// Builds the addon with plain cargo, without the tool of napi-rs, and returns the path of the program `ocamba`.
fn build(root: &Path, profile: &str) -> Result<PathBuf> {
    let cargo = |package: &str| {
        let mut build = command_in(root, "cargo build --quiet --package");
        build.args([package, "--profile", if profile == "debug" { "dev" } else { profile }]);
        build.env("CARGO_TARGET_DIR", root.join("target"));
        run(if profile == "release" { paths::remap(&mut build)? } else { &mut build })
    };
    cargo("ocamba-hood-node")?;
    // The released package has the program of the Python wheel, which takes minutes to build and supports an older glibc.
    if profile == "release" {
        return python::released_program();
    }
    cargo("ocamba-cli")?;
    Ok(root.join("target").join(profile).join(built_files().1))
}

/// Lays out the packages as they are published, and returns their folders.
fn stage(root: &Path, profile: &str, program: &Path, work: &Path) -> Result<Vec<PathBuf>> {
    let (source, target) = (root.join(SOURCE), root.join("target"));
    let main = work.join("ocamba-hood");
    tools::copy_folder(&source.join("lib"), &main.join("lib"))?;
    minify(&source.join("lib"), &main.join("lib"))?;
    std::fs::copy(source.join("README.md"), main.join("README.md"))?;
    manifest(&source, &main, &PLATFORMS.map(|platform| format!("@ocamba/hood-{platform}")))?;

    let cli = work.join("ocamba-cli");
    tools::copy_folder(&source.join("cli"), &cli)?;
    manifest(&source.join("cli"), &cli, &PROGRAMS.map(|platform| format!("@ocamba/cli-{platform}")))?;

    let fleet = work.join("ocamba-fleet");
    tools::copy_folder(&source.join("fleet"), &fleet)?;
    minify(&source.join("fleet"), &fleet)?;
    manifest(&source.join("fleet"), &fleet, &[])?;

    let (addon, program_name) = built_files();
    let addon = target.join(profile).join(addon);
    let addon = platform_package(work, &addon_package()?, &addon, "ocamba-hood.node", SOURCE)?;
    let program = platform_package(work, &program_package()?, program, program_name, python::CLI)?;
    let packages = vec![main, cli, fleet, addon, program];
    for package in &packages {
        for licence in notices::LICENCES {
            std::fs::copy(crate::root().join(licence), package.join(licence))?;
        }
    }
    Ok(packages)
}

/// Checks that the installed packages contain licences, and no path of this machine.
fn check_packages(fresh: &Path) -> Result {
    let compiled = [(addon_package()?, Some(SOURCE)), (program_package()?, Some(python::CLI))];
    let scripts = ["ocamba-hood", "ocamba-cli", "ocamba-fleet"].map(|name| (name.to_owned(), None));
    for (name, notices) in compiled.into_iter().chain(scripts) {
        let package = fresh.join("node_modules").join(name);
        paths::check(&package)?;
        notices::check_package(&package, notices)?;
    }
    Ok(())
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

/// The file names that cargo gives to the addon and to the command line on this platform.
fn built_files() -> (&'static str, &'static str) {
    match std::env::consts::OS {
        "macos" => ("libocamba_hood_node.dylib", "ocamba"),
        "windows" => ("ocamba_hood_node.dll", "ocamba.exe"),
        _ => ("libocamba_hood_node.so", "ocamba"),
    }
}

/// Writes a package's `package.json` with the project's version, and its packages for each platform, if it has any.
fn manifest(source: &Path, target: &Path, platforms: &[String]) -> Result {
    let mut manifest: Value = serde_json::from_str(&std::fs::read_to_string(source.join("package.json"))?)?;
    let version = Value::from(env!("CARGO_PKG_VERSION"));
    let platforms: Map<_, _> = platforms.iter().map(|name| (name.clone(), version.clone())).collect();
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

/// Lays out a package with one compiled file for this platform, and the notices of a folder.
fn platform_package(work: &Path, name: &str, built: &Path, file: &str, notices: &str) -> Result<PathBuf> {
    let platform = platform()?;
    let folder = work.join(name);
    std::fs::create_dir_all(&folder)?;
    std::fs::copy(built, folder.join(file)).map_err(|e| format!("{}: {e}", built.display()))?;
    std::fs::copy(crate::root().join(notices).join(notices::FILE), folder.join(notices::FILE))?;
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
        // Yarn would leave the file in an archive, from which no system loads or starts it.
        "preferUnplugged": true,
        "files": [file, "LICENSE-MIT", "LICENSE-APACHE", notices::FILE],
    });
    if file.ends_with(".node") {
        if parts.next() == Some("gnu") {
            manifest["libc"] = json!(["glibc"]);
        }
        manifest["main"] = file.into();
        // Webpack cannot parse an addon.
        let webpack = "webpack.mjs";
        std::fs::copy(root().join(SOURCE).join("addon").join(webpack), folder.join(webpack))?;
        let entry = json!({ "webpack": format!("./{webpack}"), "default": format!("./{file}") });
        let own = json!({ ".": entry, format!("./{file}"): entry, "./package.json": "./package.json" });
        manifest["exports"] = own;
        manifest["files"].as_array_mut().into_iter().for_each(|files| files.push(webpack.into()));
    }
    write_json(&folder.join("package.json"), &manifest)?;
    Ok(folder)
}

/// The package with the addon for this platform.
fn addon_package() -> Result<String> {
    Ok(format!("@ocamba/hood-{}", platform()?))
}

/// The package with the program for this platform.
fn program_package() -> Result<String> {
    let platform = platform()?;
    let library = ["-gnu", "-msvc"].into_iter().find_map(|end| platform.strip_suffix(end));
    Ok(format!("@ocamba/cli-{}", library.unwrap_or(platform)))
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

/// Checks that the samples compile in strict mode, those of the READMEs too, and that the wrong ones do not.
fn check_types(fresh: &Path) -> Result {
    for readme in ["README", "README-fleet"] {
        let text = std::fs::read_to_string(fresh.join(readme).with_extension("md"))?;
        for (number, sample) in tools::code_blocks(&text, "js").enumerate() {
            let file = fresh.join(format!("test/types/{readme}-{}.mjs", number + 1));
            std::fs::write(file, format!("{sample}\nexport {{}};\n"))?;
        }
    }
    // Node's own types belong to the tools, not to the package.
    let types = root().join(SOURCE).join("node_modules/@types");
    for project in ["test/types/tsconfig.json", "test/types/tsconfig.commonjs.json"] {
        let mut compile = tool("tsc");
        compile.args(["--project", project, "--typeRoots"]).arg(&types);
        run_quietly(compile.current_dir(fresh))?;
    }
    Ok(())
}

/// Runs the tests of one file of a folder, or of all.
fn run_tests(folder: &Path, file: &str) -> Result {
    let files = tools::files(folder, file, ".test.mjs")?;
    // One file after the other: some of them measure.
    run(command_in(folder, "node --expose-gc --test --test-concurrency=1 --test-reporter=spec").args(files))
}

/// A program of the npm packages.
fn tool(name: &str) -> Command {
    program(root().join(SOURCE).join("node_modules/.bin").join(name))
}

fn write_json(path: &Path, value: &Value) -> Result {
    std::fs::write(path, format!("{}\n", serde_json::to_string_pretty(value)?))?;
    Ok(())
}
