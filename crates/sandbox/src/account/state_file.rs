//! A file with the integrations, from which another sandbox continues.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::account::integration::Integration;
use crate::account::store::Store;

/// A file that this sandbox alone writes. It has secrets, so only its owner can read it.
pub struct StateFile {
    path: PathBuf,
    /// Locked until it is closed, however the process ends.
    _lock: File,
    /// Number of the store's changes that the file has.
    saved: Mutex<u64>,
}

/// The content.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    /// The version of this format.
    ocamba_sandbox: u32,
    next_id: u64,
    integrations: Vec<Saved>,
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
        let lock = lock(&path)?;
        let content = match fs::read(&path) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(format!("it could not be read: {error}; name a file of your own")),
        };
        let file = Self { path, _lock: lock, saved: Mutex::new(0) };
        if content.is_empty() {
            // Now, and not with the first request, it shows whether it can be written.
            file.write(store).map_err(|error| cannot_write(&error))?;
            return Ok(file);
        }
        let damaged =
            |what: String| format!("it is not the state of a sandbox: {what}; repair it, or name another file");
        let content: Content = serde_json::from_slice(&content).map_err(|error| damaged(error.to_string()))?;
        content.restore(store).map_err(damaged)?;
        Ok(file)
    }

    /// Writes the store's integrations, unless the file has all changes. Those who wait for a writing may share the next one.
    pub fn save(&self, store: &Store) -> Result<(), String> {
        let wanted = store.change_count();
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        if *saved < wanted {
            *saved = self.write(store).map_err(|error| cannot_write(&error))?;
        }
        Ok(())
    }

    /// Writes the file completely or not at all. Returns the number of changes that it has.
    fn write(&self, store: &Store) -> io::Result<u64> {
        let (integrations, next_id, changes) = store.snapshot();
        let integrations = integrations.iter().map(|it| Saved::from(&**it)).collect();
        let mut text = serde_json::to_vec_pretty(&Content { ocamba_sandbox: VERSION, next_id, integrations })?;
        text.push(b'\n');
        let new = beside(&self.path, "new");
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        // One that a killed sandbox has left may have been made readable.
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        options.open(&new)?.write_all(&text)?;
        fs::rename(&new, &self.path)?;
        Ok(changes)
    }
}

impl Content {
    fn restore(self, store: &Store) -> Result<(), String> {
        let Self { ocamba_sandbox, next_id, integrations } = self;
        if ocamba_sandbox != VERSION {
            return Err(format!("ocamba_sandbox is {ocamba_sandbox}, and this version reads {VERSION}"));
        }
        let mut last = 0;
        for (index, it) in integrations.iter().enumerate() {
            if it.id <= last || it.id >= next_id {
                return Err(format!("integrations[{index}].id must be above the one before, and below next_id"));
            }
            if !store.knows(&it.provider_id) {
                return Err(format!("integrations[{index}].provider_id is not that of a known provider"));
            }
            if !it.settings.is_object() {
                return Err(format!("integrations[{index}].settings must be an object"));
            }
            last = it.id;
        }
        store.restore(integrations.into_iter().map(|it| (it.id, it.into())), next_id);
        Ok(())
    }
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
    if path.is_dir() {
        return Err("it is a folder; name a file".into());
    }
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

fn cannot_write(error: &io::Error) -> String {
    format!("it could not be written: {error}; name a file in a folder that exists and is writable")
}

fn milliseconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
