//! The changes of the journal since a reader last read it.

use crate::account::journal::entry::Entry;
use crate::account::journal::log::Journal;

/// The position of a reader. The default has read nothing.
#[derive(Default)]
pub struct Cursor {
    /// None before the first reading.
    clearings: Option<u64>,
    last_id: u64,
    /// Requests that were read before they ended, with what was known of them.
    open: Vec<(u64, Known)>,
}

/// The changes since the last reading.
#[derive(Default)]
pub struct Changes {
    /// Whether the journal was cleared: what was read before is gone.
    pub cleared: bool,
    /// Requests that were read before, and have changed; then new ones.
    pub entries: Vec<Entry>,
    /// Number of older new requests that are left out.
    pub left_out: u64,
    /// Number of requests since the journal was cleared.
    pub total: u64,
}

/// The facts that become known while a request is in flight: name, effect, fault.
type Known = (bool, bool, bool);

/// Maximum number of requests in flight that are watched for changes, more than people can follow.
const MOST_OPEN: usize = 1_000;

impl Journal {
    /// Returns the changes since the cursor, with at most `most` new requests, the last ones.
    ///
    /// Readers poll, so that requests have no work with them.
    pub fn changes(&self, cursor: &mut Cursor, most: usize) -> Changes {
        let log = self.log();
        let mut changes = Changes { total: log.last_id, ..Changes::default() };
        if cursor.clearings != Some(log.clearings) {
            *cursor = Cursor { clearings: Some(log.clearings), ..Cursor::default() };
            changes.cleared = true;
        }
        cursor.open.retain_mut(|(id, known)| {
            let Some(entry) = log.index(*id).map(|index| &log.entries[index]) else { return false };
            if *known != self::known(entry) || entry.duration_ms.is_some() {
                *known = self::known(entry);
                changes.entries.push(entry.clone());
            }
            entry.duration_ms.is_none()
        });
        let new = log.last_id - cursor.last_id;
        let shown = usize::try_from(new).unwrap_or(usize::MAX).min(most).min(log.entries.len());
        for entry in log.entries.range(log.entries.len() - shown..) {
            if entry.duration_ms.is_none() {
                cursor.open.push((entry.id, known(entry)));
            }
            changes.entries.push(entry.clone());
        }
        changes.left_out = new - shown as u64;
        cursor.last_id = log.last_id;
        let too_many = cursor.open.len().saturating_sub(MOST_OPEN);
        cursor.open.drain(..too_many);
        changes
    }
}

fn known(entry: &Entry) -> Known {
    (entry.name.is_some(), entry.committed, entry.fault.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns whether the journal was cleared, the ids, and how many were left out.
    fn read(journal: &Journal, cursor: &mut Cursor, most: usize) -> (bool, Vec<u64>, u64) {
        let changes = journal.changes(cursor, most);
        (changes.cleared, changes.entries.iter().map(|entry| entry.id).collect(), changes.left_out)
    }

    #[test]
    fn request_is_read_when_it_arrives_changes_and_ends() {
        let (journal, mut cursor) = (Journal::new(9, None), Cursor::default());
        let mut look = |journal: &Journal| read(journal, &mut cursor, 9);
        assert_eq!(look(&journal), (true, vec![], 0));
        let first = journal.arrived(Entry::default());
        let second = journal.arrived(Entry::default());
        assert_eq!(look(&journal), (false, vec![1, 2], 0));
        assert_eq!(look(&journal), (false, vec![], 0));
        journal.note(first, |entry| entry.fault = Some("hang"));
        assert_eq!(look(&journal), (false, vec![1], 0));
        journal.end(second, Some(201), None);
        let third = journal.arrived(Entry::default());
        journal.end(third, None, None);
        assert_eq!(look(&journal), (false, vec![2, 3], 0));
        journal.end(first, None, None);
        assert_eq!(look(&journal), (false, vec![1], 0));
        assert_eq!(look(&journal), (false, vec![], 0));
    }

    #[test]
    fn requests_are_left_out_and_counted_when_too_many() {
        let (journal, mut cursor) = (Journal::new(4, None), Cursor::default());
        let arrive = |count: u64| (0..count).for_each(|_| _ = journal.arrived(Entry::default()));
        arrive(3);
        assert_eq!(read(&journal, &mut cursor, 2), (true, vec![2, 3], 1));
        // More than the journal keeps.
        arrive(10);
        assert_eq!(read(&journal, &mut cursor, 9), (false, vec![10, 11, 12, 13], 6));
        arrive(1);
        assert_eq!(read(&journal, &mut cursor, 0), (false, vec![], 1));
        assert_eq!(journal.changes(&mut cursor, 9).total, 14);
        let nothing = Journal::new(0, None);
        nothing.arrived(Entry::default());
        assert_eq!(read(&nothing, &mut Cursor::default(), 9), (true, vec![], 1));
    }

    #[test]
    fn changes_restart_when_cleared() {
        let (journal, mut cursor) = (Journal::new(9, None), Cursor::default());
        let old = journal.arrived(Entry::default());
        assert_eq!(read(&journal, &mut cursor, 9), (true, vec![1], 0));
        journal.clear(None);
        journal.end(old, Some(201), None);
        assert_eq!(read(&journal, &mut cursor, 9), (true, vec![], 0));
        journal.arrived(Entry::default());
        assert_eq!(read(&journal, &mut cursor, 9), (false, vec![1], 0));
    }

    #[test]
    fn watched_requests_have_a_maximum() {
        let (journal, mut cursor) = (Journal::new(10_000, None), Cursor::default());
        (0..5_000).for_each(|_| _ = journal.arrived(Entry::default()));
        journal.changes(&mut cursor, 5_000);
        assert_eq!(cursor.open.len(), MOST_OPEN);
    }
}
