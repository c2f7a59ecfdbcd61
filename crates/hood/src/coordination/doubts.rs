//! Doubts: creates that were sent, whose outcome is not known, and which the server may still carry out.
//!
//! Whoever ensures the same name waits for the doubt to end before it creates again. A doubt is known as far as the lock of
//! the name is: to this process, to the processes of the user by a file, and to all machines by Redis. Each create has its
//! own, so that none ends that of another with the same name.
//!
//! While another process works with the file, for microseconds unless it is stopped, the result is `WouldBlock`.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::account::NameKey;
use super::line_file;
use super::process_wide::ProcessWide;
use crate::clock::Moment;

/// Time after which a doubt is forgotten: no server works on a request for so long.
const FORGOTTEN: Duration = Duration::from_secs(60 * 60);
/// Identifies a create among those with the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CreateId(u64);

impl CreateId {
    /// Returns one that no other has. A forked child has inherited the state of the random numbers.
    pub fn new() -> Self {
        Self(fastrand::u64(..) ^ u64::from(std::process::id()))
    }
}

impl fmt::Display for CreateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Returns for how long a name is still in doubt, if a doubt lasts this long.
pub fn remaining(folder: Option<&Path>, key: &NameKey, time: Duration) -> io::Result<Duration> {
    let last = with_process(|doubts| doubts.get(&key.name)?.iter().map(|(_, at)| *at).max());
    let in_process = last.map_or(Duration::ZERO, |at| (at + time).saturating_duration_since(Instant::now()));
    let read = |folder| line_file::read(&path(folder, key), &key.name).map(latest);
    let doubts = folder.map(read).transpose()?.unwrap_or_default();
    let of_name = doubts.iter().filter(|((name, _), _)| *name == key.name);
    Ok(of_name.map(|(_, doubt)| doubt.remaining(time)).fold(in_process, Duration::max))
}

/// Notes the doubt of a create, which begins after this time.
pub fn note(folder: Option<&Path>, key: &NameKey, id: CreateId, ahead: Duration) -> io::Result<()> {
    with_process(|doubts| {
        // Seldom, since it takes a look at each.
        if doubts.len() == doubts.capacity() {
            doubts.retain(|_, of_name| of_name.iter().any(|(_, at)| at.elapsed() < FORGOTTEN));
        }
        let of_name = doubts.entry(key.name.clone()).or_default();
        of_name.retain(|(other, at)| *other != id && at.elapsed() < FORGOTTEN);
        of_name.push((id, Instant::now() + ahead));
    });
    append(folder, key, id, Some(Doubt { noted: Moment::now(), ahead }))
}

/// Ends the doubt of a create.
pub fn clear(folder: Option<&Path>, key: &NameKey, id: CreateId) -> io::Result<()> {
    with_process(|doubts| {
        if let Some(of_name) = doubts.get_mut(&key.name) {
            of_name.retain(|(other, _)| *other != id);
        }
    });
    append(folder, key, id, None)
}

/// A line of the file: what is known of a create from now on.
#[derive(Serialize, Deserialize)]
struct Line {
    key: String,
    create: CreateId,
    doubt: Option<Doubt>,
}

