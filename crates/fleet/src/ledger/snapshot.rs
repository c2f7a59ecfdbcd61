//! The ledger of a run that uses it: SQLite lets nobody else read it meanwhile, so a copy is read.

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::key::Key;
use crate::ledger::database::{self, DatabaseError};
use crate::ledger::entry::Entry;

/// Maximum number of copies, in case a run writes its log into the database meanwhile. It does so rarely.
const MAX_COPIES: usize = 20;

/// Reads the entries that the run has committed.
pub fn entries(path: &Path) -> Result<HashMap<Key, Entry>, DatabaseError> {
    let unreadable = |error: std::io::Error| DatabaseError::Unusable(format!("could not be read: {error}"));
    // Only its owner can read it.
    let folder = tempfile::tempdir().map_err(unreadable)?;
    let copy = folder.path().join("ledger");
    for _ in 0..MAX_COPIES {
        let database = fs::read(path).map_err(unreadable)?;
        let log = match fs::read(log_of(path)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            log => log.map_err(unreadable)?,
        };
        // Only a database that stayed the same fits to the log.
        if fs::read(path).map_err(unreadable)? == database {
            fs::write(&copy, database).and_then(|()| fs::write(log_of(&copy), log)).map_err(unreadable)?;
            return database::entries(&database::open(&copy)?);
        }
    }
    Err(DatabaseError::Unusable("is changed all the time; try again".to_owned()))
}

/// Returns the path of SQLite's log, in which commits are before they are in the database.
fn log_of(path: &Path) -> std::path::PathBuf {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    log.into()
}
