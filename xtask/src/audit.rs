//! `cargo xtask audit`: known vulnerabilities in what is released or builds it, and code that tools find unsafe.

use crate::run::{Step, command, command_in, program, run, run_quietly, steps};
use crate::{Result, root, tools};

const STEPS: &[Step] = &[
    Step::new("bandit", "searches the Python package for unsafe code", bandit),
    Step::new("eslint", "searches the Node packages and the sandbox's pages for unsafe code", eslint),
    Step::new("zizmor", "searches the workflows for ways to attack them", zizmor),
    Step::new("actionlint", "checks that the workflows are valid (GitHub, to install)", actionlint),
    Step::new("crates", "checks licences, sources and advisories of crates (GitHub, for the advisories)", crates),
    Step::new("pip-audit", "checks advisories of the pinned Python packages (PyPI)", pip_audit),
    Step::new("npm-audit", "checks advisories and signatures of the npm packages (npm's registry)", npm_audit),
];
const INSTALL_DENY: &str = "cargo install cargo-deny@0.20.2 --locked";

/// Runs the chosen steps, or all if none is chosen.
pub fn audit(chosen: &[String]) -> Result {
    steps("audit", STEPS, chosen)
}

/// The steps that need no network but for installing, and take seconds.
pub fn offline() -> Result {
    bandit()?;
    eslint()?;
    zizmor()
}

fn bandit() -> Result {
    let mut bandit = program(tools::python("audit", "xtask/python/audit.txt")?);
    bandit.args(["-I", "-m", "bandit", "--quiet", "--recursive", "bindings/python/lib", "bindings/python/examples"]);
    // B101: an assertion here is for type checkers; nothing depends on it. B105: it takes types and documentation for
    // passwords. B404, B603: the package starts one program, without a shell, after it has checked its version.
    run_quietly(bandit.args(["--skip", "B101,B105,B404,B603"]).current_dir(root())).map(drop)
}

fn eslint() -> Result {
    let mut eslint = tools::npm("xtask/npm", "eslint")?;
    eslint.args(["--config", "xtask/npm/eslint.config.mjs", "--max-warnings", "0"]);
    run_quietly(eslint.args(["bindings/node/lib", "bindings/node/cli", "bindings/node/fleet", "crates/sandbox/src"]))
        .map(drop)
}

fn zizmor() -> Result {
    let python = tools::python("audit", "xtask/python/audit.txt")?;
    let mut zizmor = program(python.with_file_name("zizmor"));
    run_quietly(zizmor.args(["--offline", "--no-progress", "--persona", "pedantic", ".github"]).current_dir(root()))
        .map(drop)
}

fn actionlint() -> Result {
    let python = tools::python("actionlint", "xtask/python/actionlint.txt")?;
    run(program(python.with_file_name("actionlint")).current_dir(root()))
}

fn crates() -> Result {
    if tools::find("cargo-deny").is_none() {
        return Err(format!("cargo-deny is missing; to install it, run: {INSTALL_DENY}").into());
    }
    run(&mut command("cargo deny --locked check --hide-inclusion-graph"))
}

fn pip_audit() -> Result {
    let mut audit = program(tools::python("audit", "xtask/python/audit.txt")?);
    // Only the pinned versions; a package that the service does not know fails.
    audit.args(["-I", "-m", "pip_audit", "--strict", "--no-deps", "--disable-pip", "--progress-spinner", "off"]);
    for requirements in tools::files(&root().join("xtask/python"), "", ".txt")? {
        audit.arg("--requirement").arg(requirements);
    }
    run(audit.current_dir(root()))
}

fn npm_audit() -> Result {
    for lock in run_quietly(&mut command("git ls-files *package-lock.json"))?.lines() {
        let folder = root().join(lock.trim_end_matches("package-lock.json"));
        tools::install_npm(&folder)?;
        run(&mut command_in(&folder, "npm audit --audit-level high"))?;
        run(&mut command_in(&folder, "npm audit signatures"))?;
    }
    Ok(())
}
