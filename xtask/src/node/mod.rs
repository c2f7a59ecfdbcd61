//! The Node packages: packs them as they are published, installs them into an empty folder without a network, and tests
//! them there.

pub mod pack;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::dist::build::{self, PROGRAM};
use crate::run::{RATE_LIMIT_DIR, command, command_in, run, run_quietly};
use crate::targets::Target;
use crate::{Result, notices, paths, python, root, tools};

/// Folder of the package and its tools.
pub const SOURCE: &str = "bindings/node";
/// Folder with the packages that the tests in `test/tools` use, as users of the package do.
const USERS_TOOLS: &str = "bindings/node/tools";

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
            smoke.env(RATE_LIMIT_DIR, root().join("target/npm/user"));
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

/// Copies a script next to the installed packages, since Node looks for modules there, and returns its path. An equal one
/// stays: it may be running.
pub fn script(path: &Path) -> Result<PathBuf> {
    let script = installed()?.join(path.file_name().unwrap_or_default());
    if std::fs::read(&script).ok() != std::fs::read(path).ok() {
        std::fs::copy(path, &script)?;
    }
    Ok(script)
}

/// Builds and packs what is in `root`, and installs it into an empty folder, whose path it returns.
fn install(root: &Path, profile: &str) -> Result<PathBuf> {
    let users_tools = crate::root().join(USERS_TOOLS);
    for folder in [&crate::root().join(SOURCE), &users_tools] {
        tools::install_npm(folder)?;
    }
    let (target, (addon, program)) = (Target::host()?, build(root, profile)?);
    let work = root.join("target/npm");
    let _ = std::fs::remove_dir_all(&work);
    let fresh = work.join("fresh");
    std::fs::create_dir_all(&fresh)?;
    let mut packages = pack::packages(root, &work)?;
    packages.extend([pack::addon(target, &addon, &work)?, pack::program(target, &program, &work)?]);
    let tarballs = packages.iter().map(|package| pack::pack(package, &work.join("tarballs")));
    let tarballs = tarballs.collect::<Result<Vec<_>>>()?;
    std::fs::write(fresh.join("package.json"), "{ \"private\": true }\n")?;
    run_quietly(command_in(&fresh, "npm install --offline --no-audit --no-fund").args(tarballs))?;
    add_tests(root, &fresh)?;
    let users_tools = users_tools.join("node_modules");
    for (packages, link) in
        [(users_tools.join("@opentelemetry"), "node_modules/@opentelemetry"), (users_tools, "test/tools/node_modules")]
    {
        tools::link(&packages, &fresh.join(link))?;
    }
    Ok(fresh)
}

/// Adds the tests and benchmarks to a folder with the packages, and the files that they read.
pub fn add_tests(root: &Path, fresh: &Path) -> Result {
    for folder in ["test", "bench"] {
        tools::copy_folder(&root.join(SOURCE).join(folder), &fresh.join(folder))?;
    }
    for (readme, name) in [("README.md", "README.md"), ("fleet/README.md", "README-fleet.md")] {
        std::fs::copy(root.join(SOURCE).join(readme), fresh.join(name))?;
    }
    tools::copy_folder(&root.join("openapi/examples"), &fresh.join("examples"))?;
    tools::copy_folder(&root.join("tests/canary"), &fresh.join("canary"))?;
    tools::copy_folder(&root.join("crates/fleet/tests/workbooks"), &fresh.join("workbooks"))
}

/// Builds the addon and the program `ocamba`, and returns their paths.
fn build(root: &Path, profile: &str) -> Result<(PathBuf, PathBuf)> {
    let target = Target::host()?;
    if profile == "release" {
        return Ok((build::addon(target)?, python::released_program()?));
    }
    let mut cargo = command_in(root, "cargo build --quiet --package ocamba-hood-node --package ocamba-cli");
    run(cargo.env("CARGO_TARGET_DIR", root.join("target")))?;
    let built = root.join("target/debug");
    Ok((built.join(build::addon_file(target)), built.join(format!("ocamba{}", std::env::consts::EXE_SUFFIX))))
}

/// Checks that the installed packages contain licences, and no path of this machine.
fn check_packages(fresh: &Path) -> Result {
    let target = Target::host()?;
    let compiled = [(target.addon_package(), Some(SOURCE)), (target.program_package(), Some(PROGRAM))];
    let scripts = ["ocamba-hood", "ocamba-cli", "ocamba-fleet"].map(|name| (name.to_owned(), None));
    for (name, notices) in compiled.into_iter().chain(scripts) {
        let package = fresh.join("node_modules").join(name);
        paths::check(&package)?;
        notices::check_package(&package, notices)?;
    }
    Ok(())
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
pub fn tool(name: &str) -> Command {
    tools::npm_program(&root().join(SOURCE), name)
}
