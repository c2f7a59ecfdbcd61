//! A bill of materials of each compiled package, in CycloneDX: the crates in it. Without times and random numbers, so that it
//! is the same in each build.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::artifacts;
use crate::run::{command, run_quietly};
use crate::{Result, root};

/// The crate of each compiled package, and the name of its list.
const LISTS: [(&str, &str); 3] =
    [("ocamba-hood-python", "ocamba_hood"), ("ocamba-hood-node", "ocamba-hood"), ("ocamba-cli", "ocamba-cli")];

/// Writes the lists beside the artifacts.
pub fn all() -> Result {
    std::fs::create_dir_all(artifacts::folder())?;
    let lock = std::fs::read_to_string(root().join("Cargo.lock"))?;
    for ((package, name), path) in LISTS.iter().zip(names()) {
        let list = list(package, name, &lock)?;
        println!("  {}: {} crates", path.display(), list["components"].as_array().map_or(0, Vec::len));
        std::fs::write(artifacts::folder().join(path), format!("{}\n", serde_json::to_string_pretty(&list)?))?;
    }
    Ok(())
}

/// The files; fails if one is missing.
pub fn paths() -> Result<Vec<PathBuf>> {
    names().map(|name| artifacts::existing(artifacts::folder().join(name), "sbom")).collect()
}

fn names() -> impl Iterator<Item = PathBuf> {
    LISTS.iter().map(|(_, name)| PathBuf::from(format!("{name}-{}.cdx.json", env!("CARGO_PKG_VERSION"))))
}

fn list(package: &str, name: &str, lock: &str) -> Result<Value> {
    let mut tree = command("cargo tree --offline --locked --edges normal,no-proc-macro --target all --prefix none");
    let tree = run_quietly(tree.args(["--format", "{p}|{l}", "--package", package]))?;
    let lines: BTreeSet<_> = tree.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    let components = lines.into_iter().filter_map(|line| component(line, lock));
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "component": {
            "type": "library", "name": name, "version": env!("CARGO_PKG_VERSION"),
            "licenses": [{ "expression": env!("CARGO_PKG_LICENSE") }],
        } },
        "components": components.collect::<Vec<_>>(),
    }))
}

/// A crate of `name v1.2.3|licence`; none for those of this project, which have a path.
fn component(line: &str, lock: &str) -> Option<Value> {
    let (id, licence) = line.split_once('|')?;
    let (name, version) = id.split_once(" v").filter(|(_, version)| !version.contains(' '))?;
    let entry = lock.split_once(&format!("name = \"{name}\"\nversion = \"{version}\"\n"))?.1;
    let digest = entry.split("\n\n").next()?.split_once("checksum = \"")?.1.split('"').next()?;
    Some(json!({
        "type": "library",
        "name": name,
        "version": version,
        "purl": format!("pkg:cargo/{name}@{version}"),
        "hashes": [{ "alg": "SHA-256", "content": digest }],
        "licenses": [{ "expression": licence.replace('/', " OR ") }],
    }))
}

#[cfg(test)]
mod tests {
    use super::component;

    #[test]
    fn crates_have_a_digest_and_own_ones_are_left_out() {
        let lock = "name = \"a\"\nversion = \"1.2.3\"\nsource = \"registry\"\nchecksum = \"abc\"\n\n[[package]]\n";
        let found = component("a v1.2.3|MIT/Apache-2.0", lock).expect("a component");
        assert_eq!(found["purl"], "pkg:cargo/a@1.2.3");
        assert_eq!(found["hashes"][0]["content"], "abc");
        assert_eq!(found["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(component("ocamba-hood v1.2.3 (/a/b)|MIT", lock), None);
    }
}
