//! Paths as users write them.

use std::path::{Path, PathBuf};

/// Returns a path with the user's home folder in place of `~`, which no shell expands in `--option=~/file` or in quotation marks.
pub fn expand_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::home_dir().filter(|home| !home.as_os_str().is_empty())) {
        // A file may have this name.
        (Ok(rest), Some(home)) if !path.exists() => home.join(rest),
        _ => path.to_owned(),
    }
}
