//! The record of runs on disk: an SQLite file that one run at a time can use.
//!
//! An intent is committed before its request is sent, and the result after its response. A row whose last entry is an intent
//! is in doubt: the next run looks for its integration before it creates one. The ledger has no secrets; it knows a token by
//! the hash by which the core knows an account.
//!
//! SQLite's own lock on the file shows that a run uses it; the lock ends with the process, however that ends. Commits are
//! synced to disk (`synchronous=FULL`), many rows at once, so that they also survive a power failure.

use std::collections::HashMap;
use std::path::Path;
use std::sync::mpsc;
use std::thread::JoinHandle;

use ocamba_hood::Client;
use rusqlite::Connection;
use serde::Serialize;
use tokio::sync::oneshot;

use crate::error::Error;
use crate::key::Key;
use crate::ledger::account_identity::AccountIdentity;
use crate::ledger::database::{self, Changes, DatabaseError};
use crate::ledger::entry::{Entry, RowFailure, State};
use crate::ledger::snapshot;

/// Maximum number of writes in one commit.
const MAX_BATCH: usize = 256;

/// Record of intents and results, locked for one run at a time. Dropping it releases the lock.
#[derive(Debug)]
pub struct Ledger {
    path: String,
    pub(crate) entries: HashMap<Key, Entry>,
    writer: Option<mpsc::Sender<Write>>,
    thread: Option<JoinHandle<()>>,
    /// Writes without a thread, within a simulated world.
    #[cfg(feature = "simulation")]
    in_world: Option<std::sync::Mutex<(Connection, mpsc::Receiver<Write>)>>,
}

/// What a ledger knows of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LedgerRow {
    /// Name of the integration.
    pub name: String,
    /// Id of the provider.
    pub provider_id: String,
    /// `done`, `failed`, `applied` (without an id), `pending` (not sent), or `intent`: the request may have been sent, and its
    /// outcome is unknown.
    pub state: &'static str,
    /// `create`, `update` or `adopt`.
    pub action: String,
    /// Id of the integration, if known.
    pub id: Option<String>,
    /// Error code, such as `bad_request`.
    pub code: Option<String>,
    /// Error message, without secrets.
    pub message: Option<String>,
    /// Request ID to quote to the vendor's support.
    pub trace_id: Option<String>,
}

/// What a ledger knows, and whether a run uses it.
#[doc(hidden)]
#[derive(Clone, Debug, Serialize)]
pub struct LedgerStatus {
    /// Whether a run of another process uses the ledger.
    pub is_running: bool,
    /// What it knows of each row, in the order of their names.
    pub rows: Vec<LedgerRow>,
}

struct Write {
    changes: Changes,
    written: oneshot::Sender<Result<(), DatabaseError>>,
}

