//! The state of all processes of a user: a small file, locked while it is read and written.
//!
//! The lock is the operating system's and ends with its holder, however that dies. Taking it never blocks: a stopped holder
//! must not keep others past their deadlines.

use std::fmt::Display;
use std::fs::{self, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::encoding::{MARK, decode, encode};
use super::rules::LimiterState;
use super::unavailable::Unavailable;
use crate::coordination::account::Account;
use crate::coordination::private_folder;
use crate::error::{Error, ErrorKind, Outcome};

/// Start of a file's name.
const PREFIX: &str = "rate-limit-";
/// Age at which nothing in a file counts any more.
const OLD: Duration = Duration::from_secs(24 * 60 * 60);
/// Time between two attempts to lock the file.
const RETRY: Duration = Duration::from_micros(300);

pub struct File {
    /// `None` without a home folder.
    path: Option<PathBuf>,
    /// The open file, and which process opened it: a forked child would share its parent's lock.
    open: Mutex<Option<(fs::File, u32)>>,
}

impl File {
    /// Names the file of this account, in `folder` or the user's own.
    pub fn new(folder: Option<&Path>, account: &Account) -> Self {
        let folder = folder.map(Path::to_owned).or_else(private_folder::user_folder);
        Self { path: folder.map(|it| it.join(format!("{PREFIX}{}", account.key()))), open: Mutex::new(None) }
    }

    /// Changes the state, once the file could be locked.
    pub async fn with<T>(
        &self,
        deadline: Instant,
        mut work: impl FnMut(&mut LimiterState) -> T,
    ) -> Result<T, Unavailable> {
        loop {
            let broken = |e| Unavailable::Broken(Error::configuration(self.message(&e)));
            if let Some(done) = self.try_with(&mut work).map_err(broken)? {
                return Ok(done);
            }
            if Instant::now() >= deadline {
                let message = self.message(&"it is locked by another process");
                return Err(Unavailable::Locked(Error::new(ErrorKind::Timeout, Outcome::NotSent, message)));
            }
            sleep(RETRY).await;
        }
    }

    /// Changes the state, unless another process has locked the file.
    pub fn try_with<T>(&self, work: impl FnOnce(&mut LimiterState) -> T) -> io::Result<Option<T>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(mut file) = self.locked(&mut open)? else { return Ok(None) };
        let changed = read(&mut file).and_then(|mut state| {
            let done = work(&mut state);
            write(&mut file, &state).map(|()| done)
        });
        // To close it would not be enough where a forked child has it open, too.
        let is_unlocked = file.unlock().is_ok();
        *open = (is_unlocked && changed.is_ok()).then(|| (file, std::process::id()));
        changed.map(Some)
    }

    /// Locks the file that is at the path now. `None` where another process has locked it.
    fn locked(&self, open: &mut Option<(fs::File, u32)>) -> io::Result<Option<fs::File>> {
        let path = self.path.as_ref().ok_or_else(|| io::Error::other("there is no home folder"))?;
        for _ in 0..3 {
            let file = match open.take() {
                Some((file, process)) if process == std::process::id() => file,
                _ => opened(path)?,
            };
            let lock = file.try_lock();
            match lock {
                _ if !private_folder::leads_to(path, &file) => {}
                Ok(()) => return Ok(Some(file)),
                Err(TryLockError::WouldBlock) => {
                    *open = Some((file, std::process::id()));
                    return Ok(None);
                }
                Err(TryLockError::Error(e)) => return Err(e),
            }
        }
        Err(io::Error::other("it is removed again and again"))
    }

    fn message(&self, reason: &dyn Display) -> String {
        let path = self.path.as_ref().map_or(String::new(), |path| format!("{}: ", path.display()));
        format!("the file of the rate limit could not be used ({path}{reason})")
    }
}

fn opened(path: &Path) -> io::Result<fs::File> {
    let file = private_folder::open_with_folder(path)?;
    path.parent().inspect(|folder| remove_old(folder));
    Ok(file)
}

/// Removes states that nobody has changed for a day. Other files stay, whatever their names.
fn remove_old(folder: &Path) {
    let is_old = |entry: &fs::DirEntry| {
        let age = |m: &fs::Metadata| m.modified().map(|at| at.elapsed().unwrap_or_default());
        entry.metadata().is_ok_and(|m| m.is_file() && age(&m).is_ok_and(|age| age > OLD))
    };
    let is_state = |entry: &fs::DirEntry| {
        let name = entry.file_name();
        let key = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        let is_key = |key: &str| key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
        let mut start = [0; MARK.len()];
        let mut read = || fs::File::open(entry.path()).and_then(|mut file| file.read_exact(&mut start));
        key.is_some_and(is_key) && read().is_ok() && start == MARK
    };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten().filter(|entry| is_old(entry) && is_state(entry)) {
        let _ = fs::remove_file(entry.path());
    }
}

