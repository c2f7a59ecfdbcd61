//! What can be checked before anything is built: one version everywhere, and what the registries show of each package.

use std::collections::BTreeSet;

use serde_json::Value;

use super::crates::{self, CRATES};
use super::updates;
use crate::run::{command, run_quietly};
use crate::{Result, root};

/// The folders of the wheels and npm packages that are published.
pub const WHEELS: [&str; 2] = ["bindings/python", "bindings/python/cli"];
const PACKAGES: [&str; 3] = ["bindings/node", "bindings/node/cli", "bindings/node/fleet"];

/// Names everything that a registry would show wrongly, or refuse.
pub fn all() -> Result {
    let mut problems = manifests()?;
    for folder in WHEELS {
        let file = format!("{folder}/pyproject.toml");
        problems.extend(wheel(&read(&file)?).into_iter().map(|problem| format!("{file}: {problem}")));
    }
    for folder in PACKAGES {
        let file = format!("{folder}/package.json");
        problems.extend(package(folder, &read(&file)?)?.into_iter().map(|problem| format!("{file}: {problem}")));
    }
    for folder in CRATES.iter().chain(&WHEELS).chain(&PACKAGES) {
        let file = format!("{folder}/README.md");
        let Ok(text) = read(&file) else {
            problems.push(format!("{file} is missing: the registry would show an empty page"));
            continue;
        };
        let links = relative_links(&text).into_iter();
        problems
            .extend(links.map(|link| format!("{file}: {link} leads nowhere at the registry; give the whole address")));
    }
    if !read("CHANGELOG.md")?.contains(&format!("\n## {}", env!("CARGO_PKG_VERSION"))) {
        problems.push(format!("CHANGELOG.md: there is nothing of version {}", env!("CARGO_PKG_VERSION")));
    }
    problems.extend(updates::missing()?);
    if variable("GITHUB_REF_TYPE").is_some_and(|kind| kind == "tag") {
        problems.extend(unfinished(variable("GITHUB_REF_NAME").as_deref(), &read("CHANGELOG.md")?));
    }
    report(&problems)
}

/// Fails if this cannot be released: its tag, where the workflow runs for one, or its changelog is not that of the version.
pub fn release() -> Result {
    report(&unfinished(variable("GITHUB_REF_NAME").as_deref(), &read("CHANGELOG.md")?))
}

fn report(problems: &[String]) -> Result {
    problems.iter().for_each(|problem| println!("  {problem}"));
    if problems.is_empty() { Ok(()) } else { Err(format!("{} problems with what is published", problems.len()).into()) }
}