impl Ledger {
    /// Opens or creates a ledger, and locks it.
    ///
    /// ```
    /// use ocamba_fleet::{Error, Ledger};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("fleet.ledger");
    /// let ledger = Ledger::open(&path)?;
    /// assert!(matches!(Ledger::open(&path), Err(Error::LedgerInUse(_))));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::LedgerInUse`] while another run uses it; [`Error::NotALedger`] if the file is something else, or cannot be
    /// created; [`Error::Ledger`] if it cannot be read or written.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        Self::start(database::open(path), path.display().to_string())
    }

    /// Creates a ledger in memory. A run that uses it cannot be resumed by another process.
    ///
    /// # Errors
    ///
    /// [`Error::Ledger`] if there is not enough memory.
    pub fn in_memory() -> Result<Self, Error> {
        Self::start(database::open_in_memory(), "in memory".to_owned())
    }

    /// Returns the path that was given.
    pub fn path(&self) -> &str {
        &self.path
    }

    fn start(opened: Result<Connection, DatabaseError>, path: String) -> Result<Self, Error> {
        let read = opened.and_then(|connection| Ok((database::entries(&connection)?, connection)));
        let (entries, connection) = read.map_err(|error| error.at_opening(&path))?;
        let (writer, writes) = mpsc::channel();
        #[cfg(feature = "simulation")]
        if ocamba_hood::simulation::is_world() {
            let in_world = Some(std::sync::Mutex::new((connection, writes)));
            return Ok(Self { path, entries, writer: Some(writer), thread: None, in_world });
        }
        let thread = std::thread::spawn(move || write_all(connection, &writes));
        Ok(Self {
            path,
            entries,
            writer: Some(writer),
            thread: Some(thread),
            #[cfg(feature = "simulation")]
            in_world: None,
        })
    }

    /// Returns what the ledger knows of each row, in the order of their names.
    pub fn rows(&self) -> Vec<LedgerRow> {
        rows(&self.entries)
    }

    /// Reads a ledger, also while a run of another process uses it. The process of that run must not do so: its lock would end
    /// when the file is closed.
    ///
    /// # Errors
    ///
    /// [`Error::Ledger`] if it cannot be read; [`Error::NotALedger`] if it is none.
    #[doc(hidden)]
    pub fn status(path: impl AsRef<Path>) -> Result<LedgerStatus, Error> {
        let path = path.as_ref();
        match Self::open(path) {
            Ok(ledger) => Ok(LedgerStatus { is_running: false, rows: ledger.rows() }),
            Err(Error::LedgerInUse(name)) => {
                let entries = snapshot::entries(path).map_err(|error| error.at_opening(&name))?;
                Ok(LedgerStatus { is_running: true, rows: rows(&entries) })
            }
            Err(error) => Err(error),
        }
    }

    /// Writes entries, batched with other writes. They are on disk when the future completes.
    pub(crate) fn write(&self, rows: Vec<(Key, Entry)>) -> impl Future<Output = Result<(), Error>> + Send + 'static {
        self.send(Changes { rows, account: None })
    }

    /// Binds the ledger to an account, by its company if a response has named it. Fails if it is bound to another.
    pub(crate) fn bind(
        &self,
        client: &Client,
        company_id: Option<&str>,
    ) -> impl Future<Output = Result<(), Error>> + Send + 'static {
        let (base_url, token_key) = (client.base_url().to_owned(), client.account_key().to_owned());
        let account = AccountIdentity { base_url, token_key, company_id: company_id.map(str::to_owned) };
        self.send(Changes { rows: Vec::new(), account: Some(account) })
    }

    fn send(&self, changes: Changes) -> impl Future<Output = Result<(), Error>> + Send + 'static {
        let (written, result) = oneshot::channel();
        let path = self.path.clone();
        // Sent now rather than when awaited: results are written in the order in which they arrive. If the thread is gone,
        // the sender is dropped, and the receiver fails.
        let _ = self.writer.as_ref().map(|writer| writer.send(Write { changes, written }));
        #[cfg(feature = "simulation")]
        if let Some((connection, writes)) = self.in_world.as_ref().and_then(|world| world.lock().ok()).as_deref_mut()
            && let Ok(write) = writes.try_recv()
        {
            write_batch(connection, vec![write]);
        }
        async move {
            let closed = |_| Err(DatabaseError::Unusable("is closed".to_owned()));
            result.await.unwrap_or_else(closed).map_err(|error| error.at(&path))
        }
    }
}

impl Drop for Ledger {
    /// Waits until all writes are on disk and the lock is released.
    fn drop(&mut self) {
        self.writer = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn rows(entries: &HashMap<Key, Entry>) -> Vec<LedgerRow> {
    let row = |(key, entry): (&Key, &Entry)| {
        let Entry { state, action, id, failure: RowFailure { code, message, trace_id } } = entry.clone();
        let Key { name, provider_id } = key.clone();
        // An intent that was withdrawn has no error.
        let state = if state == State::Failed && code.is_none() { "pending" } else { state.as_str() };
        LedgerRow { name, provider_id, state, action, id, code, message, trace_id }
    };
    let mut rows: Vec<LedgerRow> = entries.iter().map(row).collect();
    rows.sort_by(|one, other| (&one.name, &one.provider_id).cmp(&(&other.name, &other.provider_id)));
    rows
}

/// Commits writes, all pending ones at once, until the ledger is dropped.
fn write_all(mut connection: Connection, writes: &mpsc::Receiver<Write>) {
    while let Ok(first) = writes.recv() {
        let mut batch = vec![first];
        batch.extend(writes.try_iter().take(MAX_BATCH));
        write_batch(&mut connection, batch);
    }
}

fn write_batch(connection: &mut Connection, batch: Vec<Write>) {
    let result = database::commit(connection, batch.iter().map(|write| &write.changes));
    for write in batch {
        // The receiver may be gone.
        let _ = write.written.send(result.clone());
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
