//! The sandbox's pages in a real browser: Debian's Chromium, led by playwright-core.

use std::path::{Path, PathBuf};

use crate::run::{command, run};
use crate::{Result, conformance, node, python, root, tools};

const TESTS: &str = "tests/browser";

/// The pages show what happens and can be worked with, while the three clients call.
pub fn test() -> Result {
    run_tests("", &root().join("target/browser"))
}

/// Takes the pictures of the README anew.
pub fn pictures() -> Result {
    run_tests("pictures.test.mjs", &root().join(TESTS).join("pictures"))
}

/// Runs the tests of one file, or of all. Pictures go to a folder.
fn run_tests(file: &str, pictures: &Path) -> Result {
    tools::debian("chromium", "chromium")?;
    let folder = root().join(TESTS);
    tools::install_npm(&folder)?;
    run(command("cargo build --quiet --package ocamba-cli"))?;
    run(command("cargo build --quiet --package ocamba-hood --example create"))?;
    // Modules are looked for beside the file that wants them, so it is taken from where they are.
    let script = conformance::there(node::installed())?.join("create.mjs");
    std::fs::copy(folder.join("create.mjs"), &script)?;
    std::fs::create_dir_all(pictures)?;

    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)?.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.to_string_lossy().ends_with(".test.mjs") && path.to_string_lossy().ends_with(file));
    files.sort();
    if files.is_empty() {
        return Err("there are no tests for the browser".into());
    }
    let mut test = command("node --test --test-concurrency=1 --test-reporter=spec");
    test.args(files).env("OCAMBA_PICTURES", pictures).env("CHROMIUM", tools::find("chromium").unwrap_or_default());
    let built = root().join("target/debug");
    test.env("OCAMBA_BINARY", built.join("ocamba")).env("OCAMBA_RUST", built.join("examples/create"));
    test.env("OCAMBA_PYTHON", conformance::there(python::installed())?).env("OCAMBA_NODE", script);
    run(test)
}
