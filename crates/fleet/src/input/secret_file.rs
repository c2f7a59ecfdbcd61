//! Files with secrets below a folder, out of which no path leads.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use ocamba_hood::Secret;
use same_file::Handle;

/// Maximum size of a file, in bytes.
const MAX_FILE: u64 = 64 << 10;

/// Reads a file below a folder, or says why not: as the end of a sentence about its reference, without the path.
pub fn read(folder: &Path, path: &str) -> Result<Secret, String> {
    let path = match Path::new(path).strip_prefix("~") {
        Err(_) => PathBuf::from(path),
        Ok(rest) => {
            let home = std::env::home_dir().and_then(|home| home.canonicalize().ok());
            let within = home.and_then(|home| Some(home.join(rest).strip_prefix(folder).ok()?.to_owned()));
            within.ok_or(
                "that begins with ~ and is not below the permitted folder; its path is relative to that folder",
            )?
        }
    };
    if !path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err(
            "that leads out of the permitted folder; its path is relative to that folder, without ..".to_owned()
        );
    }
    // One message, whatever is elsewhere: a link may lead out of the folder.
    let file = open_within(folder, &path, || {});
    let file = file.ok_or("to a file that the permitted folder does not have, or that cannot be read")?;
    let text = io::read_to_string(file.take(MAX_FILE + 1)).map_err(|_| "to a file that is not UTF-8 text")?;
    if text.len() as u64 > MAX_FILE {
        return Err(format!("to a file that exceeds {} KiB", MAX_FILE >> 10));
    }
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() { Err("to a file that is empty".to_owned()) } else { Ok(text.into()) }
}

/// Opens a file of a folder. Tests do something between the check and the opening.
fn open_within(folder: &Path, path: &Path, meanwhile: impl FnOnce()) -> Option<File> {
    let find = || folder.join(path).canonicalize().ok().filter(|path| path.starts_with(folder) && path.is_file());
    let found = find()?;
    meanwhile();
    let file = File::open(found).ok()?;
    // A link may have been put in the way since the check: what was opened must still be within.
    let opened = Handle::from_file(file.try_clone().ok()?).ok()?;
    (Handle::from_path(find()?).ok()? == opened).then_some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a folder in another one, which has a file that no path may reach.
    fn folders() -> (tempfile::TempDir, PathBuf) {
        let outer = tempfile::tempdir().expect("a folder");
        std::fs::write(outer.path().join("canary"), "canary").expect("written");
        std::fs::create_dir(outer.path().join("in")).expect("a folder");
        let inner = outer.path().join("in").canonicalize().expect("a folder");
        (outer, inner)
    }

    fn refused(folder: &Path, path: &str) -> String {
        let why = read(folder, path).expect_err(path);
        assert!(!why.contains("canary"), "{why}");
        why
    }

    #[test]
    fn home_is_found_where_it_is_permitted() {
        let (_outer, inner) = folders();
        assert!(refused(&inner, "~/canary").contains("begins with ~"));
        let home = std::env::home_dir().and_then(|home| home.canonicalize().ok()).expect("a home");
        assert!(refused(&home, "~/no-such-file-of-a-test").contains("does not have"));
        assert!(refused(&home, "~/../x").contains("leads out"));
    }

    #[test]
    fn no_path_leads_out_of_the_folder() {
        let (outer, inner) = folders();
        let absolute = outer.path().join("canary").display().to_string();
        let inside = inner.join("x").display().to_string();
        for path in ["../canary", "x/../../canary", "..", "/", "/etc/passwd", &absolute, &inside] {
            assert!(refused(&inner, path).contains("leads out of the permitted folder"), "{path}");
        }
        let missing = refused(&inner, "not-there-canary");
        for path in [".", "IN", "./"] {
            assert_eq!(refused(&inner, path), missing);
        }
        std::fs::write(inner.join("large"), "x".repeat(70 << 10)).expect("written");
        assert!(refused(&inner, "large").contains("exceeds 64 KiB"));
        #[cfg(unix)]
        {
            let link = |to: &Path, name: &str| std::os::unix::fs::symlink(to, inner.join(name)).expect("a link");
            link(&outer.path().join("canary"), "link");
            link(outer.path(), "up");
            link(Path::new("../not-there"), "dangling");
            for path in ["link", "up/canary", "up/in/link", "dangling"] {
                assert_eq!(refused(&inner, path), missing, "{path}");
            }
            // A folder that becomes a link once it was checked.
            std::fs::create_dir(inner.join("swapped")).expect("a folder");
            std::fs::write(inner.join("swapped/canary"), "inner").expect("written");
            let swap = || {
                std::fs::rename(inner.join("swapped"), inner.join("away")).expect("renamed");
                link(outer.path(), "swapped");
            };
            assert!(open_within(&inner, Path::new("swapped/canary"), swap).is_none());
            assert!(open_within(&inner, Path::new("away/canary"), || {}).is_some());
            // A link within the folder is followed, as those of a mounted secret.
            std::fs::write(inner.join("..data"), "inner").expect("written");
            link(Path::new("..data"), "inner");
            assert_eq!(read(&inner, "inner").expect("there").expose(), "inner");
        }
    }
}
