//! A lane of all processes of a user: a small file, locked while it is read and written.
//!
//! The lock is the operating system's and goes with its holder, however that dies. It is only tried, never waited for:
//! a holder that was stopped does not stop the others past their deadlines.

use std::fs::{self, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Unavailable;
use super::state::State;

/// Begins the file, and names its form.
const MAGIC: u64 = u64::from_le_bytes(*b"ocambaL1");
/// After this time a lane remembers nothing.
const OLD: Duration = Duration::from_secs(24 * 60 * 60);
const RETRY: Duration = Duration::from_micros(300);

pub struct File {
    path: PathBuf,
    /// The open file, and which process opened it: a forked child would share its parent's lock.
    open: Mutex<Option<(fs::File, u32)>>,
}

impl File {
    /// The file of this key, in `folder` or the user's own.
    pub fn new(folder: Option<&Path>, key: &str) -> Result<Self, Unavailable> {
        let folder = match folder {
            Some(folder) => folder.to_owned(),
            None => user_folder().ok_or_else(|| Unavailable("there is no home folder".to_owned()))?,
        };
        let file = Self { path: folder.join(format!("lane-{key}")), open: Mutex::new(None) };
        private_folder(&folder).and_then(|()| file.open()).map_err(|e| file.unavailable(&e))?;
        remove_old(&folder);
        Ok(file)
    }

    /// Does `work` on the state, once the file could be locked.
    pub async fn with<T>(&self, deadline: Instant, mut work: impl FnMut(&mut State) -> T) -> Result<T, Unavailable> {
        loop {
            if let Some(done) = self.try_with(&mut work).map_err(|e| self.unavailable(&e))? {
                return Ok(done);
            }
            if Instant::now() >= deadline {
                return Err(Unavailable(format!("{} is locked by another process", self.path.display())));
            }
            sleep(RETRY).await;
        }
    }

    /// Does `work` on the state, unless somebody else does.
    pub fn try_with<T>(&self, work: impl FnOnce(&mut State) -> T) -> io::Result<Option<T>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = match open.take() {
            Some((file, process)) if process == std::process::id() && is_there(&file) => file,
            _ => self.open()?,
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                *open = Some((file, std::process::id()));
                return Ok(None);
            }
            Err(TryLockError::Error(e)) => return Err(e),
        }
        let mut state = read(&mut file)?;
        let done = work(&mut state);
        write(&mut file, &state)?;
        file.unlock()?;
        *open = Some((file, std::process::id()));
        Ok(Some(done))
    }

    fn open(&self) -> io::Result<fs::File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.path)
    }

    fn unavailable(&self, error: &io::Error) -> Unavailable {
        Unavailable(format!("{}: {error}", self.path.display()))
    }
}

/// Whether an open file still has a name: another process may have removed it.
fn is_there(file: &fs::File) -> bool {
    #[cfg(unix)]
    return file.metadata().is_ok_and(|m| std::os::unix::fs::MetadataExt::nlink(&m) > 0);
    #[cfg(not(unix))]
    return file.metadata().is_ok();
}

/// The user's own folder, in which others cannot write.
pub fn user_folder() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("OCAMBA_LANE_DIR").or_else(|| {
        variable("XDG_CACHE_HOME")
            .or_else(|| variable("HOME").map(|home| home.join(".cache")))
            .or_else(|| variable("LOCALAPPDATA"))
            .map(|folder| folder.join("ocamba-hood"))
    })
}

pub fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Removes the files of lanes that nobody has used for long: nothing in them counts any more.
fn remove_old(folder: &Path) {
    let is_old = |entry: &fs::DirEntry| {
        let age = entry.metadata().and_then(|m| m.modified()).map(|at| at.elapsed().unwrap_or_default());
        entry.file_name().to_string_lossy().starts_with("lane-") && age.is_ok_and(|age| age > OLD)
    };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten().filter(is_old) {
        let _ = fs::remove_file(entry.path());
    }
}

/// The state in the file. One that cannot be read is taken for a new one: its holder died writing it.
fn read(file: &mut fs::File) -> io::Result<State> {
    let mut bytes = Vec::with_capacity(4_096);
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    Ok(decode(&bytes).unwrap_or_default())
}

fn write(file: &mut fs::File, state: &State) -> io::Result<()> {
    let bytes = encode(state);
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&bytes)?;
    file.set_len(bytes.len() as u64)
}

