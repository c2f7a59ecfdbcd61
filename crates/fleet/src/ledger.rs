//! What a run intends and what became of it, on disk: an SQLite file that one run at a time may use.
//!
//! An intent is committed before its request is sent, and the result after its answer. So a row whose last word is an
//! intent is in doubt: whoever opens the ledger next looks for it before creating it. There is no secret in it, in no form.
//!
//! SQLite's own lock on the file says whose it is; it goes with its holder, however that dies. Commits are synced to the
//! disk (`synchronous=FULL`), many rows in one, so that they also outlive a loss of power.

use std::collections::HashMap;
use std::path::Path;
use std::sync::mpsc;
use std::thread::JoinHandle;

use ocamba_hood::Client;
use rusqlite::{Connection, TransactionBehavior, params};
use tokio::sync::oneshot;

use crate::Error;
use crate::fleet::Key;
use crate::ledger_file::{self, entries, failure, prepared};

/// How many writes are taken together into one commit at the most.
const MAX_TOGETHER: usize = 256;

/// The last word on a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub state: State,
    /// `create`, `update` or `adopt`.
    pub action: String,
    pub id: Option<String>,
    pub code: Option<String>,
    pub message: Option<String>,
    pub trace_id: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It may have been sent, and nobody knows what became of it.
    Intent,
    /// It was carried out.
    Done,
    /// It was carried out, and its id is not known.
    Applied,
    /// It was not carried out.
    Failed,
}

impl State {
    pub(crate) const ALL: [(Self, &str); 4] =
        [(Self::Intent, "intent"), (Self::Done, "done"), (Self::Applied, "applied"), (Self::Failed, "failed")];

    fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }
}

impl Entry {
    pub fn new(state: State, action: &str) -> Self {
        let action = action.to_owned();
        Self { state, action, id: None, code: None, message: None, trace_id: None }
    }
}

/// The ledger of a run. Dropped, it is free for another.
#[derive(Debug)]
pub struct Ledger {
    path: String,
    pub(crate) entries: HashMap<Key, Entry>,
    writer: Option<mpsc::Sender<Write>>,
    thread: Option<JoinHandle<()>>,
}

struct Write {
    rows: Vec<(Key, Entry)>,
    account: Vec<(&'static str, String)>,
    written: oneshot::Sender<Result<(), Error>>,
}

impl Ledger {
    /// Opens a ledger, or makes one where there is none, and locks it.
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
    /// [`Error::LedgerInUse`] while another run has it; [`Error::Ledger`] where it cannot be written, or is no ledger.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let shown = path.display().to_string();
        let opened = ledger_file::open(path).map_err(|error| ledger_file::cannot(&shown, &error))?;
        Self::of(opened.map_err(|error| failure(&shown, &error))?, shown)
    }

    /// A ledger that is gone with the run: one that dies cannot be gone on with.
    ///
    /// # Errors
    ///
    /// [`Error::Ledger`]: there is no memory.
    pub fn in_memory() -> Result<Self, Error> {
        let shown = "in memory".to_owned();
        let opened = Connection::open_in_memory().and_then(prepared);
        Self::of(opened.map_err(|error| failure(&shown, &error))?, shown)
    }

    /// Its path, as it was given.
    pub fn path(&self) -> &str {
        &self.path
    }

    fn of(connection: Connection, path: String) -> Result<Self, Error> {
        let entries = entries(&connection).map_err(|error| failure(&path, &error))?;
        let (writer, writes) = mpsc::channel();
        let shown = path.clone();
        let thread = std::thread::spawn(move || write_all(connection, &writes, &shown));
        Ok(Self { path, entries, writer: Some(writer), thread: Some(thread) })
    }

    /// Commits the last words on some rows, together with what others want written. It is on the disk when this returns.
    pub(crate) fn write(&self, rows: Vec<(Key, Entry)>) -> impl Future<Output = Result<(), Error>> + Send + 'static {
        self.send(rows, Vec::new())
    }

    /// Whose account it is of. One that is of another is refused.
    pub(crate) async fn bind(&self, client: &Client, company_id: Option<&str>) -> Result<(), Error> {
        let mut account = vec![("base_url", client.base_url().to_owned())];
        account.extend(company_id.map(|id| ("company_id", id.to_owned())));
        self.send(Vec::new(), account).await
    }

    fn send(
        &self,
        rows: Vec<(Key, Entry)>,
        account: Vec<(&'static str, String)>,
    ) -> impl Future<Output = Result<(), Error>> + Send + 'static {
        let (written, answer) = oneshot::channel();
        let gone = Error::Ledger { path: self.path.clone(), message: "is closed".to_owned() };
        // Sent now, not when it is awaited: results are written in the order in which they came.
        let sent = self.writer.as_ref().is_some_and(|writer| writer.send(Write { rows, account, written }).is_ok());
        async move { if sent { answer.await.unwrap_or(Err(gone)) } else { Err(gone) } }
    }
}

impl Drop for Ledger {
    /// Waits until all is written and the lock is gone.
    fn drop(&mut self) {
        self.writer = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Commits what it is sent, all that waits in one go, until nobody is left to send.
fn write_all(mut connection: Connection, writes: &mpsc::Receiver<Write>, path: &str) {
    while let Ok(first) = writes.recv() {
        let mut together = vec![first];
        together.extend(writes.try_iter().take(MAX_TOGETHER));
        let result = commit(&mut connection, &together, path);
        for write in together {
            let result = match &result {
                Ok(()) => Ok(()),
                Err(Error::Ledger { path, message }) => {
                    Err(Error::Ledger { path: path.clone(), message: message.clone() })
                }
                Err(_) => Err(Error::LedgerInUse(path.to_owned())),
            };
            // Who does not wait for it does not want to know.
            let _ = write.written.send(result);
        }
    }
}

fn commit(connection: &mut Connection, writes: &[Write], path: &str) -> Result<(), Error> {
    let failure = |error| failure(path, &error);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failure)?;
    {
        let mut put = transaction
            .prepare(
                "INSERT OR REPLACE INTO rows (name, provider_id, state, action, id, code, message, trace_id)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )
            .map_err(failure)?;
        for (key, entry) in writes.iter().flat_map(|write| &write.rows) {
            let Entry { state, action, id, code, message, trace_id } = entry;
            put.execute(params![key.name, key.provider_id, state.as_str(), action, id, code, message, trace_id])
                .map_err(failure)?;
        }
    }
    for (name, value) in writes.iter().flat_map(|write| &write.account) {
        transaction
            .execute("INSERT OR IGNORE INTO account (name, value) VALUES (?1, ?2)", params![name, value])
            .map_err(failure)?;
        let is: String = transaction
            .query_row("SELECT value FROM account WHERE name = ?1", [name], |row| row.get(0))
            .map_err(failure)?;
        if is != *value {
            let message = format!("is of another account ({name} {is}, and this one is {value}): take another ledger");
            return Err(Error::Ledger { path: path.to_owned(), message });
        }
    }
    transaction.commit().map_err(failure)
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
