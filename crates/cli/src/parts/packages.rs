//! Packages of this SDK for other languages, as their folders show them: no interpreter is started.

use std::collections::BTreeSet;
use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};

use serde_json::Value;

/// An installed package.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    pub language: &'static str,
    pub name: &'static str,
    pub version: String,
    /// The folder of all packages.
    pub folder: PathBuf,
}

/// Returns the packages of the active Python environment, of the one that has this program, and of the nearest
/// `node_modules` of the working folder and of this program.
pub fn installed() -> BTreeSet<Package> {
    let program = std::env::current_exe().ok();
    let around_program = program.as_deref().and_then(|program| program.parent()?.parent()).map(Path::to_owned);
    let active = ["VIRTUAL_ENV", "CONDA_PREFIX"].into_iter().filter_map(std::env::var_os).map(PathBuf::from);
    let python = active.chain(around_program).flat_map(|environment| in_python(&environment));
    let starts = std::env::current_dir().ok().into_iter().chain(program.clone());
    let node = starts.flat_map(|start| in_node(&start)).collect::<Vec<_>>();
    python.chain(node).collect()
}

fn in_python(environment: &Path) -> Vec<Package> {
    let versions = entries(&environment.join("lib")).filter(|(name, _)| name.starts_with("python"));
    let unix = versions.flat_map(|(_, folder)| [folder.join("site-packages"), folder.join("dist-packages")]);
    let folders = unix.chain([environment.join("Lib").join("site-packages")]);
    let packages = folders.flat_map(|folder| {
        entries(&folder)
            .filter_map(move |(name, _)| {
                let version = name.strip_prefix("ocamba_hood-")?.strip_suffix(".dist-info")?.to_owned();
                Some(Package { language: "Python", name: "ocamba-hood", version, folder: folder.clone() })
            })
            .collect::<Vec<_>>()
    });
    packages.collect()
}

fn in_node(start: &Path) -> Vec<Package> {
    let nearest = |name: &'static str| {
        start.ancestors().map(|folder| folder.join("node_modules")).find_map(|folder| {
            let package: Value =
                serde_json::from_str(&read_to_string(folder.join(name).join("package.json")).ok()?).ok()?;
            Some(Package { language: "Node", name, version: package["version"].as_str()?.to_owned(), folder })
        })
    };
    ["ocamba-hood", "ocamba-fleet"].into_iter().filter_map(nearest).collect()
}

/// Returns the names and paths in a folder: none if it cannot be read.
fn entries(folder: &Path) -> impl Iterator<Item = (String, PathBuf)> + use<> {
    let entries = read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()))
}
