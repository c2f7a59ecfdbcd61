//! Files that only their user can read.

use std::fs::{DirBuilder, File};
use std::io::{self, Read, Write};
use std::path::Path;

use tempfile::NamedTempFile;

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
    let folder = path.parent().unwrap_or(Path::new("."));
    private_folder(folder)?;
    // For its user only, from its first byte on.
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
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

fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
