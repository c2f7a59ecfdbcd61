//! The Python package: its wheels, built as they are shipped, and its tests, run against what was installed from them.

mod typing;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{command, command_in, run, run_quietly};
use crate::{Result, root, tools};

const PACKAGE: &str = "bindings/python";
/// What its extras need: the program, as a package of its own.
const CLI: &str = "bindings/python/cli";
/// The largest that the package's wheel may be.
const MAX_WHEEL_BYTES: u64 = 2_500_000;

/// Builds both wheels, installs them into a new virtual environment, and tests what is there.
pub fn test() -> Result {
    let wheels = root().join("target/wheels");
    build(&wheels, &[PACKAGE, CLI])?;
    check_size(&wheels)?;
    let python = install(&wheels, "python-test", "xtask/python/test.txt")?;
    typing::check(&root(), &python)?;
    run(command("cargo build --quiet --package ocamba-bench"))?;
    let mut tests = Command::new(&python);
    tests.args(["-I", "-m", "pytest", "--quiet"]).current_dir(root().join(PACKAGE));
    tests.env("OCAMBA_BENCH_SERVER", root().join("target/debug/ocamba-bench")).env_remove("OCAMBA_BINARY");
    run(tests)
}

/// Tests a copy of the project that has other providers, with an extension built in no time instead of wheels.
/// Returns the Python that has it.
pub fn test_copy(copy: &Path) -> Result<PathBuf> {
    let mut build = command_in(copy, "cargo build --quiet --package ocamba-hood-python --package ocamba-cli");
    build.env("CARGO_TARGET_DIR", copy.join("target")).env("CARGO_INCREMENTAL", "0");
    run_quietly(build)?;
    let (built, folder) = (copy.join("target/debug"), copy.join("target/python"));
    let package = folder.join("ocamba_hood");
    tools::copy_folder(&copy.join(PACKAGE).join("lib/ocamba_hood"), &package)?;
    std::fs::copy(built.join("lib_native.so"), package.join("_native.abi3.so"))?;

    let python = tools::python("python-copy", "xtask/python/test.txt")?;
    let mut site = Command::new(&python);
    site.args(["-I", "-c", "import sysconfig; print(sysconfig.get_path('purelib'), end='')"]);
    std::fs::write(Path::new(&run_quietly(site)?).join("copy.pth"), format!("{}\n", folder.display()))?;
    typing::check(copy, &python)?;
    let mut tests = Command::new(&python);
    tests.args(["-I", "-m", "pytest", "--quiet", "tests/test_examples.py", "tests/test_requests.py"]);
    tests
        .args(["tests/test_results.py", "tests/test_secrets.py", "tests/test_update.py", "tests/test_list.py"])
        .current_dir(copy.join(PACKAGE));
    tests.env("OCAMBA_BINARY", built.join("ocamba"));
    run(tests)?;
    Ok(python)
}

/// Measures the installed wheel beside what else Python has, doing the same.
pub fn bench() -> Result {
    let wheels = root().join("target/wheels");
    build(&wheels, &[PACKAGE])?;
    let python = install(&wheels, "python-bench", "xtask/python/bench.txt")?;
    let mut bench = Command::new(&python);
    // A server that costs next to nothing, so that what is measured is the client.
    run(command("cargo build --quiet --release --package ocamba-bench"))?;
    bench.arg("-I").arg(root().join("xtask/python/bench.py")).arg(root().join("target/release/ocamba-bench"));
    bench.current_dir(root());
    run(bench)
}

/// The program `ocamba` as it is shipped, taken out of its wheel.
pub fn program() -> Result<PathBuf> {
    let wheels = root().join("target/wheels");
    build(&wheels, &[CLI])?;
    let folder = root().join("target/program");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    let mut unpack = command("python3 -m zipfile --extract");
    unpack.arg(newest(&wheels, "ocamba_cli-")?).arg(&folder);
    run_quietly(unpack)?;
    let name = format!("ocamba{}", std::env::consts::EXE_SUFFIX);
    let program = folder.join(format!("ocamba_cli-{}.data/scripts", env!("CARGO_PKG_VERSION"))).join(name);
    #[cfg(unix)]
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    Ok(program)
}

/// The Python into which `test` has installed the wheels.
pub fn installed() -> PathBuf {
    root().join("target/venv/python-test/bin/python")
}

/// The wheels of these folders, `manylinux2014`, in place of those that were built before.
fn build(wheels: &Path, folders: &[&str]) -> Result {
    let python = tools::python("python-build", "xtask/python/build.txt")?;
    let programs = python.parent().ok_or("the virtual environment has no folder of programs")?;
    for folder in folders {
        println!("  building the wheel of {folder}");
        let words = "maturin build --zig --compatibility manylinux2014 --locked --out";
        let mut maturin = command_in(&root().join(folder), words);
        maturin.arg(wheels).env("PATH", with_path(programs)?);
        run_quietly(maturin)?;
    }
    Ok(())
}

/// The package's wheel is small.
fn check_size(wheels: &Path) -> Result {
    let size = std::fs::metadata(newest(wheels, "ocamba_hood-")?)?.len();
    println!("  the wheel has {:.2} MB", size as f64 / 1e6);
    if size > MAX_WHEEL_BYTES {
        return Err(format!("the wheel has {size} bytes, and may have at most {MAX_WHEEL_BYTES}").into());
    }
    Ok(())
}

/// A new virtual environment with the wheels, which need nothing else, and then what tests or benches want.
fn install(wheels: &Path, name: &str, requirements: &str) -> Result<PathBuf> {
    let folder = root().join("target/venv").join(name);
    let mut create = Command::new("python3");
    create.args(["-m", "venv", "--clear"]).arg(&folder);
    run_quietly(create)?;
    let python = folder.join("bin/python");
    let pip = || {
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        pip
    };
    let mut package = pip();
    package.args(["--no-index", "--no-deps"]).arg(newest(wheels, "ocamba_hood-")?);
    run_quietly(package)?;
    // The extra brings the binary, also from what was built here alone.
    if let Ok(binary) = newest(wheels, "ocamba_cli-") {
        let mut extra = pip();
        extra.arg("--no-index").arg(binary);
        run_quietly(extra)?;
        let mut extra = pip();
        extra.args(["--no-index", "ocamba-hood[sandbox]"]);
        run_quietly(extra)?;
    }
    let mut others = pip();
    others.arg("-r").arg(root().join(requirements));
    run_quietly(others)?;
    Ok(python)
}

/// The newest wheel of a name.
fn newest(wheels: &Path, name: &str) -> Result<PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(wheels)?
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(name))
        .map(|entry| (entry.metadata().and_then(|m| m.modified()).ok(), entry.path()))
        .collect();
    found.sort();
    found.pop().map(|(_, path)| path).ok_or_else(|| format!("there is no wheel {name}* in {}", wheels.display()).into())
}

/// The `PATH`, with another folder first.
fn with_path(first: &Path) -> Result<std::ffi::OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    Ok(std::env::join_paths(std::iter::once(first.to_owned()).chain(std::env::split_paths(&path)))?)
}
