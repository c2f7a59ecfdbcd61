//! The list of everything that is published: digests, sizes, what each needs, and where it was tested.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::artifacts::{self, Artifact};
use super::{inspect, installer, sbom, source, test};
use crate::{Result, targets, tools};

/// The list for programs, and the one for people, beside the artifacts.
const MANIFEST: &str = "manifest.json";
pub const TABLE: &str = "manifest.md";
const DIGESTS: &str = "SHA256SUMS";
const LISTS: [&str; 3] = [MANIFEST, TABLE, DIGESTS];

/// Writes the lists; fails if an artifact is missing, was not tested, or does not belong here.
pub fn all() -> Result {
    let folder = artifacts::folder();
    let artifacts = artifacts::all()?;
    let mut entries = artifacts.iter().map(entry).collect::<Result<Vec<_>>>()?;
    for path in source::paths()? {
        entries.push(described(&path, "all", "", "built from the package")?);
    }
    entries.push(described(&artifacts::existing(installer::path(), "installer")?, "all", "", "installs here")?);
    for path in sbom::paths()? {
        entries.push(described(&path, "all", "", "")?);
    }
    let untested = entries.iter().find(|entry| text(entry, "tested").starts_with(test::NOT_TESTED));
    // A release has them all, each from a machine that can test it; one machine builds what it cannot test, and says so.
    if let Some(entry) = untested.filter(|_| targets::chosen().len() == targets::TARGETS.len()) {
        return Err(format!("{} was {}", text(entry, "file"), text(entry, "tested")).into());
    }
    let expected: BTreeSet<_> = entries.iter().map(|entry| text(entry, "file").to_owned()).collect();
    for path in tools::walk(&folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !expected.contains(&*name) && !LISTS.contains(&&*name) {
            return Err(format!("{} is none of the artifacts; remove it, or name its target", path.display()).into());
        }
    }
    let others = targets::TARGETS.iter().filter(|target| !targets::chosen().contains(target)).map(|target| target.name);
    let manifest = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "artifacts": entries,
        "not_built": others.collect::<Vec<_>>(),
    });
    let table = table(&manifest);
    std::fs::write(folder.join(MANIFEST), format!("{}\n", serde_json::to_string_pretty(&manifest)?))?;
    std::fs::write(folder.join(TABLE), &table)?;
    let digests = entries.iter().map(|entry| format!("{}  {}\n", text(entry, "sha256"), text(entry, "file")));
    std::fs::write(folder.join(DIGESTS), digests.collect::<String>())?;
    println!("{table}");
    Ok(())
}

/// The lists.
pub fn lists() -> impl Iterator<Item = PathBuf> {
    LISTS.iter().map(|name| artifacts::folder().join(name))
}

/// Holds the artifacts against the list that was published with them.
pub fn verify() -> Result {
    let folder = artifacts::folder();
    let path = folder.join(MANIFEST);
    let manifest = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let manifest: Value = serde_json::from_str(&manifest)?;
    let entries = manifest["artifacts"].as_array().filter(|all| !all.is_empty()).ok_or("the list is empty")?;
    for entry in entries {
        let file = text(entry, "file");
        if digest(&folder.join(file))? != text(entry, "sha256") {
            return Err(format!("{file} is not the file of {MANIFEST}; its digest differs").into());
        }
    }
    println!("  {} artifacts are those of {MANIFEST}", entries.len());
    Ok(())
}

fn entry(artifact: &Artifact) -> Result<Value> {
    let tested = match artifact.target {
        Some(target) => test::recorded(target, artifact)
            .ok_or_else(|| format!("{} was not tested; run: cargo xtask dist test", artifact.name()))?,
        None => "tested with each addon".to_owned(),
    };
    let needs = inspect::check_compiled(artifact, &artifact.unpack()?)?;
    described(&artifact.path, artifact.target.map_or("all", |target| target.triple), &needs, &tested)
}

fn described(path: &Path, target: &str, needs: &str, tested: &str) -> Result<Value> {
    Ok(json!({
        "file": path.file_name().unwrap_or_default().to_string_lossy(),
        "target": target,
        "sha256": digest(path)?,
        "bytes": std::fs::metadata(path)?.len(),
        "needs": needs,
        "tested": tested,
    }))
}

/// The SHA-256 of a file, in hexadecimal digits.
pub fn digest(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
    Ok(digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn table(manifest: &Value) -> String {
    let mut page = format!("# Artifacts of {}\n\n", text(manifest, "version"));
    page += "| file | MB | needs | tested | SHA-256 |\n|---|---|---|---|---|\n";
    for entry in manifest["artifacts"].as_array().into_iter().flatten() {
        let megabytes = entry["bytes"].as_f64().unwrap_or_default() / 1e6;
        let [file, needs, tested, digest] = ["file", "needs", "tested", "sha256"].map(|name| text(entry, name));
        page += &format!("| `{file}` | {megabytes:.2} | {needs} | {tested} | `{digest}` |\n");
    }
    for name in manifest["not_built"].as_array().into_iter().flatten() {
        page += &format!("\nNot built here: {}.\n", name.as_str().unwrap_or_default());
    }
    page
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
