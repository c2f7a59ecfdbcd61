//! Hands everything to the registries, in the order in which the parts need each other. What a registry has is skipped, so that
//! a release that failed can be run again.

use std::process::Command;

use super::artifacts::{self, Artifact, Kind};
use super::crates::{self, CRATES};
use super::{assemble, check, installer, sbom, source};
use crate::run::{command, command_in, program, run, shown};
use crate::{Result, tools};

const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The files that PyPI has.
const PYPI: &str = "https://pypi.org/simple/";

/// Publishes what `assemble` listed; with `is_trial` only says what would be published, and checks it as far as the registries
/// allow.
pub fn all(is_trial: bool) -> Result {
    if !is_trial {
        check::release()?;
    }
    assemble::verify()?;
    let artifacts = artifacts::all()?;
    let of =
        |kinds: &[Kind]| -> Vec<_> { artifacts.iter().filter(|artifact| kinds.contains(&artifact.kind)).collect() };
    publish_crates(is_trial)?;
    publish_wheels(&of(&[Kind::Extension, Kind::ProgramWheel]), is_trial)?;
    // A package that exists before its parts would be installed without them.
    publish_packages(&of(&[Kind::Addon, Kind::Program]), is_trial)?;
    publish_packages(&of(&[Kind::JavaScript]), is_trial)?;
    // Last, since the script that installs the program is found by the newest release.
    publish_archives(&of(&[Kind::Archive]), is_trial)
}

/// The crates; cargo knows in which order.
fn publish_crates(is_trial: bool) -> Result {
    let names = CRATES.map(crates::name).into_iter();
    let missing = names.filter(|name| {
        let crate_version = format!("{name}@{VERSION}");
        !is_published(&crate_version, command("cargo info --registry crates-io").arg(&crate_version))
    });
    let arguments: Vec<_> = missing.map(|name| format!("--package={name}")).collect();
    if arguments.is_empty() {
        return Ok(());
    }
    run(command("cargo publish --locked").args(arguments).args(trial(is_trial)))
}

/// The wheels, and the sources that they are built from.
fn publish_wheels(wheels: &[&Artifact], is_trial: bool) -> Result {
    let python = tools::python("python-dist", "xtask/python/dist.txt")?;
    let mut publish = program(python.with_file_name("uv"));
    publish.arg("publish");
    if is_trial {
        publish.args(["--trusted-publishing", "never", "--dry-run"]);
    } else {
        // PyPI knows the workflow; no token exists. uv skips the files that PyPI has.
        publish.args(["--trusted-publishing", "always", "--check-url", PYPI]);
    }
    publish.args(wheels.iter().map(|wheel| &wheel.path));
    run(publish.args(source::paths()?.iter().filter(|path| path.extension() == Some("gz".as_ref()))))
}

fn publish_packages(packages: &[&Artifact], is_trial: bool) -> Result {
    for package in packages {
        let name = format!("{}@{VERSION}", package.npm_name());
        if is_published(&name, command("npm view").args([&name, "version"])) {
            continue;
        }
        let mut publish = command_in(&artifacts::folder(), "npm publish --access public");
        publish.args(trial(is_trial).or(Some("--provenance")));
        run(publish.arg(&package.path))?;
    }
    Ok(())
}

/// The archives with the script that installs them, the lists of everything, and the crates in each package.
fn publish_archives(archives: &[&Artifact], is_trial: bool) -> Result {
    let tag = format!("v{VERSION}");
    // Where files could not be uploaded, gh leaves no release.
    if !is_trial && is_published(&tag, command("gh release view").arg(&tag)) {
        return Ok(());
    }
    let mut release = command(&format!("gh release create {tag} --verify-tag --title {tag} --notes-file"));
    release.arg(artifacts::folder().join(assemble::TABLE)).arg(installer::path());
    release.args(archives.iter().map(|archive| &archive.path)).args(assemble::lists()).args(sbom::paths()?);
    if is_trial {
        println!("  this would follow: {}", shown(&release));
        return Ok(());
    }
    run(&mut release)
}

fn trial(is_trial: bool) -> Option<&'static str> {
    is_trial.then_some("--dry-run")
}

/// Whether a registry shows a version. One that cannot be reached shows nothing, and refuses later what it has.
fn is_published(name: &str, show: &mut Command) -> bool {
    let is_there = show.output().is_ok_and(|output| output.status.success() && !output.stdout.is_empty());
    if is_there {
        println!("  is published: {name}");
    }
    is_there
}
