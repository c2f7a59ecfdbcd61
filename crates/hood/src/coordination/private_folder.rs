//! The folder in which processes of one user meet, and its files: nobody else can read them.

use std::fs::{self, OpenOptions};
use std::io;
use std::ops::{Deref, DerefMut};
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

/// Opens a file of the folder to read and write, and creates the file where it is missing. Refuses a symbolic link, which
/// whoever can write to the folder may have made: it leads to another file of the user.
pub fn open(path: &Path) -> io::Result<fs::File> {
    #[cfg(unix)]
    {
        let is_link = |error: &io::Error| error.raw_os_error() == Some(libc::ELOOP);
        let to_link =
            |error| if is_link(&error) { io::Error::other("it is a symbolic link; remove it") } else { error };
        open_with(path, libc::O_NOFOLLOW).map_err(to_link)
    }
    #[cfg(not(unix))]
    open_named(path)
}

/// Opens a file that the user has named as [`open`] does, but follows a symbolic link.
pub fn open_named(path: &Path) -> io::Result<fs::File> {
    open_with(path, 0)
}

#[cfg_attr(not(unix), expect(unused_variables, reason = "other systems have no such flags"))]
fn open_with(path: &Path, flags: i32) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600),
        flags,
    );
    options.open(path)
}

/// Opens a file as [`open`] does, and creates its folder where it is missing: somebody may have removed it.
pub fn open_with_folder(path: &Path) -> io::Result<fs::File> {
    match open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            path.parent().map_or(Ok(()), create)?;
            open(path)
        }
        result => result,
    }
}

/// Opens a file as [`open_with_folder`] does, and locks it. `None` where another process has locked it, or removed it
/// meanwhile.
pub fn try_lock(path: &Path) -> io::Result<Option<LockedFile>> {
    try_lock_opened(path, open_with_folder(path)?)
}

fn try_lock_opened(path: &Path, file: fs::File) -> io::Result<Option<LockedFile>> {
    match file.try_lock() {
        Ok(()) => {
            let locked = LockedFile(file);
            Ok(leads_to(path, &locked).then_some(locked))
        }
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(error)) => Err(error),
    }
}

/// A locked file, unlocked when it is dropped: to close it would not be enough, since a forked child has it open, too.
#[derive(Debug)]
pub struct LockedFile(fs::File);

impl Drop for LockedFile {
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

impl Deref for LockedFile {
    type Target = fs::File;

    fn deref(&self) -> &fs::File {
        &self.0
    }
}

impl DerefMut for LockedFile {
    fn deref_mut(&mut self) -> &mut fs::File {
        &mut self.0
    }
}

/// Returns true if this path still leads to an open file: somebody may have removed or replaced the file.
pub fn leads_to(path: &Path, file: &fs::File) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let is_same = |one: fs::Metadata, other: fs::Metadata| one.dev() == other.dev() && one.ino() == other.ino();
        fs::symlink_metadata(path).is_ok_and(|there| file.metadata().is_ok_and(|open| is_same(there, open)))
    }
    #[cfg(not(unix))]
    {
        let there = same_file::Handle::from_path(path);
        there.and_then(|there| Ok(there == same_file::Handle::from_file(file.try_clone()?)?)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropped_lock_is_free_though_a_forked_child_has_the_file() {
        let folder = std::env::temp_dir().join(format!("ocamba-private-child-{}", std::process::id()));
        let path = folder.join("file");
        let locked = try_lock(&path).expect("a file").expect("free");
        // A child has the same open file, as this copy is.
        let child = locked.try_clone().expect("a copy");
        drop(locked);
        drop(try_lock(&path).expect("a file").expect("free"));
        drop(child);
        fs::remove_dir_all(folder).expect("removed");
    }

    #[cfg(unix)]
    #[test]
    fn symbolic_link_is_refused_and_its_target_stays() {
        let folder = std::env::temp_dir().join(format!("ocamba-private-link-{}", std::process::id()));
        create(&folder).expect("a folder");
        let (target, missing) = (folder.join("target"), folder.join("missing"));
        fs::write(&target, "of the user").expect("written");
        for (name, target) in [("to-file", &target), ("to-nothing", &missing), ("to-folder", &folder)] {
            let link = folder.join(name);
            std::os::unix::fs::symlink(target, &link).expect("a link");
            let errors = [open(&link).expect_err("refused"), try_lock(&link).expect_err("refused")];
            assert!(errors.iter().all(|error| error.to_string().contains("symbolic link")), "{errors:?}");
        }
        assert_eq!((fs::read(&target).expect("there").len(), missing.exists()), (11, false));
        // A link in place of a file that was opened before.
        let file = open_named(&target).expect("opened");
        assert!(leads_to(&target, &file) && !leads_to(&folder.join("to-file"), &file));
        assert!(open_named(&folder.join("to-file")).is_ok());
        fs::remove_dir_all(&folder).expect("removed");
    }

    #[test]
    fn file_that_another_process_removed_before_it_was_locked_is_not_held() {
        let folder = std::env::temp_dir().join(format!("ocamba-private-{}", std::process::id()));
        let path = folder.join("lock");
        let file = open_with_folder(&path).expect("opened");
        fs::remove_dir_all(&folder).expect("removed");
        let other = try_lock(&path).expect("a lock").expect("free");
        assert!(try_lock_opened(&path, file).expect("a lock").is_none());
        drop(other);
        assert!(try_lock(&path).expect("a lock").is_some());
        fs::remove_dir_all(&folder).expect("removed");
    }
}
