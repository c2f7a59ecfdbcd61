//! Keeps the paths of the machine that builds out of what is released.

use std::path::{Path, PathBuf};

use crate::{Result, root, tools};

/// The flags of rustc for a release: it writes other paths in place of this machine's. Only release builds have flags of
/// their own, so that no other build is repeated.
pub fn remapped() -> Result<Vec<String>> {
    let registry = cargo_home()?.join("registry/src");
    // The last one that fits counts. The names of the folders depend on the registry's address. That of `cargo package` has no
    // host: it comes and goes, and other flags would build every crate again.
    let folders = std::fs::read_dir(&registry).into_iter().flatten().flatten().map(|entry| (entry.path(), "/registry"));
    let folders =
        folders.filter(|(folder, _)| folder.file_name().is_none_or(|name| name.as_encoded_bytes()[0] != b'-'));
    let all = [(cargo_home()?, "/cargo"), (root(), "/ocamba-hood")].into_iter().chain(folders);
    Ok(all.map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display())).collect())
}

/// Fails if a file below a folder has a path of this machine.
pub fn check(folder: &Path) -> Result {
    let home = std::env::home_dir().ok_or("the home folder is unknown")?;
    let folders = [home, cargo_home()?, root()].map(|path| path.display().to_string());
    for file in tools::walk(folder)? {
        let bytes = std::fs::read(&file)?;
        if let Some(found) = find(&String::from_utf8_lossy(&bytes), &folders) {
            return Err(format!("{} contains {found}", file.display()).into());
        }
    }
    Ok(())
}

/// The first path in a text that leads into one of these folders. Windows writes paths with either separator, or both.
fn find(text: &str, folders: &[String]) -> Option<String> {
    let text = text.replace('\\', "/");
    let folders = folders.iter().map(|folder| folder.replace('\\', "/"));
    // The home folder of some users is `/`.
    let mut starts = folders.map(|folder| format!("{}/", folder.trim_end_matches('/'))).filter(|start| start != "/");
    let start = starts.find_map(|start| text.find(&start))?;
    Some(text[start..].chars().take(100).take_while(char::is_ascii_graphic).collect())
}

/// The folder in which cargo keeps what it has downloaded and unpacked.
pub fn cargo_home() -> Result<PathBuf> {
    let given = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = || std::env::home_dir().map(|home| home.join(".cargo"));
    Ok(given.or_else(home).ok_or("neither CARGO_HOME nor the home folder is known")?)
}

#[cfg(test)]
mod tests {
    use super::{check, find};
    use crate::root;

    #[test]
    fn path_of_this_machine_is_found_within_bytes() {
        let folder = root().join("target/paths-test");
        std::fs::create_dir_all(&folder).expect("a folder");
        let file = folder.join("built");
        std::fs::write(&file, b"\xff\x00/registry/tokio/src/lib.rs\x00").expect("a file");
        check(&folder).expect("no path");
        let path = format!("{}/xtask/src/lib.rs", root().display()).replace('\\', "/");
        std::fs::write(&file, [b"\xff\x00".as_slice(), path.as_bytes(), b"\x00"].concat()).expect("a file");
        let error = check(&folder).expect_err("a path").to_string();
        assert!(error.ends_with(&format!("built contains {path}")), "{error}");
    }

    #[test]
    fn path_of_windows_is_found_with_either_separator() {
        let folders = ["/".to_owned(), r"C:\Users\one\".to_owned(), r"D:\a".to_owned()];
        for text in [r"x C:\Users\one\lib.rs", "x C:/Users/one/lib.rs", r"x C:\Users\one/lib.rs"] {
            assert_eq!(find(text, &folders).as_deref(), Some("C:/Users/one/lib.rs"));
        }
        assert_eq!(find(r"x C:\Users\ones\lib.rs D:\ab /usr/lib", &folders), None);
    }
}