/// Numbers of eight bytes, the checksum last.
fn encode(state: &State) -> Vec<u8> {
    let State { sent, in_flight, next, blocked_until, remaining, remaining_until, flight_limit } = state;
    let mut numbers = vec![MAGIC, *next, *blocked_until, *remaining, *remaining_until, *flight_limit];
    numbers.extend([sent.len() as u64, in_flight.len() as u64]);
    numbers.extend(sent);
    numbers.extend(in_flight.iter().flat_map(|(number, at)| [number, at]));
    numbers.push(checksum(&numbers));
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn decode(bytes: &[u8]) -> Option<State> {
    let (numbers, []) = bytes.as_chunks::<8>() else { return None };
    let numbers: Vec<u64> = numbers.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect();
    let (sum, numbers) = numbers.split_last()?;
    let [MAGIC, next, blocked_until, remaining, remaining_until, flight_limit, sent, in_flight, rest @ ..] = numbers
    else {
        return None;
    };
    let (sent, in_flight) = (usize::try_from(*sent).ok()?, usize::try_from(*in_flight).ok()?);
    if *sum != checksum(numbers) || rest.len() != sent.checked_add(in_flight.checked_mul(2)?)? {
        return None;
    }
    Some(State {
        sent: rest[..sent].iter().copied().collect(),
        in_flight: rest[sent..].chunks(2).map(|pair| (pair[0], pair[1])).collect(),
        next: *next,
        blocked_until: *blocked_until,
        remaining: *remaining,
        remaining_until: *remaining_until,
        flight_limit: *flight_limit,
    })
}

/// FNV-1a over numbers: finds a file that was half written.
fn checksum(numbers: &[u64]) -> u64 {
    numbers.iter().fold(0xcbf2_9ce4_8422_2325, |sum, number| (sum ^ number).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lane::Tier;
    use crate::lane::state::Feedback;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("ocamba-lane-test-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    fn lane(folder: &Path) -> File {
        File::new(Some(folder), "key").unwrap_or_else(|e| panic!("{}", e.0))
    }

    #[test]
    fn what_one_writes_another_reads() {
        let folder = folder("shared");
        let (one, other) = (lane(&folder), lane(&folder));
        let number =
            one.try_with(|s| s.acquire(5, Tier::default())).expect("read").expect("not locked").expect("let go");
        other.try_with(|s| s.finish(6, number, Feedback::Wait(3))).expect("read").expect("not locked");
        let seen = one.try_with(|s| s.clone()).expect("read").expect("not locked");
        assert_eq!((seen.sent, seen.blocked_until), ([6].into(), 3_000_006));
        fs::remove_dir_all(folder).expect("removed");
    }

    #[test]
    fn a_file_that_is_damaged_or_removed_is_begun_anew() {
        let folder = folder("damaged");
        let lane = lane(&folder);
        lane.try_with(|s| s.next = 7).expect("written");
        let bytes = fs::read(&lane.path).expect("bytes");
        for length in 0..bytes.len() {
            assert_eq!(decode(&bytes[..length]), None);
        }
        fs::write(&lane.path, &bytes[..bytes.len() - 1]).expect("cut");
        assert_eq!(lane.try_with(|s| s.next).expect("read"), Some(0));
        lane.try_with(|s| s.next = 7).expect("written");
        fs::remove_file(&lane.path).expect("removed");
        assert_eq!(lane.try_with(|s| s.next).expect("read"), Some(0));
        fs::remove_dir_all(folder).expect("removed");
    }

    #[test]
    fn a_holder_that_does_not_let_go_is_not_waited_for() {
        let folder = folder("held");
        let lane = lane(&folder);
        let holder = lane.open().expect("open");
        holder.try_lock().expect("locked");
        assert_eq!(lane.try_with(|s| s.next).expect("read"), None);
        drop(holder);
        assert_eq!(lane.try_with(|s| s.next).expect("read"), Some(0));
        fs::remove_dir_all(folder).expect("removed");
    }

    #[test]
    fn files_that_nobody_uses_are_removed() {
        let folder = folder("old");
        fs::create_dir_all(&folder).expect("a folder");
        let (old, foreign) = (folder.join("lane-old"), folder.join("other"));
        for path in [&old, &foreign] {
            let file = fs::File::create(path).expect("a file");
            file.set_modified(std::time::SystemTime::now() - 2 * OLD).expect("aged");
        }
        let lane = lane(&folder);
        assert!(!old.exists() && foreign.exists() && lane.path.exists());
        fs::remove_dir_all(folder).expect("removed");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_can_read_it_and_its_name_is_a_hash() {
        use std::os::unix::fs::PermissionsExt;
        let folder = folder("private");
        let lane = lane(&folder);
        assert_eq!(fs::metadata(&folder).expect("a folder").permissions().mode() & 0o777, 0o700);
        assert_eq!(fs::metadata(&lane.path).expect("a file").permissions().mode() & 0o777, 0o600);
        fs::remove_dir_all(folder).expect("removed");
    }
}
