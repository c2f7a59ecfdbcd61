//! Builds everything a second time, in another folder: each artifact must be the same, byte for byte.

use std::path::{Path, PathBuf};

use super::artifacts::{self, Artifact};
use super::toolchain;
use crate::run::{command_in, run};
use crate::{Result, root, targets, tools};

/// Names the first file of each artifact that differs from that of a copy of the project.
pub fn all() -> Result {
    let copy = root().join("target/dist/again/copy-of-the-project");
    let _ = std::fs::remove_dir_all(&copy);
    tools::copy_project(&copy)?;
    // What is downloaded and does not depend on the project.
    for folder in ["toolchain", "rust-src", "debian"] {
        let from = root().join("target/dist").join(folder);
        if from.exists() {
            tools::share_folder(&from, &copy.join("target/dist").join(folder))?;
        }
    }
    let names: Vec<_> = targets::chosen().iter().map(|target| target.triple).collect();
    let mut build = command_in(&copy, "cargo xtask dist build --target");
    build.arg(names.join(",")).env("CARGO_TARGET_DIR", copy.join("target"));
    run(build.env("SOURCE_DATE_EPOCH", toolchain::source_date()?))?;

    let mut differences = Vec::new();
    for artifact in artifacts::all()? {
        let again = copy.join("target/dist/artifacts").join(artifact.name());
        let other = Artifact { path: again, ..artifact.clone() };
        if std::fs::read(&artifact.path)? == std::fs::read(&other.path)? {
            println!("  the same: {}", artifact.name());
        } else {
            differences.push(format!("{}: {}", artifact.name(), difference(&artifact, &other)?));
        }
    }
    std::fs::remove_dir_all(copy)?;
    if differences.is_empty() { Ok(()) } else { Err(differences.join("\n").into()) }
}

/// The first file that differs in two artifacts, and where.
fn difference(one: &Artifact, other: &Artifact) -> Result<String> {
    let kept = root().join("target/dist/again/first");
    let _ = std::fs::remove_dir_all(&kept);
    tools::copy_folder(&one.unpack()?, &kept)?;
    let other = other.unpack()?;
    let names = |folder: &Path| -> Result<Vec<PathBuf>> {
        let files = tools::walk(folder)?;
        Ok(files.iter().filter_map(|file| file.strip_prefix(folder).ok().map(Path::to_owned)).collect())
    };
    for name in names(&kept)? {
        let (a, b) = (std::fs::read(kept.join(&name))?, std::fs::read(other.join(&name)).unwrap_or_default());
        if a != b {
            let at = a.iter().zip(&b).position(|(a, b)| a != b).unwrap_or_else(|| a.len().min(b.len()));
            return Ok(format!("{} differs, first in byte {at} of {} and {}", name.display(), a.len(), b.len()));
        }
    }
    Ok("the files in it are the same; the archive differs in their order, times or rights".into())
}
