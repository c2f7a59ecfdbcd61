//! Files that only their user can read.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

/// Why a private file was not read.
pub enum Refused {
    /// It could not be.
    Unreadable(io::Error),
    /// Others than its user can read it, so that it is private no more.
    #[cfg_attr(not(unix), allow(dead_code))]
    Open,
}

/// Writes a file as a whole or not at all, and its folder if there is none.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        private_folder(folder)?;
    }
    let temporary = path.with_extension(format!("{}.new", std::process::id()));
    let written = create(&temporary).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.and_then(|()| fs::rename(&temporary, path)).inspect_err(|_| {
        let _ = fs::remove_file(&temporary);
    })
}

/// Reads a file, unless others can read it too.
pub fn read(path: &Path) -> Result<String, Refused> {
    let mut file = File::open(path).map_err(Refused::Unreadable)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Of the file that was opened: another one may have its name by now.
        let mode = file.metadata().map_err(Refused::Unreadable)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(Refused::Open);
        }
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(Refused::Unreadable)?;
    Ok(text)
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // One that was left by a process of the same number is not written into: who may read it is not known.
    let _ = fs::remove_file(path);
    options.open(path)
}

fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
