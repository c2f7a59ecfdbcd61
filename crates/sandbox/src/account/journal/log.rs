//! The log of the last requests.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::account::journal::arrival::{Arrival, ArrivalLog, most_bytes};
use crate::account::journal::entry::Entry;
use crate::account::journal::sent::{Sent, SentLog};
use crate::contract::error_response::ErrorDetails;

/// The last requests.
pub struct Journal {
    limit: usize,
    listener: Option<Listener>,
    started: Instant,
    log: Mutex<Log>,
}

/// Is called with the entry of each request that has ended.
#[derive(Clone)]
pub struct Listener(pub Arc<dyn Fn(&Entry) + Send + Sync>);

/// The handle of a request's entry, or of its arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    id: u64,
    /// How often the journal had been cleared: a late request must not change the entry of another.
    clearings: u64,
}

#[derive(Default)]
pub(super) struct Log {
    pub clearings: u64,
    pub last_id: u64,
    /// The ids have no gaps.
    pub entries: VecDeque<Entry>,
    /// Requests in flight whose entries were dropped, for the listener.
    late: BTreeMap<u64, Entry>,
    /// Size of the entries.
    bytes: usize,
    pub arrivals: ArrivalLog,
    /// The last ids of the entries and arrivals at which the journal of an account was cleared.
    pub cleared: BTreeMap<String, (u64, u64)>,
    /// Separate from the entries, which have no secrets.
    sent: SentLog,
}

/// Maximum number of requests in flight that are kept for the listener alone.
const MOST_LATE: usize = 1_000;

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

impl Ticket {
    /// Returns the id of the entry or the arrival.
    pub fn id(self) -> u64 {
        self.id
    }
}

impl Journal {
    /// Creates a journal of at most this many requests.
    pub fn new(limit: usize, listener: Option<Listener>) -> Self {
        Self { limit, listener, started: Instant::now(), log: Mutex::default() }
    }

    /// Adds a request that has arrived, and sets its id and time.
    pub fn arrived(&self, mut entry: Entry) -> Ticket {
        let mut log = self.log();
        log.last_id += 1;
        entry.id = log.last_id;
        entry.at_ms = self.milliseconds();
        log.bytes += entry.bytes();
        log.entries.push_back(entry);
        while log.entries.len() > self.limit || log.bytes > most_bytes(self.limit) && log.entries.len() > 1 {
            let Some(oldest) = log.entries.pop_front() else { break };
            log.bytes -= oldest.bytes();
            if self.listener.is_some() && oldest.duration_ms.is_none() {
                log.late.insert(oldest.id, oldest);
                // Of a request that a fault would have cut, but whose client left before, nobody learns the end.
                if log.late.len() > MOST_LATE {
                    log.late.pop_first();
                }
            }
        }
        Ticket { id: log.last_id, clearings: log.clearings }
    }

    /// Notes the first byte of a request.
    pub fn first_byte(&self) -> Ticket {
        let mut log = self.log();
        Ticket { id: log.arrivals.add(self.milliseconds(), self.limit), clearings: log.clearings }
    }

    /// Adds to what is known of an arrival.
    pub fn learn(&self, ticket: Ticket, write: impl FnOnce(&mut Arrival)) {
        self.arrivals_of(ticket, |arrivals| arrivals.change(ticket.id, write));
    }

    /// Removes an arrival that was not for the API.
    pub fn forget(&self, ticket: Ticket) {
        self.arrivals_of(ticket, |arrivals| arrivals.remove(ticket.id));
    }

    /// Returns the arrivals, the oldest first.
    pub fn arrivals(&self) -> Vec<Arrival> {
        self.log().arrivals.all()
    }

    /// Changes an entry, if it is still in the journal.
    pub fn note(&self, ticket: Ticket, write: impl FnOnce(&mut Entry)) {
        let mut log = self.log();
        if log.clearings != ticket.clearings {
            return;
        }
        let index = log.index(ticket.id);
        let Log { entries, bytes, late, .. } = &mut *log;
        if let Some(index) = index {
            *bytes -= entries[index].bytes();
            write(&mut entries[index]);
            *bytes += entries[index].bytes();
        } else if let Some(entry) = late.get_mut(&ticket.id) {
            write(entry);
        }
    }

    /// Adds to the content of a request, for the inspector.
    pub fn keep(&self, ticket: Ticket, write: impl FnOnce(&mut Sent)) {
        let mut log = self.log();
        if log.clearings == ticket.clearings {
            log.sent.add(ticket.id, self.limit, write);
        }
    }

    /// Ends a request, with the status of its response if there was one, and the error.
    pub fn end(&self, ticket: Ticket, status: Option<u16>, error: Option<Box<ErrorDetails>>) {
        let now = self.milliseconds();
        let mut is_first = false;
        self.note(ticket, |entry| {
            is_first = entry.duration_ms.is_none();
            entry.error = error;
            entry.status = status;
            entry.duration_ms = Some(((now - entry.at_ms) * 1_000.0).round() / 1_000.0);
        });
        if let Some(Listener(listener)) = self.listener.as_ref().filter(|_| is_first) {
            let entry = {
                let mut log = self.log();
                let kept = log.index(ticket.id).and_then(|index| log.entries.get(index).cloned());
                kept.or_else(|| log.late.remove(&ticket.id)).filter(|_| log.clearings == ticket.clearings)
            };
            entry.inspect(|entry| listener(entry));
        }
    }