#[derive(Serialize, Deserialize)]
struct Doubt {
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

/// The doubts of each name in this process.
type InProcess = HashMap<String, Vec<(CreateId, Instant)>>;

/// Works with the doubts of this process.
fn with_process<T>(work: impl FnOnce(&mut InProcess) -> T) -> T {
    static DOUBTS: ProcessWide<InProcess> = ProcessWide::new();
    DOUBTS.with(work)
}

/// Adds a line to the account's file.
fn append(folder: Option<&Path>, key: &NameKey, create: CreateId, doubt: Option<Doubt>) -> io::Result<()> {
    let Some(folder) = folder else { return Ok(()) };
    let line = Line { key: key.name.clone(), create, doubt };
    line_file::append(&path(folder, key), &line, |lines| {
        let doubts = latest(lines).into_iter().filter(|(_, doubt)| !doubt.remaining(FORGOTTEN).is_zero());
        doubts.map(|((key, create), doubt)| Line { key, create, doubt: Some(doubt) }).collect()
    })
}

/// Returns the doubts: the last line of a create counts. One that its writer did not finish belongs to a create that was not
/// sent.
fn latest(lines: Vec<Line>) -> HashMap<(String, CreateId), Doubt> {
    let mut doubts = HashMap::new();
    for Line { key, create, doubt } in lines {
        match doubt {
            Some(doubt) => doubts.insert((key, create), doubt),
            None => doubts.remove(&(key, create)),
        };
    }
    doubts
}

fn path(folder: &Path, key: &NameKey) -> PathBuf {
    folder.join(format!("doubts-{}", key.account))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::coordination::line_file::CLEAN;

    const MINUTE: Duration = Duration::from_secs(60);

    const ONE: CreateId = CreateId(1);

    fn key(name: &str) -> NameKey {
        NameKey { account: "a".into(), name: format!("{name} of {}", std::process::id()) }
    }

    #[test]
    fn doubt_of_a_name_ends_with_its_time_or_outcome() {
        let folder = std::env::temp_dir().join(format!("ocamba-doubts-{}", std::process::id()));
        for folder in [None, Some(folder.as_path())] {
            let left = |name: &str, time| remaining(folder, &key(name), time).expect("readable");
            note(folder, &key("one"), ONE, Duration::ZERO).expect("noted");
            assert!(left("one", MINUTE) > MINUTE / 2 && left("one", MINUTE) <= MINUTE);
            assert_eq!((left("one", Duration::ZERO), left("other", MINUTE)), (Duration::ZERO, Duration::ZERO));
            note(folder, &key("one"), ONE, MINUTE).expect("noted");
            assert!(left("one", MINUTE) > MINUTE);
            note(folder, &key("one"), CreateId(2), Duration::ZERO).expect("noted");
            clear(folder, &key("one"), ONE).expect("cleared");
            assert!(left("one", MINUTE) > MINUTE / 2 && left("one", MINUTE) <= MINUTE, "that of the other is left");
            clear(folder, &key("one"), CreateId(2)).expect("cleared");
            assert_eq!(left("one", MINUTE), Duration::ZERO);
        }
        fs::remove_dir_all(folder).expect("removed");
    }

    #[test]
    fn doubt_in_the_file_is_known_to_other_processes() {
        let folder = std::env::temp_dir().join(format!("ocamba-doubts-of-others-{}", std::process::id()));
        note(Some(&folder), &key("theirs"), ONE, Duration::ZERO).expect("noted");
        // Another process has the file, and not this memory.
        with_process(|doubts| doubts.remove(&key("theirs").name));
        assert!(remaining(Some(&folder), &key("theirs"), MINUTE).expect("readable") > MINUTE / 2);
        fs::remove_dir_all(folder).expect("removed");
    }

    #[test]
    fn file_keeps_doubts_and_stays_small_when_many_end() {
        let folder = std::env::temp_dir().join(format!("ocamba-doubts-of-many-{}", std::process::id()));
        let path = folder.join("doubts-a");
        note(Some(&folder), &key("kept"), ONE, Duration::ZERO).expect("noted");
        for number in 0..1_000 {
            let key = key(&format!("many-{number}"));
            note(Some(&folder), &key, ONE, Duration::ZERO).expect("noted");
            clear(Some(&folder), &key, ONE).expect("cleared");
            assert!(fs::metadata(&path).expect("there").len() < 2 * CLEAN);
            if number == 500 {
                // A writer died within its line.
                let text = fs::read_to_string(&path).expect("read");
                fs::write(&path, format!("{text}\n{{\"key\":\"un")).expect("written");
            }
        }
        with_process(|doubts| doubts.remove(&key("kept").name));
        assert!(remaining(Some(&folder), &key("kept"), MINUTE).expect("readable") > MINUTE / 2);
        assert_eq!(remaining(Some(&folder), &key("many-999"), MINUTE).expect("readable"), Duration::ZERO);
        fs::remove_dir_all(folder).expect("removed");
    }
}
