//! The ledger's SQLite file: created, locked, checked, read and written.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::path::Path;

use ocamba_hood::open_private_file;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior, params};

use crate::error::Error;
use crate::key::Key;
use crate::ledger::account_identity::{self, AccountIdentity};
use crate::ledger::entry::{Entry, RowFailure, State};

/// `OCFL`, in the field of SQLite's file format for the application.
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

/// What is written in one transaction.
#[derive(Default)]
pub struct Changes {
    pub rows: Vec<(Key, Entry)>,
    /// Account to which the ledger is to be bound.
    pub account: Option<AccountIdentity>,
}

/// Why the file cannot be used.
#[derive(Clone, Debug)]
pub enum DatabaseError {
    InUse,
    OtherAccount(String),
    NotALedger(String),
    Unusable(String),
}

impl DatabaseError {
    /// Adds the path of a file that was to be opened, so that nothing was sent.
    pub fn at_opening(self, path: &str) -> Error {
        match self {
            Self::NotALedger(message) => Error::NotALedger { path: path.to_owned(), message },
            other => other.at(path),
        }
    }

    /// Adds the path of the file.
    pub fn at(self, path: &str) -> Error {
        let path = path.to_owned();
        match self {
            Self::InUse => Error::LedgerInUse(path),
            Self::OtherAccount(message) => Error::OtherAccount { path, message },
            Self::NotALedger(message) | Self::Unusable(message) => Error::Ledger { path, message, made: Vec::new() },
        }
    }
}

impl From<rusqlite::Error> for DatabaseError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Unusable(match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => {
                return Self::NotALedger("is not a ledger; use another path, or move the file away".to_owned());
            }
            Some(ErrorCode::DatabaseCorrupt) => {
                return Self::NotALedger(
                    "is damaged; restore a copy, or use a new ledger, which adopts existing integrations".to_owned(),
                );
            }
            Some(ErrorCode::SchemaChanged) => {
                return Self::NotALedger("was written by a newer version; update ocamba".to_owned());
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => return Self::InUse,
            Some(ErrorCode::DiskFull) => {
                "could not be written: the disk is full; free some space, then run the command again".to_owned()
            }
            Some(ErrorCode::SystemIoFailure) => {
                format!("could not be read or written: {error}; check its disk, then run the command again")
            }
            Some(ErrorCode::ReadOnly) => {
                "could not be opened for writing; make it and its folder writable, then run the command again"
                    .to_owned()
            }
            Some(ErrorCode::CannotOpen) => {
                format!(
                    "could not be opened: {error}; check its folder and the limit of open files, then run the command again"
                )
            }
            _ => format!("cannot be used: {error}"),
        })
    }
}

/// Opens or creates a file, and locks it.
pub fn open(path: &Path) -> Result<Connection, DatabaseError> {
    // Created before SQLite creates it, so that only its owner can read it. An existing one is not opened here: if this process
    // has locked it, closing it would release the lock.
    match path.metadata() {
        Ok(existing) if existing.is_file() => {}
        Ok(_) => return Err(DatabaseError::NotALedger("is a folder, a device or a pipe; use another path".to_owned())),
        Err(_) => drop(open_private_file(path).map_err(|error| not_created(&error))?),
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    prepare(Connection::open_with_flags(path, flags)?)
}

fn not_created(error: &io::Error) -> DatabaseError {
    let with = |next: &str| format!("could not be created: {error}; {next}");
    match error.kind() {
        ErrorKind::NotFound
        | ErrorKind::PermissionDenied
        | ErrorKind::NotADirectory
        | ErrorKind::ReadOnlyFilesystem
        | ErrorKind::InvalidFilename => {
            DatabaseError::NotALedger(with("use a path in a folder that exists and is writable"))
        }
        _ => DatabaseError::Unusable(with("check its disk, then run the command again")),
    }
}

/// Opens a database in memory.
pub fn open_in_memory() -> Result<Connection, DatabaseError> {
    prepare(Connection::open_in_memory()?)
}

/// Locks the database, and checks that it is an intact ledger.
fn prepare(mut connection: Connection) -> Result<Connection, DatabaseError> {
    connection.busy_timeout(std::time::Duration::ZERO)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    let number = |pragma| transaction.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
    let tables: i64 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let refuse = |code| Err(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error { code, extended_code: 0 }, None));
    match (number("application_id")?, number("user_version")?) {
        (0, 0) if tables == 0 => {
            transaction.execute_batch(SCHEMA)?;
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
        }
        (APPLICATION, VERSION) => {
            let state: String = transaction.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
            if state != "ok" {
                refuse(ErrorCode::DatabaseCorrupt)?;
            }
        }
        (APPLICATION, _) => refuse(ErrorCode::SchemaChanged)?,
        _ => refuse(ErrorCode::NotADatabase)?,
    }
    transaction.commit()?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // The first write takes the lock of the new journal mode.
    connection.transaction_with_behavior(TransactionBehavior::Immediate)?.commit()?;
    Ok(connection)
}

/// Reads the entries of all rows.
pub fn entries(connection: &Connection) -> Result<HashMap<Key, Entry>, DatabaseError> {
    let mut statement =
        connection.prepare("SELECT name, provider_id, state, action, id, code, message, trace_id FROM rows")?;
    let entry = |row: &rusqlite::Row<'_>| {
        let state: String = row.get(2)?;
        // An unknown state is treated as an intent.
        let state = State::ALL.iter().find(|(_, name)| *name == state).map_or(State::Intent, |(state, _)| *state);
        let key = Key { name: row.get(0)?, provider_id: row.get(1)? };
        let failure = RowFailure { code: row.get(5)?, message: row.get(6)?, trace_id: row.get(7)? };
        Ok((key, Entry { state, action: row.get(3)?, id: row.get(4)?, failure }))
    };
    Ok(statement.query_map([], entry)?.collect::<Result<_, _>>()?)
}

/// Writes all of this in one transaction, unless the ledger is of another account.
pub fn commit<'a>(
    connection: &mut Connection,
    changes: impl Iterator<Item = &'a Changes> + Clone,
) -> Result<(), DatabaseError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut put = transaction.prepare(
        "INSERT OR REPLACE INTO rows (name, provider_id, state, action, id, code, message, trace_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for (key, entry) in changes.clone().flat_map(|changes| &changes.rows) {
        let Entry { state, action, id, failure: RowFailure { code, message, trace_id } } = entry;
        put.execute(params![key.name, key.provider_id, state.as_str(), action, id, code, message, trace_id])?;
    }
    drop(put);
    for account in changes.filter_map(|changes| changes.account.as_ref()) {
        if let Some(difference) = account_identity::bind(&transaction, account)? {
            return Err(DatabaseError::OtherAccount(difference));
        }
    }
    Ok(transaction.commit()?)
}