    /// Returns the entries, the oldest first.
    pub fn entries(&self) -> Vec<Entry> {
        self.log().entries.iter().cloned().collect()
    }

    /// Returns the size of the entries and arrivals, in bytes.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        let log = self.log();
        log.bytes + log.arrivals.bytes()
    }

    /// Finds a request and its content.
    pub fn find(&self, id: u64) -> Option<(Entry, Sent)> {
        let log = self.log();
        let entry = log.entries.get(log.index(id)?)?;
        Some((entry.clone(), log.sent.get(id).cloned().unwrap_or_default()))
    }

    /// Clears the journal of an account, or all of it. Then ids restart at 1.
    pub fn clear(&self, account: Option<&str>) {
        /// Maximum number of accounts that are remembered.
        const MOST: usize = 1_000;
        let mut log = self.log();
        match account {
            None => *log = Log { clearings: log.clearings + 1, ..Log::default() },
            Some(account) => {
                let last = (log.last_id, log.arrivals.last_id());
                log.cleared.insert(account.to_owned(), last);
                if log.cleared.len() > MOST {
                    log.cleared.pop_first();
                }
            }
        }
    }

    /// Returns the milliseconds since the start, to the microsecond.
    pub fn milliseconds(&self) -> f64 {
        self.started.elapsed().as_micros() as f64 / 1_000.0
    }

    /// Changes the arrivals, if they were not cleared.
    fn arrivals_of<T>(&self, ticket: Ticket, change: impl FnOnce(&mut ArrivalLog) -> T) {
        let mut log = self.log();
        if log.clearings == ticket.clearings {
            change(&mut log.arrivals);
        }
    }

    pub(super) fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    /// Returns the index of the entry with this id.
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
    fn journal_keeps_the_last_requests_and_ignores_changes_of_others() {
        let journal = Journal::new(2, None);
        let tickets = [(); 3].map(|()| journal.arrived(Entry::default()));
        assert_eq!(ids(&journal), [2, 3]);
        for ticket in tickets {
            journal.note(ticket, |entry| entry.status = u16::try_from(entry.id).ok());
        }
        let statuses: Vec<_> = journal.entries().iter().map(|entry| entry.status).collect();
        assert_eq!(statuses, [Some(2), Some(3)]);
    }

    #[test]
    fn texts_have_a_maximum() {
        let journal = Journal::new(10_000, None);
        let long = || Some("x".repeat(4 << 10));
        for _ in 0..10_000 {
            let ticket = journal.arrived(Entry { user_agent: long(), ..Entry::default() });
            journal.note(ticket, |entry| entry.name = long());
            let arrival = journal.first_byte();
            journal.learn(arrival, |it| (it.name, it.path) = (long(), long()));
        }
        // The next ones make room.
        journal.arrived(Entry::default());
        journal.first_byte();
        let (entries, arrivals) = (journal.entries(), journal.arrivals());
        assert!(
            journal.bytes() <= 2 * most_bytes(10_000) && journal.bytes() > most_bytes(10_000),
            "{}",
            journal.bytes()
        );
        assert!(entries.len() > 1_000 && entries.last().is_some_and(|it| it.id == 10_001));
        assert!(arrivals.len() > 1_000 && arrivals.last().is_some_and(|it| it.id == 10_001));
        journal.clear(None);
        assert_eq!(journal.bytes(), 0);
    }

    #[test]
    fn journal_keeps_nothing_when_its_size_is_zero() {
        let journal = Journal::new(0, None);
        let ticket = journal.arrived(Entry::default());
        journal.note(ticket, |_| unreachable!());
        assert!(journal.entries().is_empty());
    }

    #[test]
    fn listener_gets_each_request_once_it_has_ended_even_if_it_is_not_kept() {
        let ended = Arc::new(Mutex::new(Vec::new()));
        let keep = ended.clone();
        let listener = move |entry: &Entry| {
            keep.lock().unwrap_or_else(PoisonError::into_inner).push((entry.id, entry.name.clone(), entry.status));
        };
        let journal = Journal::new(1, Some(Listener(Arc::new(listener))));
        let tickets = [(); 3].map(|()| journal.arrived(Entry::default()));
        for (ticket, status) in tickets.into_iter().zip([200, 201, 202]) {
            journal.note(ticket, |entry| entry.name = Some(entry.id.to_string()));
            journal.end(ticket, Some(status), None);
        }
        let ended = ended.lock().unwrap_or_else(PoisonError::into_inner);
        let expected = [(1, 200), (2, 201), (3, 202)].map(|(id, status)| (id, Some(id.to_string()), Some(status)));
        assert_eq!(*ended, expected);
        assert!(ids(&journal) == [3] && journal.log().late.is_empty());
    }

    #[test]
    fn request_changes_no_entry_when_the_journal_was_cleared() {
        let journal = Journal::new(9, None);
        let old = journal.arrived(Entry::default());
        journal.clear(None);
        let new = journal.arrived(Entry::default());
        assert_eq!((old.id, new.id), (1, 1));
        journal.note(old, |entry| entry.committed = true);
        assert!(!journal.entries()[0].committed);
        journal.note(new, |entry| entry.committed = true);
        assert!(journal.entries()[0].committed);
    }
}
