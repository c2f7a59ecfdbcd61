//! The last requests, and what became of each.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::account::journal::entry::Entry;
use crate::account::journal::sent::{Kept, Sent};
use crate::contract::error_response::ErrorDetails;

/// The last requests.
pub struct Journal {
    limit: usize,
    started: Instant,
    log: Mutex<Log>,
}

/// Where to write what becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    id: u64,
    /// How often the journal had been cleared: a late request must not write into the entry of another.
    clearings: u64,
}

#[derive(Default)]
pub(super) struct Log {
    pub clearings: u64,
    pub last_id: u64,
    /// Their ids have no gaps.
    pub entries: VecDeque<Entry>,
    /// Apart from the entries, since these have no secret.
    sent: Kept,
}

impl Journal {
    /// Keeps at most this many.
    pub fn new(limit: usize) -> Self {
        Self { limit, started: Instant::now(), log: Mutex::default() }
    }

    /// A request has arrived. Its id and time are written here.
    pub fn arrived(&self, mut entry: Entry) -> Ticket {
        let mut log = self.log();
        log.last_id += 1;
        entry.id = log.last_id;
        entry.at_ms = self.milliseconds();
        if log.entries.len() >= self.limit {
            log.entries.pop_front();
        }
        if self.limit > 0 {
            log.entries.push_back(entry);
        }
        Ticket { id: log.last_id, clearings: log.clearings }
    }

    /// Writes what has become known of a request, if it is still kept.
    pub fn note(&self, ticket: Ticket, write: impl FnOnce(&mut Entry)) {
        let mut log = self.log();
        if log.clearings == ticket.clearings
            && let Some(index) = log.index(ticket.id)
        {
            write(&mut log.entries[index]);
        }
    }

    /// Keeps what a request brought, for the inspector.
    pub fn keep(&self, ticket: Ticket, write: impl FnOnce(&mut Sent)) {
        let mut log = self.log();
        if log.clearings == ticket.clearings {
            log.sent.add(ticket.id, self.limit, write);
        }
    }

    /// A request is over, with the status of its answer if there was one, and what that told.
    pub fn over(&self, ticket: Ticket, status: Option<u16>, told: Option<Box<ErrorDetails>>) {
        let now = self.milliseconds();
        self.note(ticket, |entry| {
            entry.told = told;
            entry.status = status;
            entry.duration_ms = Some(((now - entry.at_ms) * 1_000.0).round() / 1_000.0);
        });
    }

    pub fn entries(&self) -> Vec<Entry> {
        self.log().entries.iter().cloned().collect()
    }

    /// One request, and what it brought, if it is still kept.
    pub fn find(&self, id: u64) -> Option<(Entry, Sent)> {
        let log = self.log();
        let entry = log.entries.get(log.index(id)?)?;
        Some((entry.clone(), log.sent.get(id).cloned().unwrap_or_default()))
    }

    /// Forgets all. Ids begin anew.
    pub fn clear(&self) {
        let mut log = self.log();
        *log = Log { clearings: log.clearings + 1, ..Log::default() };
    }

    /// Since the start, to the microsecond.
    pub fn milliseconds(&self) -> f64 {
        self.started.elapsed().as_micros() as f64 / 1_000.0
    }

    pub(super) fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    /// Where the entry with this id is.
    pub fn index(&self, id: u64) -> Option<usize> {
        let first = self.entries.front()?.id;
        let index = usize::try_from(id.checked_sub(first)?).ok()?;
        (index < self.entries.len()).then_some(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(journal: &Journal) -> Vec<u64> {
        journal.entries().iter().map(|entry| entry.id).collect()
    }

    #[test]
    fn the_last_are_kept_and_notes_on_others_are_dropped() {
        let journal = Journal::new(2);
        let tickets = [(); 3].map(|()| journal.arrived(Entry::default()));
        assert_eq!(ids(&journal), [2, 3]);
        for ticket in tickets {
            journal.note(ticket, |entry| entry.status = u16::try_from(entry.id).ok());
        }
        let statuses: Vec<_> = journal.entries().iter().map(|entry| entry.status).collect();
        assert_eq!(statuses, [Some(2), Some(3)]);
    }

    #[test]
    fn a_journal_of_none_keeps_none() {
        let journal = Journal::new(0);
        let ticket = journal.arrived(Entry::default());
        journal.note(ticket, |_| unreachable!());
        assert!(journal.entries().is_empty());
    }

    #[test]
    fn a_request_from_before_a_clearing_writes_nothing_after_it() {
        let journal = Journal::new(9);
        let old = journal.arrived(Entry::default());
        journal.clear();
        let new = journal.arrived(Entry::default());
        assert_eq!((old.id, new.id), (1, 1));
        journal.note(old, |entry| entry.committed = true);
        assert!(!journal.entries()[0].committed);
        journal.note(new, |entry| entry.committed = true);
        assert!(journal.entries()[0].committed);
    }
}
