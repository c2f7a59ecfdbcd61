//! Adds a provider to the document and the examples of a copy of the project; it must then work everywhere.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::run::{command, command_in, run_quietly};
use crate::{Result, node, python, root, samples, tools};

/// The provider's name.
const TITLE: &str = "Pigeon Post";
/// The only additions to the copy.
const BRANCH: &str = "
        - title: Pigeon Post
          type: object
          required: [provider_id, settings]
          properties:
            provider_id:
              type: string
              enum: ['1006']
            settings:
              $ref: '#/components/schemas/PigeonPost'
";
const SCHEMA: &str = "
    PigeonPost:
      description: Settings of a provider that does not exist.
      type: object
      additionalProperties: false
      required: [loft_name, whistle_token]
      properties:
        loft_name:
          type: string
          minLength: 1
          description: Where the pigeons live.
          example: North Loft
        whistle_token:
          type: string
          format: password
          minLength: 1
          description: The sound that calls them, a secret.
          example: tweet-XXXX
";
const REQUEST: &str = r#"{
  "name": "Example Pigeon Post",
  "provider_id": "1006",
  "settings": {
    "loft_name": "North Loft",
    "whistle_token": "tweet-XXXX"
  },
  "status": "active"
}
"#;
const RESPONSE: &str = r#"{
  "id": "1165",
  "company_id": "6197120",
  "name": "Example Pigeon Post",
  "type": "pigeon",
  "provider_id": "1006",
  "settings": {
    "loft_name": "North Loft",
    "whistle_token": "tweet-XXXX"
  },
  "status": "active",
  "is_default": false
}
"#;

/// Adds the provider to a copy, and runs the commands of a maintainer.
pub fn test() -> Result {
    let copy = root().join("target/seventh-provider");
    let _ = std::fs::remove_dir_all(&copy);
    tools::copy_project(&copy)?;
    copy_build(&copy)?;
    add_provider(&copy)?;
    let before = contents(&copy)?;

    run_quietly(&mut cargo(&copy, "xtask codegen"))?;
    run_quietly(cargo(&copy, "test --quiet --workspace").env("INSTA_UPDATE", "always"))?;
    only_expected_changes(&before, &contents(&copy)?)?;
    run_quietly(&mut cargo(&copy, "xtask test codegen lint-spec"))?;

    let create = "run --quiet -- integrations create openapi/examples/pigeon/request.json --sandbox";
    let created = run_quietly(&mut cargo(&copy, create))?;
    for expected in ["\"provider_id\": \"1006\"", "\"loft_name\": \"North Loft\"", "\"type\": \"pigeon\"", "[REDACTED]"]
    {
        if !created.contains(expected) {
            return Err(format!("the integration that the command line created has no {expected}:\n{created}").into());
        }
    }
    let python = python::test_copy(&copy)?;
    node::test_providers(&copy)?;
    samples::test_copy(&copy, python, TITLE)?;
    // It has gigabytes.
    Ok(std::fs::remove_dir_all(&copy)?)
}

/// Cargo in the copy, with its own build folder: cargo confuses the same crate of two copies.
fn cargo(copy: &Path, words: &str) -> std::process::Command {
    let mut cargo = command_in(copy, &format!("cargo {words}"));
    cargo.env("CARGO_TARGET_DIR", copy.join("target")).env("CARGO_INCREMENTAL", "0");
    cargo
}

/// Copies the builds of dependencies.
fn copy_build(copy: &Path) -> Result {
    let (from, to) = (root().join("target/debug"), copy.join("target/debug"));
    std::fs::create_dir_all(&to)?;
    for folder in ["deps", "build", ".fingerprint"] {
        run_quietly(command("cp --archive --reflink=auto").arg(from.join(folder)).arg(&to))?;
    }
    Ok(())
}

fn add_provider(copy: &Path) -> Result {
    let path = copy.join("openapi/hood.yaml");
    let document = std::fs::read_to_string(&path)?;
    let union = document.find("\n    Provider:\n").ok_or("hood.yaml has no schema `Provider`")? + 1;
    // The union ends where the next schema begins.
    let end = document[union..]
        .match_indices("\n    ")
        .map(|(index, _)| union + index)
        .find(|index| document[index + 5..].starts_with(|c: char| c.is_alphabetic()) && *index > union)
        .ok_or("`Provider` is the last schema of hood.yaml")?;
    let (head, tail) = document.split_at(end);
    std::fs::write(&path, format!("{head}{}{tail}{}", BRANCH.trim_end(), SCHEMA.trim_start_matches('\n')))?;
    let examples = copy.join("openapi/examples/pigeon");
    std::fs::create_dir_all(&examples)?;
    std::fs::write(examples.join("request.json"), REQUEST)?;
    std::fs::write(examples.join("response.json"), RESPONSE)?;
    Ok(())
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
