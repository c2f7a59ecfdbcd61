//! What is published: the files of each target, and those for all platforms.

use std::path::PathBuf;

use crate::dist::archive;
use crate::dist::build::{EXTENSION, PROGRAM};
use crate::run::{command, run_quietly};
use crate::targets::{self, Target};
use crate::{Result, node, python, root, tools};

/// A file that is published.
#[derive(Clone, Debug)]
pub struct Artifact {
    pub kind: Kind,
    /// None for all platforms.
    pub target: Option<&'static Target>,
    pub path: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// The wheel of the Python package.
    Extension,
    /// The wheel with the program.
    ProgramWheel,
    /// The npm package with the addon.
    Addon,
    /// The npm package with the program.
    Program,
    /// The archive with the program.
    Archive,
    /// An npm package of JavaScript.
    JavaScript,
}

/// The folder of everything that is published.
pub fn folder() -> PathBuf {
    root().join("target/dist/artifacts")
}

/// The artifacts of the chosen targets, and those for all platforms; fails if one is missing.
pub fn all() -> Result<Vec<Artifact>> {
    let mut found = Vec::new();
    for name in ["ocamba-hood", "ocamba-cli", "ocamba-fleet"] {
        found.push(Artifact { kind: Kind::JavaScript, target: None, path: npm(name)? });
    }
    for target in targets::chosen() {
        let mut add =
            |kind, path: Result<PathBuf>| path.map(|path| found.push(Artifact { kind, target: Some(target), path }));
        add(Kind::Addon, npm(&target.addon_package()))?;
        if target.has_program() {
            add(Kind::ProgramWheel, program_wheel(target))?;
            add(Kind::Program, npm(&target.program_package()))?;
            add(Kind::Archive, existing(archive::path(target), "build"))?;
        }
        add(Kind::Extension, wheel("ocamba_hood", &[target.wheel]))?;
    }
    Ok(found)
}

impl Artifact {
    pub fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The name of an npm package.
    pub fn npm_name(&self) -> String {
        match (self.kind, self.target) {
            (Kind::Addon, Some(target)) => target.addon_package(),
            (Kind::Program, Some(target)) => target.program_package(),
            _ => self.name().replace(&format!("-{}.tgz", env!("CARGO_PKG_VERSION")), ""),
        }
    }

    /// Unpacks the artifact, and returns the folder.
    pub fn unpack(&self) -> Result<PathBuf> {
        if self.path.extension().is_some_and(|extension| extension == "whl" || extension == "zip") {
            return python::unpack(&self.path);
        }
        let folder = root().join("target/unpacked").join(self.name());
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder)?;
        run_quietly(command("tar --extract --file").arg(&self.path).arg("--directory").arg(&folder))?;
        // The only folder in it.
        let only = std::fs::read_dir(&folder)?.next().ok_or_else(|| format!("{} is empty", self.name()))??;
        Ok(only.path())
    }

    /// The folder whose notices it must have, if there is compiled code in it.
    pub fn notices(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Extension => Some(EXTENSION),
            Kind::Addon => Some(node::SOURCE),
            Kind::ProgramWheel | Kind::Program | Kind::Archive => Some(PROGRAM),
            Kind::JavaScript => None,
        }
    }
}

/// The wheel with the program for a target's system and processor.
pub fn program_wheel(target: &Target) -> Result<PathBuf> {
    wheel("ocamba_cli", &target.program_wheels())
}

/// The archive that `npm pack` makes of a package.
fn npm(package: &str) -> Result<PathBuf> {
    let name = package.replace('@', "").replace('/', "-");
    existing(folder().join(format!("{name}-{}.tgz", env!("CARGO_PKG_VERSION"))), "build")
}

/// The wheel of a package that has these tags of platforms.
fn wheel(package: &str, platforms: &[&str]) -> Result<PathBuf> {
    let start = format!("{package}-{}-", env!("CARGO_PKG_VERSION"));
    let is_wheel = |name: &str| name.starts_with(&start) && platforms.iter().all(|platform| name.contains(platform));
    let wheels = tools::files(&folder(), "", ".whl").unwrap_or_default();
    let wheel = wheels.into_iter().find(|path| path.file_name().is_some_and(|name| is_wheel(&name.to_string_lossy())));
    wheel.map_or_else(|| existing(folder().join(format!("{start}*{}*.whl", platforms.join("*"))), "build"), Ok)
}

/// Fails with the step that makes a file, if it does not exist.
pub fn existing(path: PathBuf, step: &str) -> Result<PathBuf> {
    if path.exists() {
        return Ok(path);
    }
    Err(format!("{} is missing; to build it, run: cargo xtask dist {step}", path.display()).into())
}
