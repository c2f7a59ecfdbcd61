//! Creates that were done: who knows the account's integrations from before must look again before it creates one of them.
//!
//! Known as far as the lock of the name is: to this process, to the processes of the user by a file, and to all machines by
//! Redis. Within the file's own lock the result may be `WouldBlock`, as that of a doubt.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::account::NameKey;
use super::line_file;
use super::process_wide::ProcessWide;
use crate::clock::Moment;

/// Time after which a create is forgotten. Nobody may rely on what was read longer ago.
pub const FORGOTTEN: Duration = Duration::from_secs(60 * 60);

/// Notes that an integration with this name was created, just now.
pub fn note(folder: Option<&Path>, key: &NameKey) -> io::Result<()> {
    let now = Moment::now();
    with_process(|made| {
        // Seldom, since it takes a look at each.
        if made.len() == made.capacity() {
            made.retain(|_, at| is_since(at, FORGOTTEN));
        }
        made.insert(key.name.clone(), now.clone());
    });
    let Some(folder) = folder else { return Ok(()) };
    let line = Line { key: key.name.clone(), at: now };
    line_file::append(&path(folder, key), &line, |mut lines: Vec<Line>| {
        lines.retain(|line| is_since(&line.at, FORGOTTEN));
        lines
    })
}

/// Returns whether an integration with this name was created within this time.
pub fn was_within(folder: Option<&Path>, key: &NameKey, time: Duration) -> io::Result<bool> {
    if with_process(|made| made.get(&key.name).is_some_and(|at| is_since(at, time))) {
        return Ok(true);
    }
    let Some(folder) = folder else { return Ok(false) };
    let lines: Vec<Line> = line_file::read(&path(folder, key), &key.name)?;
    Ok(lines.iter().any(|line| line.key == key.name && is_since(&line.at, time)))
}

#[derive(Serialize, Deserialize)]
struct Line {
    key: String,
    at: Moment,
}

/// Returns whether this was within a time. After a restart of the machine only the wall clock tells the age, and it may have
/// been set.
fn is_since(at: &Moment, time: Duration) -> bool {
    at.elapsed().map_or_else(|| at.wall().elapsed().is_ok_and(|age| age <= FORGOTTEN), |elapsed| elapsed <= time)
}

/// Works with the creates of this process.
fn with_process<T>(work: impl FnOnce(&mut HashMap<String, Moment>) -> T) -> T {
    static MADE: ProcessWide<HashMap<String, Moment>> = ProcessWide::new();
    MADE.with(work)
}

/// Returns one of the account's files: each is read before each create, so it must be small.
fn path(folder: &Path, key: &NameKey) -> PathBuf {
    folder.join(format!("made-{}-{:02}", key.account, key.file_number()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn create_is_known_in_this_process_and_in_others() {
        let folder = std::env::temp_dir().join(format!("ocamba-made-{}", std::process::id()));
        let key = |name: &str| NameKey { account: "a".into(), name: format!("{name} of {}", std::process::id()) };
        for folder in [None, Some(folder.as_path())] {
            let within = |name: &str| was_within(folder, &key(name), MINUTE).expect("readable");
            let one = if folder.is_some() { "in file" } else { "in process" };
            assert!(!within(one));
            note(folder, &key(one)).expect("noted");
            assert!(within(one) && !within("other"));
        }
        // Another process has the file, and not this memory.
        with_process(HashMap::clear);
        assert!(was_within(Some(&folder), &key("in file"), MINUTE).expect("readable"));
        std::thread::sleep(Duration::from_millis(3));
        assert!(!was_within(Some(&folder), &key("in file"), Duration::ZERO).expect("readable"));
        std::fs::remove_dir_all(folder).expect("removed");
    }
}
