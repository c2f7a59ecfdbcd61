//! All that is in the journal, a part at a time.

use crate::account::journal::arrival::Arrival;
use crate::account::journal::entry::Entry;
use crate::account::journal::log::Journal;

/// Maximum number of entries or arrivals of a part.
const PART: usize = 32;

/// The position of a reader, who reads what was there when it began.
pub struct Reading {
    clearings: u64,
    /// None for all accounts.
    account: Option<String>,
    after: u64,
    last: u64,
}

impl Reading {
    fn has(&self, account: Option<&String>) -> bool {
        self.account.is_none() || self.account.as_ref() == account
    }
}

impl Journal {
    /// Begins to read the entries of an account, or all.
    pub fn begin_entries(&self, account: Option<&str>) -> Reading {
        let log = self.log();
        let after = account.and_then(|account| log.cleared.get(account)).map_or(0, |(entry, _)| *entry);
        Reading { clearings: log.clearings, account: account.map(str::to_owned), after, last: log.last_id }
    }

    /// Begins to read the arrivals of an account, or all.
    pub fn begin_arrivals(&self, account: Option<&str>) -> Reading {
        let log = self.log();
        let after = account.and_then(|account| log.cleared.get(account)).map_or(0, |(_, arrival)| *arrival);
        let last = log.arrivals.last_id();
        Reading { clearings: log.clearings, account: account.map(str::to_owned), after, last }
    }

    /// Returns the next entries, the oldest first. Returns none after the last, and once the journal was cleared.
    pub fn next_entries(&self, reading: &mut Reading) -> Option<Vec<Entry>> {
        let log = self.log();
        if log.clearings != reading.clearings {
            return None;
        }
        // The ids have no gaps.
        let first = log.entries.front()?.id;
        let start = usize::try_from((reading.after + 1).saturating_sub(first)).ok()?;
        let part = log.entries.iter().skip(start).take_while(|entry| entry.id <= reading.last);
        let part = part.filter(|entry| reading.has(entry.account.as_ref())).take(PART);
        let part: Vec<_> = part.cloned().collect();
        reading.after = part.last()?.id;
        Some(part)
    }

    /// Returns the next arrivals, as [`next_entries`](Self::next_entries) does.
    pub fn next_arrivals(&self, reading: &mut Reading) -> Option<Vec<Arrival>> {
        let log = self.log();
        if log.clearings != reading.clearings {
            return None;
        }
        let part = log.arrivals.between(reading.after, reading.last).filter(|it| reading.has(it.account.as_ref()));
        let part: Vec<_> = part.take(PART).cloned().collect();
        reading.after = part.last()?.id;
        Some(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(journal: &Journal, reading: &mut Reading) -> Vec<u64> {
        std::iter::from_fn(|| journal.next_entries(reading)).flatten().map(|entry| entry.id).collect()
    }

    fn arrivals(journal: &Journal, reading: &mut Reading) -> Vec<u64> {
        std::iter::from_fn(|| journal.next_arrivals(reading)).flatten().map(|arrival| arrival.id).collect()
    }

    #[test]
    fn what_was_there_is_read_once_while_more_comes_and_old_goes() {
        let journal = Journal::new(100, None);
        let add = |count: usize| {
            (0..count).for_each(|_| {
                journal.arrived(Entry::default());
                journal.first_byte();
            });
        };
        let (mut of_entries, mut of_arrivals) = (journal.begin_entries(None), journal.begin_arrivals(None));
        add(1);
        assert!(entries(&journal, &mut of_entries).is_empty() && arrivals(&journal, &mut of_arrivals).is_empty());
        add(89);
        let (mut of_entries, mut of_arrivals) = (journal.begin_entries(None), journal.begin_arrivals(None));
        assert_eq!(journal.next_entries(&mut of_entries).map(|part| part.len()), Some(PART));
        assert_eq!(journal.next_arrivals(&mut of_arrivals).map(|part| part.len()), Some(PART));
        add(60);
        // The first 50 are dropped by now.
        assert_eq!(entries(&journal, &mut of_entries), (51..=90).collect::<Vec<_>>());
        assert_eq!(arrivals(&journal, &mut of_arrivals), (51..=90).collect::<Vec<_>>());
    }

    #[test]
    fn reading_ends_when_the_journal_is_cleared() {
        let journal = Journal::new(100, None);
        (0..50).for_each(|_| _ = journal.arrived(Entry::default()));
        let mut reading = journal.begin_entries(None);
        assert!(journal.next_entries(&mut reading).is_some());
        journal.clear(None);
        (0..50).for_each(|_| _ = journal.arrived(Entry::default()));
        assert!(journal.next_entries(&mut reading).is_none());
    }
}
