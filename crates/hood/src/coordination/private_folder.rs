//! The folder in which processes of one user meet, and its files: nobody else can read them.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::env;

/// Returns the user's folder: `OCAMBA_RATE_LIMIT_DIR`, or `ocamba-hood` in the user's cache folder.
pub fn user_folder() -> Option<PathBuf> {
    env::path("OCAMBA_RATE_LIMIT_DIR").or_else(|| {
        env::path("XDG_CACHE_HOME")
            .or_else(|| env::path("HOME").map(|home| home.join(".cache")))
            .or_else(|| env::path("LOCALAPPDATA"))
            .map(|folder| folder.join("ocamba-hood"))
    })
}

/// Creates the folder where it is missing.
pub fn create(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Opens a file of the folder to read and write, and creates it where it is missing.
pub fn open(path: &Path) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
