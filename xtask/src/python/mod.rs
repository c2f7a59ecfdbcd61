//! The Python package: builds its wheels for release, and tests the installed ones.

mod typing;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::dist::build::{self, EXTENSION, PROGRAM};
use crate::run::{command, command_in, program, run, run_quietly};
use crate::targets::Target;
use crate::{Result, notices, paths, root, tools};

/// Maximum size of the package's wheel.
const MAX_WHEEL_BYTES: u64 = 2_500_000;

/// Builds both wheels, installs them into a new virtual environment, and tests the installed packages.
pub fn test() -> Result {
    let target = Target::host()?;
    let wheels = [build::extension(target)?, build::program(target, &[target.wheel])?];
    check_size(&wheels[0])?;
    for (wheel, folder) in wheels.iter().zip([EXTENSION, PROGRAM]) {
        let unpacked = unpack(wheel)?;
        paths::check(&unpacked)?;
        notices::check_package(&unpacked, Some(folder))?;
    }
    let python = install(&wheels, "python-test", "xtask/python/test.txt")?;
    typing::check(&root(), &python)?;
    run(&mut command("cargo build --quiet --package ocamba-bench"))?;
    let server = root().join("target/debug/ocamba-bench");
    run(pytest(&python, &root()).env("OCAMBA_BENCH_SERVER", server))
}

/// Tests a copy of the project with other providers, with a debug build of the extension in place of wheels. Returns
/// the Python that has it.
pub fn test_copy(copy: &Path) -> Result<PathBuf> {
    let mut build = command_in(copy, "cargo build --quiet --package ocamba-hood-python --package ocamba-cli");
    run_quietly(build.env("CARGO_TARGET_DIR", copy.join("target")).env("CARGO_INCREMENTAL", "0"))?;
    let (built, folder) = (copy.join("target/debug"), copy.join("target/python"));
    let package = folder.join("ocamba_hood");
    tools::copy_folder(&copy.join(EXTENSION).join("lib/ocamba_hood"), &package)?;
    std::fs::copy(built.join("lib_native.so"), package.join("_native.abi3.so"))?;

    let python = tools::python("python-copy", "xtask/python/test.txt")?;
    let site = ["-I", "-c", "import sysconfig; print(sysconfig.get_path('purelib'), end='')"];
    let site = run_quietly(program(&python).args(site))?;
    std::fs::write(Path::new(&site).join("copy.pth"), format!("{}\n", folder.display()))?;
    typing::check(copy, &python)?;
    let files = ["examples", "requests", "results", "secrets", "update", "list"];
    let files = files.map(|name| format!("tests/test_{name}.py"));
    run(pytest(&python, copy).args(files).env("OCAMBA_BINARY", built.join("ocamba")))?;
    Ok(python)
}

/// Measures the installed wheel and other clients of Python with the same calls.
pub fn bench() -> Result {
    run(&mut bench_script("bench.py")?)
}

/// Measures new processes of Python, and of Node with the packages in this folder.
pub fn bench_cold_start(packages: &Path) -> Result {
    run(bench_script("cold_start.py")?.arg(packages))
}

/// Returns a script that measures the installed wheel, with a server that costs next to nothing, so that the client determines
/// the results.
fn bench_script(name: &str) -> Result<Command> {
    let python = install(&[build::extension(Target::host()?)?], "python-bench", "xtask/python/bench.txt")?;
    run(&mut command("cargo build --quiet --release --package ocamba-bench"))?;
    let mut script = program(python);
    script.arg(root().join("xtask/python").join(name)).arg(root().join("target/release/ocamba-bench"));
    script.current_dir(root());
    Ok(script)
}

/// The released program `ocamba`, for this machine.
pub fn released_program() -> Result<PathBuf> {
    let target = Target::host()?;
    program_of(&build::program(target, &[target.wheel])?)
}

/// The program `ocamba`, extracted from its wheel.
pub fn program_of(wheel: &Path) -> Result<PathBuf> {
    let folder = unpack(wheel)?.join(format!("ocamba_cli-{}.data/scripts", env!("CARGO_PKG_VERSION")));
    let program = tools::files(&folder, "", "")?.remove(0);
    tools::make_executable(&program)?;
    Ok(program)
}

/// The folder with the wheels that `test` built.
pub fn wheels() -> Result<PathBuf> {
    tools::built(root().join("target/wheels").join(Target::host()?.triple))
}

/// The Python into which `test` installed the wheels.
pub fn installed() -> Result<PathBuf> {
    tools::built(root().join("target/venv/python-test").join(tools::PYTHON))
}

/// Runs a script with the installed wheels.
pub fn script(path: &Path) -> Result<Command> {
    let mut script = program(installed()?);
    script.arg("-I").arg(path);
    Ok(script)
}

fn pytest(python: &Path, root: &Path) -> Command {
    let mut tests = program(python);
    tests.args(["-I", "-m", "pytest", "--quiet"]).current_dir(root.join(EXTENSION));
    tests
}

/// Fails if the package's wheel is too large.
pub fn check_size(wheel: &Path) -> Result {
    let size = std::fs::metadata(wheel)?.len();
    println!("  the wheel has {:.2} MB", size as f64 / 1e6);
    if size > MAX_WHEEL_BYTES {
        return Err(format!("the wheel has {size} bytes; the maximum is {MAX_WHEEL_BYTES}").into());
    }
    Ok(())
}

/// A new folder with the files of a wheel.
pub fn unpack(wheel: &Path) -> Result<PathBuf> {
    let folder = root().join("target/unpacked").join(wheel.file_stem().unwrap_or_default());
    let _ = std::fs::remove_dir_all(&folder);
    run_quietly(command("python3 -m zipfile --extract").arg(wheel).arg(&folder))?;
    Ok(folder)
}

/// Creates a virtual environment with the wheels, which need no other package, and then with `requirements`.
fn install(wheels: &[PathBuf], name: &str, requirements: &str) -> Result<PathBuf> {
    let python = tools::new_python(name)?;
    run_quietly(tools::pip(&python).args(["--no-index", "--no-deps"]).args(wheels))?;
    // With both wheels the extra needs nothing else.
    if wheels.len() > 1 {
        run_quietly(tools::pip(&python).args(["--no-index", "ocamba-hood[sandbox]"]))?;
    }
    tools::download(tools::pip(&python).arg("-r").arg(root().join(requirements)))?;
    Ok(python)
}
