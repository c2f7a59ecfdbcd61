//! What is published as source: the crates and the Python packages, each built again from its own package.

use std::path::PathBuf;

use super::check::WHEELS;
use super::crates::{self, CRATES};
use super::{artifacts, toolchain};
use crate::run::{command, run_quietly};
use crate::{Result, root, tools};

/// Packs the sources, and builds what users build from them.
pub fn all() -> Result {
    let folder = artifacts::folder();
    std::fs::create_dir_all(&folder)?;
    println!("  packing the crates, and building each from its package");
    let mut package = command("cargo package --quiet --locked");
    run_quietly(package.args(crates::arguments()))?;
    for path in names().into_iter().filter(|path| path.extension() == Some("crate".as_ref())) {
        std::fs::copy(root().join("target/package").join(&path), folder.join(&path))?;
    }
    for source in WHEELS {
        let mut pack = toolchain::maturin("sdist", &root().join(source))?;
        run_quietly(pack.arg("--out").arg(&folder))?;
    }
    for path in paths()?.iter().filter(|path| path.extension() == Some("gz".as_ref())) {
        println!("  installing {}", path.display());
        run_quietly(tools::pip(&tools::new_python("source")?).arg("--no-deps").arg(path))?;
    }
    Ok(())
}

/// The files with source; fails if one is missing.
pub fn paths() -> Result<Vec<PathBuf>> {
    let existing = |name| artifacts::existing(artifacts::folder().join(name), "source");
    names().into_iter().map(existing).collect()
}

fn names() -> Vec<PathBuf> {
    let version = env!("CARGO_PKG_VERSION");
    let crates = CRATES.map(|folder| format!("{}-{version}.crate", crates::name(folder)));
    let sdists = ["ocamba_hood", "ocamba_cli"].map(|name| format!("{name}-{version}.tar.gz"));
    crates.into_iter().chain(sdists).map(PathBuf::from).collect()
}
