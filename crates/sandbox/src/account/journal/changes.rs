//! What has happened since somebody last looked.

use crate::account::journal::entry::Entry;
use crate::account::journal::log::Journal;

/// How far somebody has looked. The default has seen nothing.
#[derive(Default)]
pub struct Cursor {
    /// None before the first look.
    clearings: Option<u64>,
    last_id: u64,
    /// Requests that were told before they were over, with what was known of them.
    open: Vec<(u64, Known)>,
}

/// What there is to tell.
#[derive(Default)]
pub struct News {
    /// Whether all that was told before is to be forgotten.
    pub anew: bool,
    /// Requests that were told before, and of which more is known now; then new ones.
    pub entries: Vec<Entry>,
    /// How many new requests came before those: they were too many.
    pub left_out: u64,
    /// How many requests have come since the journal was cleared.
    pub total: u64,
}

/// What becomes known of a request while it is in flight.
type Known = (bool, bool, bool);

/// More than can be in flight for people to watch. The first of more than that stay as they were told.
const MOST_OPEN: usize = 1_000;

impl Journal {
    /// What has happened since, with at most so many new requests: the last.
    ///
    /// Whoever wants to know asks: requests do nothing for it.
    pub fn news(&self, cursor: &mut Cursor, most: usize) -> News {
        let log = self.log();
        let mut news = News { total: log.last_id, ..News::default() };
        if cursor.clearings != Some(log.clearings) {
            *cursor = Cursor { clearings: Some(log.clearings), ..Cursor::default() };
            news.anew = true;
        }
        cursor.open.retain_mut(|(id, known)| {
            let Some(entry) = log.index(*id).map(|index| &log.entries[index]) else { return false };
            if *known != self::known(entry) || entry.duration_ms.is_some() {
                *known = self::known(entry);
                news.entries.push(entry.clone());
            }
            entry.duration_ms.is_none()
        });
        let new = log.last_id - cursor.last_id;
        let told = usize::try_from(new).unwrap_or(usize::MAX).min(most).min(log.entries.len());
        for entry in log.entries.range(log.entries.len() - told..) {
            if entry.duration_ms.is_none() {
                cursor.open.push((entry.id, known(entry)));
            }
            news.entries.push(entry.clone());
        }
        news.left_out = new - told as u64;
        cursor.last_id = log.last_id;
        let too_many = cursor.open.len().saturating_sub(MOST_OPEN);
        cursor.open.drain(..too_many);
        news
    }
}

fn known(entry: &Entry) -> Known {
    (entry.name.is_some(), entry.committed, entry.fault.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether all is anew, the ids, and how many were left out.
    fn told(journal: &Journal, cursor: &mut Cursor, most: usize) -> (bool, Vec<u64>, u64) {
        let news = journal.news(cursor, most);
        (news.anew, news.entries.iter().map(|entry| entry.id).collect(), news.left_out)
    }

    #[test]
    fn each_request_is_told_when_it_comes_when_more_is_known_and_when_it_is_over() {
        let (journal, mut cursor) = (Journal::new(9), Cursor::default());
        let mut look = |journal: &Journal| told(journal, &mut cursor, 9);
        assert_eq!(look(&journal), (true, vec![], 0));
        let first = journal.arrived(Entry::default());
        let second = journal.arrived(Entry::default());
        assert_eq!(look(&journal), (false, vec![1, 2], 0));
        assert_eq!(look(&journal), (false, vec![], 0));
        journal.note(first, |entry| entry.fault = Some("hang"));
        assert_eq!(look(&journal), (false, vec![1], 0));
        journal.over(second, Some(201), None);
        let third = journal.arrived(Entry::default());
        journal.over(third, None, None);
        assert_eq!(look(&journal), (false, vec![2, 3], 0));
        journal.over(first, None, None);
        assert_eq!(look(&journal), (false, vec![1], 0));
        assert_eq!(look(&journal), (false, vec![], 0));
    }

    #[test]
    fn too_many_are_left_out_and_counted() {
        let (journal, mut cursor) = (Journal::new(4), Cursor::default());
        let arrive = |count: u64| (0..count).for_each(|_| _ = journal.arrived(Entry::default()));
        arrive(3);
        assert_eq!(told(&journal, &mut cursor, 2), (true, vec![2, 3], 1));
        // More than the journal keeps.
        arrive(10);
        assert_eq!(told(&journal, &mut cursor, 9), (false, vec![10, 11, 12, 13], 6));
        arrive(1);
        assert_eq!(told(&journal, &mut cursor, 0), (false, vec![], 1));
        assert_eq!(journal.news(&mut cursor, 9).total, 14);
        let nothing = Journal::new(0);
        nothing.arrived(Entry::default());
        assert_eq!(told(&nothing, &mut Cursor::default(), 9), (true, vec![], 1));
    }

    #[test]
    fn after_a_clearing_all_begins_anew() {
        let (journal, mut cursor) = (Journal::new(9), Cursor::default());
        let old = journal.arrived(Entry::default());
        assert_eq!(told(&journal, &mut cursor, 9), (true, vec![1], 0));
        journal.clear();
        journal.over(old, Some(201), None);
        assert_eq!(told(&journal, &mut cursor, 9), (true, vec![], 0));
        journal.arrived(Entry::default());
        assert_eq!(told(&journal, &mut cursor, 9), (false, vec![1], 0));
    }

    #[test]
    fn what_is_watched_has_a_bound() {
        let (journal, mut cursor) = (Journal::new(10_000), Cursor::default());
        (0..5_000).for_each(|_| _ = journal.arrived(Entry::default()));
        journal.news(&mut cursor, 5_000);
        assert_eq!(cursor.open.len(), MOST_OPEN);
    }
}
