//! A file with the integrations, from which another sandbox continues.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::account::integration::Integration;
use crate::account::store::{Changes, Store};

/// A file that this sandbox alone writes. It has secrets, so only its owner can read it.
///
/// Its first line says what it is; each other one is an integration, and the last one with an id counts. A change adds a line,
/// however many integrations there are. A line that a killed sandbox has not finished was that of a request without a response.
pub struct StateFile {
    path: PathBuf,
    /// Locked until it is closed, however the process ends.
    lock: File,
    /// None when it is closed.
    writing: Mutex<Option<Writing>>,
}

#[derive(Default)]
struct Writing {
    /// None until the file is written anew.
    file: Option<File>,
    /// Number of lines, and of those that it began with.
    lines: usize,
    first_lines: usize,
}

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    /// The version of this format.
    ocamba_sandbox: u32,
    next_id: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    id: u64,
    company_id: String,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    provider_id: String,
    settings: Value,
    status: String,
    is_default: bool,
    /// Milliseconds since 1970.
    create_time_ms: u64,
    tested: bool,
}

const VERSION: u32 = 1;

impl StateFile {
    /// Opens a file, and puts its integrations into the store. A new one gets those of the store.
    pub fn open(path: &Path, store: &Store) -> Result<Self, String> {
        // The target of a link, so that it is not replaced by a file.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        // Before there is a lock beside it: it may be a file of something else.
        check_kind(&path)?;
        let lock = lock(&path)?;
        let content = match fs::read(&path) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(cannot_read(&error)),
        };
        if !content.is_empty() {
            let (integrations, next_id) = read(&content, store).map_err(damaged)?;
            store.restore(integrations, next_id);
        }
        let file = Self { path, lock, writing: Mutex::new(Some(Writing::default())) };
        // Now, and not with the first request, it shows whether it can be written.
        file.save(store)?;
        Ok(file)
    }

    /// Writes what has changed.
    pub fn save(&self, store: &Store) -> Result<(), String> {
        /// Number of lines that may be added before the file is written anew.
        const MOST_ADDED: usize = 10_000;
        let mut writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let writing = writing.as_mut().ok_or("the sandbox was stopped")?;
        let is_long = writing.lines > 2 * writing.first_lines + MOST_ADDED;
        // Lines that are added to a file without a name would be lost.
        let is_gone = !self.path.exists();
        let changes = store.take_unsaved(writing.file.is_none() || is_long || is_gone);
        let written = if changes.is_all { self.write(&changes) } else { writing.add(&changes) };
        match written {
            Ok(Some(anew)) => *writing = anew,
            Ok(None) => {}
            Err(error) => {
                // It may end within a line.
                writing.file = None;
                store.keep_unsaved();
                return Err(cannot_write(&error));
            }
        }
        Ok(())
    }

    /// Leaves the file to another sandbox. Requests that still run, on other threads, write no more.
    pub fn close(&self) {
        *self.writing.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let _ = self.lock.unlock();
    }

    /// Writes the file anew, completely or not at all.
    fn write(&self, changes: &Changes) -> io::Result<Option<Writing>> {
        let new = beside(&self.path, "new");
        // One that a killed sandbox has left may have been made readable.
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.append(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&new)?;
        let mut text = serde_json::to_vec(&Header { ocamba_sandbox: VERSION, next_id: changes.next_id })?;
        text.push(b'\n');
        text.extend(lines(changes)?);
        file.write_all(&text)?;
        fs::rename(&new, &self.path)?;
        let lines = changes.integrations.len();
        Ok(Some(Writing { file: Some(file), lines, first_lines: lines }))
    }
}

impl Writing {
    fn add(&mut self, changes: &Changes) -> io::Result<Option<Self>> {
        if let Some(file) = self.file.as_mut().filter(|_| !changes.integrations.is_empty()) {
            file.write_all(&lines(changes)?)?;
            self.lines += changes.integrations.len();
        }
        Ok(None)
    }
}

fn lines(changes: &Changes) -> serde_json::Result<Vec<u8>> {
    let mut text = Vec::new();
    for integration in &changes.integrations {
        serde_json::to_writer(&mut text, &Saved::from(&**integration))?;
        text.push(b'\n');
    }
    Ok(text)
}

/// Refuses what is no file, as a device, which would be replaced, and a file that does not begin as a state does.
fn check_kind(path: &Path) -> Result<(), String> {
    /// Maximum length of the first line, in bytes.
    const MAX_HEADER: u64 = 1_000;
    match fs::metadata(path) {
        Err(_) => return Ok(()),
        Ok(existing) if existing.is_dir() => return Err("it is a folder; name a file".into()),
        Ok(existing) if !existing.is_file() => return Err("it is a device or a pipe; name a file".into()),
        Ok(_) => {}
    }
    let mut first = Vec::new();
    let file = File::open(path).map_err(|error| cannot_read(&error))?;
    BufReader::new(file.take(MAX_HEADER)).read_until(b'\n', &mut first).map_err(|error| cannot_read(&error))?;
    if first.is_empty() { Ok(()) } else { header(&first).map(|_| ()).map_err(damaged) }
}

