//! The sandbox's pages in a real browser: Debian's Chromium, driven by playwright-core.

use std::path::Path;

use crate::run::{command, run};
use crate::{Result, node, python, root, tools};

const TESTS: &str = "tests/browser";

/// Tests that the pages show events and can be used, while the three clients send requests.
pub fn test() -> Result {
    run_tests("", &root().join("target/browser"))
}

/// Takes the pictures of the README again.
pub fn pictures() -> Result {
    run_tests("pictures.test.mjs", &root().join(TESTS).join("pictures"))
}

/// Runs the tests of one file, or of all, and writes pictures to a folder.
fn run_tests(file: &str, pictures: &Path) -> Result {
    tools::debian("chromium", "chromium")?;
    let folder = root().join(TESTS);
    tools::install_npm(&folder)?;
    run(&mut command("cargo build --quiet --package ocamba-cli"))?;
    run(&mut command("cargo build --quiet --package ocamba-hood --example create"))?;
    std::fs::create_dir_all(pictures)?;
    let mut test = command("node --test --test-concurrency=1 --test-reporter=spec");
    test.args(tools::files(&folder, file, ".test.mjs")?)
        .env("OCAMBA_PICTURES", pictures)
        .env("CHROMIUM", tools::find("chromium").unwrap_or_default());
    let (built, settings) = (root().join("target/debug"), root().join("target/browser/config"));
    test.env("OCAMBA_BINARY", built.join("ocamba")).env("OCAMBA_RUST", built.join("examples/create"));
    test.env("OCAMBA_PYTHON", python::installed()?).env("OCAMBA_NODE", node::script(&folder.join("create.mjs"))?);
    // Chromium writes crash reports there.
    run(test.env("XDG_CONFIG_HOME", settings))
}
