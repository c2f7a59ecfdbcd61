//! Installs what was packed on this machine, where it is what a target is for: of macOS and Windows there is no small system in
//! a folder.

use std::path::Path;
use std::process::Command;

use super::{add_files, creates, install_packages, main_package, program_file};
use crate::dist::archive;
use crate::dist::artifacts::{Artifact, Kind};
use crate::run::{program, run_quietly};
use crate::server::Server;
use crate::targets::Target;
use crate::{Result, root, tools};

/// Creates an integration with an artifact that is installed into an empty folder, and returns with what.
pub fn test(artifact: &Artifact, target: &Target, all: &[Artifact], sandbox: &Server) -> Result<String> {
    let folder = root().join("target/dist/systems/native");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    add_files(sandbox, |from, to| Ok(std::fs::copy(from, folder.join(to)).map(drop)?))?;
    let (mut create, with) = match artifact.kind {
        Kind::Extension => extension(artifact)?,
        Kind::Addon => addon(artifact, target, all, &folder.join("app"))?,
        _ => from_package(artifact, target)?,
    };
    creates(create.current_dir(&folder), sandbox)?;
    Ok(format!("tested on {}, {with}", archive::platform(target)))
}

/// The program from its package.
fn from_package(artifact: &Artifact, target: &Target) -> Result<(Command, String)> {
    let mut create = program(program_file(artifact, target)?);
    create.args(["integrations", "create", "request.json"]);
    Ok((create, "from its package".to_owned()))
}

/// A script with the wheel, which pip takes only if it is for this system.
fn extension(artifact: &Artifact) -> Result<(Command, String)> {
    let python = tools::new_python("python-native")?;
    run_quietly(tools::pip(&python).args(["--no-index", "--no-deps"]).arg(&artifact.path))?;
    let version = run_quietly(program(&python).arg("--version"))?;
    let mut create = program(python);
    create.arg(root().join("tests/dist/create.py"));
    Ok((create, version.trim().to_owned()))
}

/// A script with the npm packages, in a folder of its own.
fn addon(artifact: &Artifact, target: &Target, all: &[Artifact], app: &Path) -> Result<(Command, String)> {
    install_packages(app, target, &[main_package(all)?, artifact.path.clone()])?;
    std::fs::copy(root().join("tests/dist/create.cjs"), app.join("create.cjs"))?;
    let version = run_quietly(program("node").arg("--version"))?;
    let mut create = program("node");
    create.arg(app.join("create.cjs"));
    Ok((create, format!("Node {}", version.trim().trim_start_matches('v'))))
}