/// Reads the state. An unreadable state becomes a new one: its holder died while writing it.
fn read(file: &mut fs::File) -> io::Result<LimiterState> {
    let mut bytes = Vec::with_capacity(4_096);
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    Ok(decode(&bytes).unwrap_or_default())
}

fn write(file: &mut fs::File, state: &LimiterState) -> io::Result<()> {
    let bytes = encode(state);
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&bytes)?;
    file.set_len(bytes.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coordination::rate_limit::config::Tier;
    use crate::coordination::rate_limit::rules::RateLimitHint;
    use crate::secret::Secret;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("ocamba-rate-limit-test-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    fn state_file(folder: &Path) -> File {
        File::new(Some(folder), &Account::new("http://127.0.0.1:1", &Secret::new("t")))
    }

    /// Returns the file's path, once it is there.
    fn path(file: &File) -> &Path {
        file.try_with(|_| ()).expect("written");
        file.path.as_deref().expect("a path")
    }

    #[test]
    fn state_is_shared_through_the_file() {
        let folder = folder("shared");
        let (one, other) = (state_file(&folder), state_file(&folder));
        let number =
            one.try_with(|s| s.acquire(5, Tier::default())).expect("read").expect("not locked").expect("permitted");
        other.try_with(|s| s.finish(6, number, RateLimitHint::Wait(3))).expect("read").expect("not locked");
        let seen = one.try_with(|s| s.clone()).expect("read").expect("not locked");
        assert_eq!((seen.sent, seen.blocked_until), ([6].into(), 3_000_006));
        fs::remove_dir_all(folder).expect("removed");
    }

    #[test]
    fn damaged_or_removed_file_starts_empty() {
        let folder = folder("damaged");
        let file = state_file(&folder);
        let bytes = fs::read(path(&file)).expect("bytes");
        let damages: [&dyn Fn(); 4] = [
            &|| fs::write(path(&file), &bytes[..bytes.len() - 1]).expect("cut"),
            &|| fs::remove_file(path(&file)).expect("removed"),
            &|| fs::remove_dir_all(&folder).expect("removed"),
            &|| fs::rename(&folder, folder.with_extension("moved")).expect("moved"),
        ];
        for damage in damages {
            file.try_with(|s| s.next = 7).expect("written");
            damage();
            assert_eq!(file.try_with(|s| s.next).expect("read"), Some(0));
            assert_eq!(state_file(&folder).try_with(|s| s.next += 1).expect("read"), Some(()));
            assert_eq!(file.try_with(|s| s.next).expect("read"), Some(1), "one file for both");
        }
        fs::remove_dir_all(folder.with_extension("moved")).expect("removed");
        fs::remove_dir_all(folder).expect("removed");
    }

    #[test]
    fn locked_file_is_not_waited_for() {
        let folder = folder("held");
        let file = state_file(&folder);
        let holder = private_folder::open(path(&file)).expect("open");
        holder.try_lock().expect("locked");
        assert_eq!(file.try_with(|s| s.next).expect("read"), None);
        drop(holder);
        assert_eq!(file.try_with(|s| s.next).expect("read"), Some(0));
        fs::remove_dir_all(folder).expect("removed");
    }

    #[test]
    fn only_states_that_nobody_uses_are_removed() {
        let folder = folder("old");
        fs::create_dir_all(&folder).expect("a folder");
        let state = encode(&LimiterState::default());
        let name = |last: char| format!("{PREFIX}{}{last}", "0".repeat(31));
        let old = [(name('a'), state.as_slice())];
        let foreign = [
            (name('b'), b"notes of the user".as_slice()),
            (name('c'), b""),
            (format!("{PREFIX}notes"), &state),
            (name('x'), &state),
            ("other".to_owned(), &state),
        ];
        for (name, content) in old.iter().chain(&foreign) {
            fs::write(folder.join(name), content).expect("a file");
            let file = fs::File::options().write(true).open(folder.join(name)).expect("a file");
            file.set_modified(std::time::SystemTime::now() - 2 * OLD).expect("aged");
        }
        let file = state_file(&folder);
        assert!(path(&file).exists());
        assert!(old.iter().all(|(name, _)| !folder.join(name).exists()));
        assert!(foreign.iter().all(|(name, _)| folder.join(name).exists()));
        fs::remove_dir_all(folder).expect("removed");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_can_read_the_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = folder("private");
        let file = state_file(&folder);
        assert_eq!(fs::metadata(path(&file)).expect("a file").permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(&folder).expect("a folder").permissions().mode() & 0o777, 0o700);
        fs::remove_dir_all(folder).expect("removed");
    }
}