/// Reads the lines. The error has the number of the line.
fn read(content: &[u8], store: &Store) -> Result<(BTreeMap<u64, Integration>, u64), (usize, String)> {
    let mut lines = content.split_inclusive(|byte| *byte == b'\n');
    let (mut all, mut next_id) = (BTreeMap::new(), header(lines.next().unwrap_or_default())?.next_id);
    // The last one may have been cut.
    for (number, line) in (2..).zip(lines).filter(|(_, line)| line.ends_with(b"\n")) {
        let it: Saved = parse(number, line)?;
        if !store.knows(&it.provider_id) {
            return Err((number, "provider_id is not that of a known provider".into()));
        }
        if !it.settings.is_object() {
            return Err((number, "settings must be an object".into()));
        }
        next_id = next_id.max(it.id.saturating_add(1));
        all.insert(it.id, it.into());
    }
    Ok((all, next_id))
}

fn header(line: &[u8]) -> Result<Header, (usize, String)> {
    let header: Header = parse(1, line)?;
    match header.ocamba_sandbox {
        VERSION => Ok(header),
        other => Err((1, format!("ocamba_sandbox is {other}, and this version reads {VERSION}"))),
    }
}

fn parse<T: DeserializeOwned>(number: usize, line: &[u8]) -> Result<T, (usize, String)> {
    serde_json::from_slice(line).map_err(|error| (number, error.to_string()))
}

impl From<Saved> for Integration {
    fn from(it: Saved) -> Self {
        Self {
            id: it.id.to_string(),
            company_id: it.company_id,
            name: it.name,
            kind: it.kind,
            provider_id: it.provider_id,
            settings: it.settings,
            status: it.status,
            is_default: it.is_default,
            create_time: UNIX_EPOCH + Duration::from_millis(it.create_time_ms),
            tested: it.tested,
        }
    }
}

impl From<&Integration> for Saved {
    fn from(it: &Integration) -> Self {
        Self {
            id: it.id.parse().unwrap_or_default(),
            company_id: it.company_id.clone(),
            name: it.name.clone(),
            kind: it.kind.clone(),
            provider_id: it.provider_id.clone(),
            settings: it.settings.clone(),
            status: it.status.clone(),
            is_default: it.is_default,
            create_time_ms: milliseconds(it.create_time),
            tested: it.tested,
        }
    }
}

/// Locks a file beside it: the state itself is replaced with each change.
fn lock(path: &Path) -> Result<File, String> {
    let lock = beside(path, "lock");
    let opened = OpenOptions::new().write(true).create(true).truncate(false).open(lock);
    let opened = opened.map_err(|error| cannot_write(&error))?;
    match opened.try_lock() {
        Ok(()) => Ok(opened),
        Err(TryLockError::WouldBlock) => Err("another sandbox uses it; stop that one, or name another file".into()),
        Err(TryLockError::Error(error)) => Err(format!("it could not be locked: {error}; name a file on another disk")),
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn damaged((line, what): (usize, String)) -> String {
    format!("its line {line} is not of the state of a sandbox: {what}; repair it, or name another file")
}

fn cannot_read(error: &io::Error) -> String {
    format!("it could not be read: {error}; name a file of your own")
}

fn cannot_write(error: &io::Error) -> String {
    format!("it could not be written: {error}; name a file in a folder that exists and is writable")
}

fn milliseconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::contract::document::Document;

    #[test]
    fn file_is_written_anew_before_it_is_too_long() {
        let document = Document::bundled().unwrap();
        let store = Store::new(document.operation("createIntegration").unwrap().examples("201")).unwrap();
        let path = std::env::temp_dir().join(format!("ocamba-sandbox-long-{}", std::process::id()));
        let _ = fs::remove_file(&path);
        let file = StateFile::open(&path, &store).unwrap();
        let provider_id = document.providers().next().unwrap().id;
        let new = json!({ "name": "n", "provider_id": provider_id, "settings": {} });
        let id = store.create("5", serde_json::from_value(new).unwrap()).unwrap().0.id.clone();
        let lines = || fs::read_to_string(&path).unwrap().lines().count();
        for number in 0..10_000 {
            store.update("5", &id, |it| it.name = number.to_string()).unwrap();
            file.save(&store).unwrap();
        }
        assert_eq!(lines(), 10_002);
        for name in ["other", "last"] {
            store.update("5", &id, |it| it.name = name.into()).unwrap();
            file.save(&store).unwrap();
        }
        assert_eq!(lines(), 3);
        drop(file);
        StateFile::open(&path, &store).unwrap();
        assert_eq!((lines(), store.get("5", &id).unwrap().name.as_str()), (2, "last"));
        for file in [path.clone(), beside(&path, "lock")] {
            fs::remove_file(file).unwrap();
        }
    }

    #[test]
    fn closed_file_is_that_of_the_next_while_tasks_still_have_it() {
        let path = std::env::temp_dir().join(format!("ocamba-state-{}.json", std::process::id()));
        let example = json!({ "id": "7", "company_id": "5", "type": "owl", "provider_id": "one" });
        let store = Store::new([&example].into_iter()).unwrap();
        let file = StateFile::open(&path, &store).unwrap();
        assert!(StateFile::open(&path, &store).err().unwrap().contains("another sandbox uses it"));
        file.close();
        let next = StateFile::open(&path, &store).unwrap();
        assert!(file.save(&store).unwrap_err().contains("was stopped"));
        next.save(&store).unwrap();
        drop((file, next));
        [path.clone(), beside(&path, "lock")].iter().for_each(|path| fs::remove_file(path).unwrap());
    }
}
