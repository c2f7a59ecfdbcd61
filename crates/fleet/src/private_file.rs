//! Files that only their owner can read.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Writes a file completely or not at all. Replaces an existing file, whoever could read that.
///
/// # Errors
///
/// The file could not be written.
pub fn write(path: &Path, write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>) -> io::Result<()> {
    let write_to = |file: &File| {
        let mut out = BufWriter::new(file);
        write(&mut out)?;
        out.flush()
    };
    // A pipe or a terminal is written to, and not replaced.
    if path.metadata().is_ok_and(|existing| !existing.is_file()) {
        return write_to(&OpenOptions::new().write(true).open(path)?);
    }
    let path = target(path);
    let file = NamedTempFile::new_in(folder(&path))?;
    write_to(file.as_file())?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
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

/// Reads a file. Returns none if others can read it.
///
/// # Errors
///
/// The file could not be read.
pub fn read(path: &Path) -> io::Result<Option<String>> {
    let file = File::open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Checks the open file: another one may have its name by now.
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            return Ok(None);
        }
    }
    io::read_to_string(file).map(Some)
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn written_file_is_private_when_it_replaces_a_public_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("plan");
        fs::write(&path, "old").expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("open to all");
        write(&path, |out| out.write_all(b"new")).expect("written");
        assert_eq!(fs::read(&path).expect("there"), b"new");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn failed_write_keeps_the_old_file_and_no_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("plan");
        fs::write(&path, "old").expect("written");
        write(&path, |_| Err(io::Error::other("on purpose"))).expect_err("failed");
        assert_eq!(fs::read(&path).expect("there"), b"old");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }
}
