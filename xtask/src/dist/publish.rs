//! Hands everything to the registries, in the order in which the parts need each other.

use super::artifacts::{self, Kind};
use super::{assemble, crates, installer, source};
use crate::run::{command, command_in, program, run, shown};
use crate::{Result, tools};

/// Publishes what `assemble` listed; with `is_trial` only says what would be published, and checks it as far as the registries
/// allow.
pub fn all(is_trial: bool) -> Result {
    assemble::verify()?;
    let artifacts = artifacts::all()?;
    let trial = is_trial.then_some("--dry-run");
    run(command("cargo publish --locked").args(crates::arguments()).args(trial))?;

    // PyPI knows the workflow; no token exists.
    let python = tools::python("python-dist", "xtask/python/dist.txt")?;
    let mut wheels = program(python.with_file_name("uv"));
    wheels.args(["publish", "--trusted-publishing", if is_trial { "never" } else { "always" }]).args(trial);
    let of = |kinds: &'static [Kind]| artifacts.iter().filter(move |artifact| kinds.contains(&artifact.kind));
    wheels.args(of(&[Kind::Extension, Kind::ProgramWheel]).map(|artifact| &artifact.path));
    run(wheels.args(source::paths()?.iter().filter(|path| path.extension() == Some("gz".as_ref()))))?;

    // A package that exists before its parts would be installed without them.
    let parts = of(&[Kind::Addon, Kind::Program]);
    for artifact in parts.chain(of(&[Kind::JavaScript])) {
        let mut publish = command_in(&artifacts::folder(), "npm publish --access public");
        publish.args(trial.or(Some("--provenance")));
        run(publish.arg(&artifact.path))?;
    }

    // Last, since the script that installs the program is found by the newest of them.
    let (tag, list) = (format!("v{}", env!("CARGO_PKG_VERSION")), artifacts::folder().join(assemble::TABLE));
    let mut release = command(&format!("gh release create {tag} --verify-tag --title {tag} --notes-file"));
    release.arg(list).arg(installer::path()).args(of(&[Kind::Archive]).map(|artifact| &artifact.path));
    if is_trial {
        println!("  this would follow: {}", shown(&release));
        return Ok(());
    }
    run(&mut release)
}
