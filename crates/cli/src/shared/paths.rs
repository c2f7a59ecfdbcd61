//! Paths as options name them, and whether they can be written.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf, is_separator};

use clap::builder::{PathBufValueParser, TypedValueParser};
use ocamba_fleet::expand_home;

/// Returns a parser of a path, with the home folder in place of a `~` that the shell has not expanded, as in `--out=~/plan.json`.
pub fn parser() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().map(|path| expand_home(&path).into_owned())
}

/// Returns the path that a write creates or replaces: that to which a link leads, also where nothing is there yet.
pub fn target(path: &Path) -> PathBuf {
    let linked = || Some(folder(path).join(path.read_link().ok()?));
    path.canonicalize().ok().or_else(linked).unwrap_or_else(|| path.to_owned())
}

/// Returns the folder of a file.
pub fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Checks that a file can be written, and leaves it and its folder as they are.
pub fn check_writable(path: &Path) -> io::Result<()> {
    match path.metadata() {
        Ok(existing) if existing.is_dir() => Err(io::Error::other("it is a folder")),
        // A pipe or a terminal may wait for its other end.
        Ok(existing) if !existing.is_file() => Ok(()),
        Ok(_) => OpenOptions::new().append(true).open(path).map(drop),
        Err(_) if path.to_string_lossy().ends_with(is_separator) => Err(io::Error::other("it is a folder")),
        Err(error) if error.kind() == ErrorKind::NotFound => tempfile::tempfile_in(folder(&target(path))).map(drop),
        Err(error) => Err(error),
    }
}
