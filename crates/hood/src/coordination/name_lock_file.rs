//! The file by which a process holds a name among the processes of its user on this machine.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::account::NameKey;
use super::private_folder::{self, LockedFile};

/// Time between two attempts to lock a file.
pub const WAIT: Duration = Duration::from_millis(5);

/// Whether each name has its own file, which is removed with the lock. Windows keeps its name while another process has it open.
pub const REMOVES: bool = cfg!(unix);

/// A locked file, unlocked when it is dropped, or when its process dies.
pub struct NameLockFile {
    pub path: PathBuf,
    pub file: LockedFile,
}

impl NameLockFile {
    /// Waits until no other process holds the name. `None` if one does at the deadline.
    pub async fn lock(folder: &Path, key: &NameKey, deadline: Instant) -> io::Result<Option<Self>> {
        let path = folder.join(file_name(key));
        // Never blocks: a stopped holder must not keep others past their deadlines.
        loop {
            match private_folder::try_lock(&path)? {
                Some(file) => return Ok(Some(Self { path, file })),
                None if Instant::now() >= deadline => return Ok(None),
                None => pause().await,
            }
        }
    }

    /// Returns false if the file was removed or replaced, so that another process may hold the name by now.
    pub fn is_held(&self) -> bool {
        private_folder::leads_to(&self.path, &self.file)
    }
}

impl Drop for NameLockFile {
    /// Removes the file, which is then unlocked.
    fn drop(&mut self) {
        // Who has opened it by now finds it removed, and opens another.
        if REMOVES && self.is_held() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Waits between two attempts, each time for another time.
pub async fn pause() {
    sleep(WAIT.mul_f64(0.5 + fastrand::f64())).await;
}

fn file_name(key: &NameKey) -> String {
    match REMOVES {
        true => format!("names-{}-{}", key.account, key.name),
        // Two names in one file wait for each other, without need.
        false => format!("names-{}-{:02}", key.account, key.file_number()),
    }
}
