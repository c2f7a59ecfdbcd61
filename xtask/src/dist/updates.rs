//! Dependabot knows of each lock file: what nobody updates gets no fix either.

use std::collections::BTreeSet;

use crate::run::{command, run_quietly};
use crate::{Result, root};

const CONFIGURATION: &str = ".github/dependabot.yml";
/// The files that pin versions, as git finds them.
const LOCKS: [&str; 3] = ["*Cargo.lock", "*package-lock.json", "xtask/python/*.txt"];

/// The folders with a lock file that the configuration does not name.
pub fn missing() -> Result<Vec<String>> {
    let text = std::fs::read_to_string(root().join(CONFIGURATION))?;
    let locks = run_quietly(command("git ls-files").args(LOCKS))?;
    let missing = unnamed(&text, locks.lines()).into_iter();
    Ok(missing.map(|folder| format!("{CONFIGURATION}: {folder} has a lock file, and is missing")).collect())
}

/// The folders of files, as Dependabot calls them, that a text does not quote.
fn unnamed<'a>(text: &str, files: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let folders = files.map(|file| format!("/{}", file.rsplit_once('/').map_or("", |(folder, _)| folder)));
    folders.filter(|folder| !text.contains(&format!("\"{folder}\""))).collect()
}

#[cfg(test)]
mod tests {
    use super::unnamed;

    #[test]
    fn folder_that_is_not_quoted_is_found() {
        let text = r#"directories: ["/", "/tests/fuzz"]"#;
        let files = ["Cargo.lock", "tests/fuzz/Cargo.lock", "tests/Cargo.lock", "xtask/npm/package-lock.json"];
        let found: Vec<_> = unnamed(text, files.into_iter()).into_iter().collect();
        assert_eq!(found, ["/tests", "/xtask/npm"]);
    }
}
