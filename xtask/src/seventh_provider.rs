//! A copy of the project learns a provider from a report; it must then work everywhere.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::learn::learn_in;
use crate::run::{command, command_in, run_quietly};
use crate::test::rust_tests;
use crate::{Result, generators, node, python, root, samples, tools};

/// The provider's name.
const TITLE: &str = "Pigeon Post";

/// What `ocamba probe` reports of a server with that provider.
fn report() -> Value {
    let setting = |name| json!({ "name": name, "type": "string", "required": true });
    let settings = [setting("loft_name"), setting("whistle_token")];
    json!({
        "report": "ocamba probe",
        "answers": {},
        "differences": [
            { "kind": "provider", "provider_id": "1006", "type": "pigeon", "title": TITLE, "settings": settings },
        ],
    })
}

/// Adds the provider to a copy, and runs the commands of a maintainer.
pub fn test() -> Result {
    let copy = root().join("target/seventh-provider");
    let _ = std::fs::remove_dir_all(&copy);
    tools::copy_project(&copy)?;
    tools::copy_build("debug", &copy.join("target"))?;
    // The report is all that a maintainer has; what it leads to is the only change by hand.
    learn_in(&copy, &report())?;
    let before = contents(&copy)?;

    run_quietly(&mut cargo(&copy, "xtask codegen"))?;
    run_quietly(rust_tests(&mut cargo(&copy, "test --quiet --workspace")).env("INSTA_UPDATE", "always"))?;
    only_expected_changes(&before, &contents(&copy)?)?;
    run_quietly(&mut cargo(&copy, "xtask test codegen lint-spec"))?;

    let create = "run --quiet -- integrations create openapi/examples/pigeon-post/request.json --sandbox";
    let created = run_quietly(&mut cargo(&copy, create))?;
    for expected in ["\"provider_id\": \"1006\"", "\"loft_name\": \"example\"", "\"type\": \"pigeon\"", "[REDACTED]"] {
        if !created.contains(expected) {
            return Err(format!("the integration that the command line created has no {expected}:\n{created}").into());
        }
    }
    let python = python::test_copy(&copy)?;
    node::test_providers(&copy)?;
    samples::test_copy(&copy, python, TITLE)?;
    generators::quick(&copy)?;
    // It has gigabytes.
    Ok(std::fs::remove_dir_all(&copy)?)
}

/// Cargo in the copy, with its own build folder: cargo confuses the same crate of two copies.
fn cargo(copy: &Path, words: &str) -> std::process::Command {
    let mut cargo = command_in(copy, &format!("cargo {words}"));
    cargo.env("CARGO_TARGET_DIR", copy.join("target")).env("CARGO_INCREMENTAL", "0");
    cargo
}

/// Fails if anything but generated files changed, or anything but snapshots is new.
fn only_expected_changes(before: &BTreeMap<PathBuf, Vec<u8>>, after: &BTreeMap<PathBuf, Vec<u8>>) -> Result {
    for (path, text) in after {
        let first_line = text.split(|b| *b == b'\n').next().unwrap_or_default();
        let generated = String::from_utf8_lossy(first_line).contains("@generated");
        let new_snapshot = !before.contains_key(path) && path.extension().is_some_and(|e| e == "snap");
        if before.get(path) != Some(text) && !generated && !new_snapshot {
            return Err(format!("the new provider changed {}", path.display()).into());
        }
    }
    Ok(())
}

/// Every file of the copy, without builds.
fn contents(copy: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut all = BTreeMap::new();
    for path in tools::walk(copy)?.into_iter().filter(|path| !path.ends_with("Cargo.lock")) {
        all.insert(path.strip_prefix(copy)?.to_owned(), std::fs::read(&path)?);
    }
    Ok(all)
}
