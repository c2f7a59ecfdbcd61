//! Paths as options name them, and whether they can be written.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf, is_separator};

use clap::builder::{PathBufValueParser, TypedValueParser};
use ocamba_fleet::expand_home;
use ocamba_fleet::private_file::{folder, target};

/// Returns a parser of a path, with the home folder in place of a `~` that the shell has not expanded, as in `--out=~/plan.json`.
pub fn parser() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().map(|path| expand_home(&path).into_owned())
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
