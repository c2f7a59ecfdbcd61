//! What is published as source: the crates and the Python packages, each built again from its own package.

use std::path::PathBuf;

use super::check::WHEELS;
use super::crates::{self, CRATES};
use super::{artifacts, toolchain};
use crate::run::{command, run_quietly};
use crate::{Result, paths, root, tools};

/// Packs the sources, and builds what users build from them.
pub fn all() -> Result {
    let folder = artifacts::folder();
    std::fs::create_dir_all(&folder)?;
    println!("  packing the crates, and building each from its package");
    // Cargo takes a package of the same version for the same, and would build one crate with an earlier state of another.
    let build = root().join("target/dist/package");
    let _ = std::fs::remove_dir_all(&build);
    forget_unpacked()?;
    let mut package = command("cargo package --quiet --locked --target-dir");
    run_quietly(package.arg(&build).args(crates::arguments()))?;
    for path in names().into_iter().filter(|path| path.extension() == Some("crate".as_ref())) {
        std::fs::copy(build.join("package").join(&path), folder.join(&path))?;
    }
    std::fs::remove_dir_all(&build)?;
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

/// Removes what cargo has unpacked of the crates' packages.
fn forget_unpacked() -> Result {
    let version = env!("CARGO_PKG_VERSION");
    for registry in std::fs::read_dir(paths::cargo_home()?.join("registry/src")).into_iter().flatten().flatten() {
        for name in CRATES.map(crates::name) {
            let unpacked = registry.path().join(format!("{name}-{version}"));
            if unpacked.exists() {
                std::fs::remove_dir_all(unpacked)?;
            }
        }
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
