//! The ledger's file: made, locked, and found sound.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io;
use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::Error;
use crate::fleet::Key;
use crate::ledger::{Entry, State};

/// `OCFL`, where SQLite's file format has room for whose file it is.
const APPLICATION: i32 = 0x4F43_464C;
const VERSION: i32 = 1;
const SCHEMA: &str = "
    CREATE TABLE account (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE rows (
        name TEXT NOT NULL,
        provider_id TEXT NOT NULL,
        state TEXT NOT NULL,
        action TEXT NOT NULL,
        id TEXT,
        code TEXT,
        message TEXT,
        trace_id TEXT,
        written_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
        PRIMARY KEY (name, provider_id)
    ) STRICT, WITHOUT ROWID;";

/// Opens the file, or makes it, and locks it. The outer error is of the file, the inner one of SQLite.
pub fn open(path: &Path) -> io::Result<rusqlite::Result<Connection>> {
    // Made before SQLite would make it, to be its owner's only.
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(path)?);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(path, flags).and_then(prepared))
}

/// What to say where the file cannot be opened.
pub fn cannot(path: &str, cause: &io::Error) -> Error {
    Error::Ledger { path: path.to_owned(), message: format!("cannot be written: {cause}") }
}

/// Locks it, and makes sure that it is a ledger, and sound.
pub fn prepared(mut connection: Connection) -> rusqlite::Result<Connection> {
    connection.busy_timeout(std::time::Duration::ZERO)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    let number = |pragma| transaction.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
    let tables: i64 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (number("application_id")?, number("user_version")?) {
        (0, 0) if tables == 0 => {
            transaction.execute_batch(SCHEMA)?;
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
        }
        (APPLICATION, VERSION) => {
            let state: String = transaction.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
            if state != "ok" {
                return Err(ours(ErrorCode::DatabaseCorrupt));
            }
        }
        (APPLICATION, _) => return Err(ours(ErrorCode::SchemaChanged)),
        _ => return Err(ours(ErrorCode::NotADatabase)),
    }
    transaction.commit()?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // The lock of the new mode is taken with the first write.
    connection.transaction_with_behavior(TransactionBehavior::Immediate)?.commit()?;
    Ok(connection)
}

fn ours(code: ErrorCode) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(rusqlite::ffi::Error { code, extended_code: 0 }, None)
}

/// What to say of an error of SQLite.
pub fn failure(path: &str, error: &rusqlite::Error) -> Error {
    let message = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => return Error::LedgerInUse(path.to_owned()),
        Some(ErrorCode::DiskFull) => {
            "cannot be written: the disk is full; make room, and apply again to go on".to_owned()
        }
        Some(ErrorCode::ReadOnly) => {
            "cannot be written: it is read-only; give it or its folder the right to write".to_owned()
        }
        Some(ErrorCode::NotADatabase) => "is no ledger: take another path, or move the file away".to_owned(),
        Some(ErrorCode::DatabaseCorrupt) => {
            "is damaged: put back a copy, or take a new ledger; what is there already will be adopted".to_owned()
        }
        Some(ErrorCode::SchemaChanged) => "is of a newer version: update ocamba".to_owned(),
        _ => format!("cannot be used: {error}"),
    };
    Error::Ledger { path: path.to_owned(), message }
}

/// The last words on all rows.
pub fn entries(connection: &Connection) -> rusqlite::Result<HashMap<Key, Entry>> {
    let mut statement =
        connection.prepare("SELECT name, provider_id, state, action, id, code, message, trace_id FROM rows")?;
    let entry = |row: &rusqlite::Row<'_>| {
        let state: String = row.get(2)?;
        // A state that is not known is a doubt.
        let state = State::ALL.iter().find(|(_, name)| *name == state).map_or(State::Intent, |(state, _)| *state);
        let key = Key { name: row.get(0)?, provider_id: row.get(1)? };
        let (action, id, code) = (row.get(3)?, row.get(4)?, row.get(5)?);
        Ok((key, Entry { state, action, id, code, message: row.get(6)?, trace_id: row.get(7)? }))
    };
    statement.query_map([], entry)?.collect()
}