/// The problems with a tag, and with the changelog of a version that is released.
fn unfinished(tag: Option<&str>, changelog: &str) -> Vec<String> {
    let version = env!("CARGO_PKG_VERSION");
    let mut problems = Vec::new();
    if let Some(tag) = tag.filter(|tag| *tag != format!("v{version}")) {
        problems.push(format!("the tag is {tag}; that of this version is v{version}"));
    }
    let heading = changelog.lines().find_map(|line| line.strip_prefix(&format!("## {version}")));
    if heading.is_none_or(|rest| rest.contains("unreleased")) {
        problems.push(format!("CHANGELOG.md: {version} has no date"));
    }
    problems
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The problems with the manifests of crates.
fn manifests() -> Result<Vec<String>> {
    let metadata = run_quietly(&mut command("cargo metadata --format-version 1 --locked"))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().ok_or("cargo knows no packages")?;
    let (mut problems, mut published) = (newer_dependencies(packages)?, 0);
    for entry in packages.iter().filter(|entry| entry["source"].is_null()) {
        let name = entry["name"].as_str().unwrap_or_default();
        let has = |field: &str, expected: &str| entry[field] == expected;
        if !has("version", env!("CARGO_PKG_VERSION")) && entry["publish"].is_null() {
            problems.push(format!("{name}: its version is {}", entry["version"]));
        }
        if !entry["publish"].is_null() {
            continue;
        }
        published += 1;
        for field in ["description", "license", "repository", "rust_version"] {
            if entry[field].as_str().is_none_or(str::is_empty) {
                problems.push(format!("{name}: {field} is missing"));
            }
        }
        for field in ["keywords", "categories"] {
            if entry[field].as_array().is_none_or(Vec::is_empty) {
                problems.push(format!("{name}: {field} are missing"));
            }
        }
        if !has("repository", env!("CARGO_PKG_REPOSITORY")) {
            problems.push(format!("{name}: its repository is {}", entry["repository"]));
        }
        for dependency in entry["dependencies"].as_array().into_iter().flatten() {
            let exact = format!("={}", env!("CARGO_PKG_VERSION"));
            let is_own = dependency["path"].is_string() && dependency["kind"].is_null();
            if is_own && dependency["req"] != exact.as_str() {
                problems
                    .push(format!("{name}: it depends on {} {}, not {exact}", dependency["name"], dependency["req"]));
            }
        }
    }
    if published != CRATES.len() {
        problems.push(format!("{published} crates would be published, not {}", CRATES.len()));
    }
    Ok(problems)
}

/// The dependencies that need a newer Rust than their crate says. What the code itself needs, clippy's `incompatible_msrv`
/// finds.
fn newer_dependencies(packages: &[Value]) -> Result<Vec<String>> {
    let mut tree = command("cargo tree --locked --edges normal,build --target all --prefix none --format {p}");
    tree.args(crates::arguments());
    let tree = run_quietly(&mut tree)?;
    let compiled: BTreeSet<_> = tree.lines().map(|line| line.trim_end_matches(" (proc-macro)")).collect();
    let version = |entry: &Value| {
        let text = entry["rust_version"].as_str().unwrap_or_default();
        let numbers = text.split('.').map(|number| number.parse::<u32>().unwrap_or_default());
        // The last part is optional.
        numbers.chain([0]).take(3).collect::<Vec<_>>()
    };
    let own = packages.iter().find(|entry| entry["name"] == "ocamba-hood").map(version).unwrap_or_default();
    let name = |entry: &Value, field: &str| entry[field].as_str().unwrap_or_default().to_owned();
    let newer = packages.iter().filter(|entry| {
        let compiled_as = format!("{} v{}", name(entry, "name"), name(entry, "version"));
        version(entry) > own && compiled.contains(&*compiled_as)
    });
    Ok(newer.map(|entry| format!("{} needs Rust {}", entry["name"], entry["rust_version"])).collect())
}

/// The problems with a `pyproject.toml`, which has its version from the crate.
fn wheel(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for field in ["description", "readme", "license", "license-files", "requires-python", "keywords", "classifiers"] {
        if !text.contains(&format!("\n{field} = ")) {
            problems.push(format!("{field} is missing"));
        }
    }
    if !text.contains(&format!("\nRepository = \"{}\"", env!("CARGO_PKG_REPOSITORY"))) {
        problems.push(format!("its repository is not {}", env!("CARGO_PKG_REPOSITORY")));
    }
    let own = text.split("ocamba-cli").skip(1).filter_map(|rest| rest.split('"').next());
    let other = own.filter(|version| version.starts_with(['=', '<', '>', '~']));
    problems.extend(
        other
            .filter(|version| *version != format!("=={}", env!("CARGO_PKG_VERSION")))
            .map(|version| format!("it depends on ocamba-cli{version}")),
    );
    problems
}

/// The problems with a `package.json`.
fn package(folder: &str, text: &str) -> Result<Vec<String>> {
    let manifest: Value = serde_json::from_str(text)?;
    let mut problems = Vec::new();
    if manifest["version"] != env!("CARGO_PKG_VERSION") {
        problems.push(format!("its version is {}", manifest["version"]));
    }
    for field in ["description", "license", "keywords", "files", "types"] {
        if manifest[field].is_null() {
            problems.push(format!("{field} is missing"));
        }
    }
    let url = format!("git+{}.git", env!("CARGO_PKG_REPOSITORY"));
    let repository = &manifest["repository"];
    if repository["url"] != url.as_str() || repository["directory"] != folder {
        problems.push(format!("its repository is {repository}"));
    }
    for kind in ["dependencies", "peerDependencies"] {
        for (name, version) in manifest[kind].as_object().into_iter().flatten() {
            if name.starts_with("ocamba-") && version != env!("CARGO_PKG_VERSION") {
                problems.push(format!("it depends on {name} {version}"));
            }
        }
    }
    Ok(problems)
}

/// The links of a text in Markdown that depend on where it is.
fn relative_links(text: &str) -> Vec<&str> {
    let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    links.filter(|link| !link.starts_with("https://") && !link.starts_with('#')).collect()
}

fn read(path: &str) -> Result<String> {
    Ok(std::fs::read_to_string(root().join(path)).map_err(|e| format!("{path}: {e}"))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_within_the_repository_are_found() {
        let text = "[a](https://a.example/b) [b](#b) [c](examples/c.py) ![d](../d.png)";
        assert_eq!(relative_links(text), ["examples/c.py", "../d.png"]);
    }

    #[test]
    fn other_tag_and_changelog_without_date_are_no_release() {
        let version = env!("CARGO_PKG_VERSION");
        let (tag, dated) = (format!("v{version}"), format!("# Changelog\n\n## {version}, 2026-11-27\n"));
        assert_eq!(unfinished(Some(&tag), &dated), [""; 0]);
        assert_eq!(unfinished(None, &dated), [""; 0]);
        let problems = unfinished(Some("v9.9.9"), &format!("## {version}, unreleased\n")).join("\n");
        assert!(problems.contains("the tag is v9.9.9") && problems.contains("has no date"), "{problems}");
    }

    #[test]
    fn other_versions_and_repositories_are_found() {
        let manifest = r#"{ "version": "9.9.9", "peerDependencies": { "ocamba-cli": "9.9.9", "other": "1" } }"#;
        let problems = package("bindings/node", manifest).expect("a manifest").join("\n");
        for expected in ["its version is", "depends on ocamba-cli", "its repository is", "types is missing"] {
            assert!(problems.contains(expected), "{problems}");
        }
        let text = "\ndescription = \"a\"\nfleet = [\"ocamba-cli==9.9.9\", \"other>=1\"]\n";
        let problems = wheel(text).join("\n");
        for expected in ["readme is missing", "depends on ocamba-cli==9.9.9", "its repository is not"] {
            assert!(problems.contains(expected), "{problems}");
        }
    }
}
