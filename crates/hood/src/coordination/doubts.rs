//! Doubts: creates that were sent, whose outcome is not known, and which the server may still carry out.
//!
//! Whoever ensures the same name waits for the doubt to end before it creates again. A doubt is known as far as the lock of
//! the name is: to this process, to the processes of the user by a file, and to all machines by Redis.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::account::NameKey;
use super::private_folder;
use crate::clock::Moment;

/// Time after which a doubt is forgotten: no server works on a request for so long.
const FORGOTTEN: Duration = Duration::from_secs(60 * 60);
/// Attempts to lock the file, and the pause between them. The lock is held for microseconds.
const ATTEMPTS: u32 = 200;
const PAUSE: Duration = Duration::from_millis(1);

/// Returns for how long a name is still in doubt, if a doubt lasts this long.
pub fn remaining(folder: Option<&Path>, key: &NameKey, time: Duration) -> io::Result<Duration> {
    let at = with_process(|doubts| doubts.get(&key.name).copied());
    let in_process = at.map_or(Duration::ZERO, |at| (at + time).saturating_duration_since(Instant::now()));
    let longest = |doubts: &mut Vec<Doubt>| {
        doubts.iter().filter(|doubt| doubt.key == key.name).map(|doubt| doubt.remaining(time)).max().unwrap_or_default()
    };
    let in_file = folder.map(|folder| with_file(folder, key, longest)).transpose()?;
    Ok(in_process.max(in_file.unwrap_or_default()))
}

/// Notes a doubt that begins after this time.
pub fn note(folder: Option<&Path>, key: &NameKey, ahead: Duration) -> io::Result<()> {
    with_process(|doubts| {
        doubts.retain(|_, at| at.elapsed() < FORGOTTEN);
        doubts.insert(key.name.clone(), Instant::now() + ahead);
    });
    let Some(folder) = folder else { return Ok(()) };
    with_file(folder, key, |doubts| {
        doubts.retain(|doubt| doubt.key != key.name && !doubt.remaining(FORGOTTEN).is_zero());
        doubts.push(Doubt { key: key.name.clone(), noted: Moment::now(), ahead });
    })
}

/// Ends a doubt.
pub fn clear(folder: Option<&Path>, key: &NameKey) -> io::Result<()> {
    with_process(|doubts| doubts.remove(&key.name));
    folder.map_or(Ok(()), |folder| with_file(folder, key, |doubts| doubts.retain(|doubt| doubt.key != key.name)))
}

/// A doubt of the file.
#[derive(Clone, Serialize, Deserialize)]
struct Doubt {
    key: String,
    noted: Moment,
    /// Time from the note to the doubt's beginning.
    ahead: Duration,
}

impl Doubt {
    fn remaining(&self, time: Duration) -> Duration {
        let time = time + self.ahead;
        // After a restart of the machine only the wall clock tells the age, and it may have been set.
        let old = self.noted.wall().elapsed().is_ok_and(|elapsed| elapsed > FORGOTTEN);
        self.noted.elapsed().map_or(if old { Duration::ZERO } else { time }, |elapsed| time.saturating_sub(elapsed))
    }
}

/// Works with the doubts of this process.
fn with_process<T>(work: impl FnOnce(&mut HashMap<String, Instant>) -> T) -> T {
    static DOUBTS: OnceLock<Mutex<HashMap<String, Instant>>> = OnceLock::new();
    work(&mut DOUBTS.get_or_init(Default::default).lock().unwrap_or_else(PoisonError::into_inner))
}

/// Works with the doubts of the account's file, and writes them if they changed.
fn with_file<T>(folder: &Path, key: &NameKey, work: impl FnOnce(&mut Vec<Doubt>) -> T) -> io::Result<T> {
    let mut file = lock(&folder.join(format!("doubts-{}", key.account)))?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    // A line that its writer did not finish belongs to a create that was not sent.
    let mut doubts: Vec<Doubt> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let done = work(&mut doubts);
    let lines: Vec<_> = doubts.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
    let new: String = lines.into_iter().map(|line| line + "\n").collect();
    if new != text {
        file.seek(SeekFrom::Start(0))?;
        file.write_all(new.as_bytes())?;
        file.set_len(new.len() as u64)?;
    }
    file.unlock()?;
    Ok(done)
}

/// Opens and locks the file.
fn lock(path: &Path) -> io::Result<fs::File> {
    for _ in 0..ATTEMPTS {
        let file = private_folder::open_with_folder(path)?;
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::WouldBlock, format!("{} is locked by another process", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn key(name: &str) -> NameKey {
        NameKey { account: "a".into(), name: format!("{name} of {}", std::process::id()) }
    }

    #[test]
    fn doubt_of_a_name_ends_with_its_time_or_outcome() {
        let folder = std::env::temp_dir().join(format!("ocamba-doubts-{}", std::process::id()));
        for folder in [None, Some(folder.as_path())] {
            let left = |name: &str, time| remaining(folder, &key(name), time).expect("readable");
            note(folder, &key("one"), Duration::ZERO).expect("noted");
            assert!(left("one", MINUTE) > MINUTE / 2 && left("one", MINUTE) <= MINUTE);
            assert_eq!((left("one", Duration::ZERO), left("other", MINUTE)), (Duration::ZERO, Duration::ZERO));
            note(folder, &key("one"), MINUTE).expect("noted");
            assert!(left("one", MINUTE) > MINUTE);
            clear(folder, &key("one")).expect("cleared");
            assert_eq!(left("one", MINUTE), Duration::ZERO);
        }
        fs::remove_dir_all(folder).expect("removed");
    }

    #[test]
    fn doubt_in_the_file_is_known_to_other_processes() {
        let folder = std::env::temp_dir().join(format!("ocamba-doubts-of-others-{}", std::process::id()));
        note(Some(&folder), &key("theirs"), Duration::ZERO).expect("noted");
        // Another process has the file, and not this memory.
        with_process(|doubts| doubts.remove(&key("theirs").name));
        assert!(remaining(Some(&folder), &key("theirs"), MINUTE).expect("readable") > MINUTE / 2);
        fs::remove_dir_all(folder).expect("removed");
    }
}
