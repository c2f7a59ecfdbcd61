//! Bundlers and freezers of users: what they make of applications serves elsewhere. They are large, so `cargo xtask test` leaves
//! them out.

use std::path::Path;

use crate::run::{command_in, program, run};
use crate::{Result, node, python, root, tools};

const TESTS: &str = "tests/bundlers";

/// Tests the packages that the last `cargo xtask test python node` built with the tools of each language.
pub fn test() -> Result {
    let (source, work) = (root().join(TESTS), root().join("target/bundlers"));
    for file in tools::walk(&source)? {
        copy_changed(&file, &work.join(file.strip_prefix(&source)?))?;
    }
    node_tools(&work)?;
    python_tools(&source)
}

fn node_tools(work: &Path) -> Result {
    tools::install_npm(work)?;
    let mut test = command_in(work, "node --test --test-concurrency=1 --test-reporter=spec");
    run(test.args(tools::files(work, "", ".test.mjs")?).env("OCAMBA_NODE", node::installed()?))
}

fn python_tools(tests: &Path) -> Result {
    let python = tools::python("python-bundlers", "xtask/python/bundlers.txt")?;
    let mut test = program(python);
    test.args(["-I", "-m", "pytest", "--quiet", "-p", "no:cacheprovider"]).arg(tests);
    run(test.env("OCAMBA_WHEELS", python::wheels()?))
}

/// Copies a file, unless the copy is equal: npm installs again what has changed.
fn copy_changed(from: &Path, to: &Path) -> Result {
    let content = std::fs::read(from)?;
    if std::fs::read(to).is_ok_and(|copy| copy == content) {
        return Ok(());
    }
    std::fs::create_dir_all(to.parent().ok_or("a file without a folder")?)?;
    std::fs::write(to, content).map_err(|e| format!("{}: {e}", to.display()).into())
}
