//! Notices of third parties: each compiled package comes with the licences of the crates in it.

use std::path::{Path, PathBuf};

use crate::dist::crates::CRATES;
use crate::run::{command, run_quietly};
use crate::{Result, root, tools};

pub const FILE: &str = "THIRD-PARTY-NOTICES.txt";
const INSTALL: &str = "cargo install cargo-about@0.9.3 --locked --features cli";

/// The crate in each compiled package, the folder of its notices, and the licence of what it contains besides crates.
const ARTIFACTS: [(&str, &str, Option<&str>); 3] = [
    ("bindings/python", "bindings/python", None),
    ("bindings/node", "bindings/node", None),
    ("crates/cli", "bindings/python/cli", Some("crates/sandbox/src/local/reference/scalar-licence.txt")),
];
pub const LICENCES: [&str; 2] = ["LICENSE-MIT", "LICENSE-APACHE"];

/// Writes the notices of each compiled package, with cargo-about.
pub fn write() -> Result {
    if tools::find("cargo-about").is_none() {
        return Err(format!("cargo-about is missing; to install it, run: {INSTALL}").into());
    }
    run_quietly(&mut command("cargo fetch --locked"))?;
    for (package, folder, besides) in ARTIFACTS {
        // Offline, so that the result depends on the crates only.
        let mut about = command("cargo about generate --frozen --fail xtask/notices/notices.hbs --config about.toml");
        let mut text = run_quietly(about.arg("--manifest-path").arg(root().join(package).join("Cargo.toml")))?;
        if let Some(licence) = besides {
            let licence = std::fs::read_to_string(root().join(licence))?;
            text += &format!("\n{}\nScalar, https://github.com/scalar/scalar\n\n{licence}", "=".repeat(80));
        }
        let lines: Vec<_> = text.lines().map(str::trim_end).collect();
        std::fs::write(root().join(folder).join(FILE), lines.join("\n") + "\n")?;
    }
    Ok(())
}

/// Copies the project's licences into a package.
pub fn add_licences(package: &Path) -> Result {
    for licence in LICENCES {
        std::fs::copy(root().join(licence), package.join(licence))?;
    }
    Ok(())
}

/// Checks that the notices name each crate of their package, and no other version of one.
pub fn check() -> Result {
    let lock = std::fs::read_to_string(root().join("Cargo.lock"))?;
    for (package, folder, _) in ARTIFACTS {
        let path = root().join(folder).join(FILE);
        let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let named: Vec<_> = text.lines().filter_map(named_crate).collect();
        let mut tree = command("cargo tree --locked --edges normal,no-proc-macro --prefix none --format {p}");
        let tree = run_quietly(tree.arg("--manifest-path").arg(root().join(package).join("Cargo.toml")))?;
        // Crates of this project have a path.
        let compiled: Vec<_> = tree.lines().filter(|line| !line.contains("(/")).filter_map(compiled_crate).collect();
        let missing = compiled.iter().find(|entry| !named.contains(entry));
        let gone = named
            .iter()
            .find(|(name, version)| !lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"\n")));
        match (missing, gone) {
            (None, None) if !compiled.is_empty() => println!("  {folder}: {} crates", named.len()),
            (Some((name, version)), _) => return Err(format!("{folder}/{FILE} lacks {name} {version}").into()),
            (None, Some((name, version))) => return Err(format!("{folder}/{FILE} names {name} {version}").into()),
            (None, None) => return Err(format!("{package} has no crates").into()),
        }
    }
    CRATES.iter().try_for_each(|folder| check_source(folder))
}

/// Checks that an unpacked package contains the licences, and the notices of a folder if there is one.
pub fn check_package(package: &Path, notices: Option<&str>) -> Result {
    let sources = LICENCES.map(PathBuf::from).into_iter().chain(notices.map(|folder| Path::new(folder).join(FILE)));
    let files = tools::walk(package)?;
    for source in sources {
        let text = std::fs::read(root().join(&source))?;
        let is_copy = |file: &&PathBuf| {
            file.file_name() == source.file_name() && std::fs::read(file).ok().as_ref() == Some(&text)
        };
        if !files.iter().any(|file| is_copy(&file)) {
            return Err(format!("{} lacks {}", package.display(), source.display()).into());
        }
    }
    Ok(())
}

/// Checks that a crate is published with the licences.
fn check_source(folder: &str) -> Result {
    let mut list = command("cargo package --list --offline --locked --allow-dirty --manifest-path");
    let files = run_quietly(list.arg(root().join(folder).join("Cargo.toml")))?;
    for licence in LICENCES {
        if !files.lines().any(|file| file == licence)
            || std::fs::read(root().join(folder).join(licence))? != std::fs::read(root().join(licence))?
        {
            return Err(format!("{folder} lacks {licence}; to add it, run: ln -s ../../{licence} {folder}").into());
        }
    }
    Ok(())
}

/// Name and version in a line of the notices: `- name 1.2.3 (licence) address`.
fn named_crate(line: &str) -> Option<(&str, &str)> {
    let mut words = line.strip_prefix("- ")?.split(' ');
    let entry = (words.next()?, words.next()?);
    words.next()?.starts_with('(').then_some(entry)
}

/// Name and version in a line of `cargo tree`: `name v1.2.3`.
fn compiled_crate(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.split_once(" v")?;
    Some((name, rest.split(' ').next()?))
}
