//! The account's integrations.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use serde::Deserialize;
use serde_json::Value;

use crate::account::integration::{Created, Integration, NewIntegration};
use crate::contract::document::InvalidDocument;

/// Creates integrations, and keeps the last ones. Fields that a request lacks come from the example response of its
/// provider.
pub struct Store {
    first_id: u64,
    company_id: String,
    samples: HashMap<String, Sample>,
    stored: Mutex<Stored>,
}

/// Maximum number of integrations, so that the memory of a flooded server is limited: they take about 100 MB.
const MOST_KEPT: usize = 100_000;
/// Maximum size of the texts of all integrations, in bytes.
const MOST_BYTES: usize = 32 << 20;

struct Stored {
    next_id: u64,
    /// Counts the changes, also possible ones.
    changes: u64,
    /// The ids have no gaps.
    kept: VecDeque<Arc<Integration>>,
    /// Size of their texts.
    bytes: usize,
}

/// The fields of an example response that the server decides, not the request.
#[derive(Deserialize)]
struct Sample {
    id: String,
    company_id: String,
    #[serde(rename = "type")]
    kind: String,
    provider_id: String,
}

impl Store {
    /// Reads the example responses of a create. Ids start with theirs.
    pub fn new<'a>(examples: impl Iterator<Item = &'a Value>) -> Result<Self, InvalidDocument> {
        let samples = examples.map(Sample::deserialize).collect::<Result<Vec<_>, _>>();
        let samples = samples.map_err(|e| InvalidDocument(format!("an example response of a create: {e}")))?;
        let first_id = samples.iter().filter_map(|sample| sample.id.parse().ok()).min().unwrap_or(1);
        Ok(Self {
            first_id,
            company_id: samples.first().map(|sample| sample.company_id.clone()).unwrap_or_default(),
            samples: samples.into_iter().map(|sample| (sample.provider_id.clone(), sample)).collect(),
            stored: Mutex::new(Stored::new(first_id)),
        })
    }

    /// Creates an integration, and returns it with the number of older ones that were dropped for it. Returns none when the
    /// provider has no example.
    pub fn create(&self, new: NewIntegration) -> Option<(Arc<Integration>, u64)> {
        let sample = self.samples.get(&new.provider_id)?;
        let integration = |id: u64| Integration {
            id: id.to_string(),
            company_id: sample.company_id.clone(),
            name: new.name,
            kind: sample.kind.clone(),
            provider_id: new.provider_id,
            settings: new.settings,
            status: new.status.unwrap_or_else(|| "active".to_owned()),
            is_default: false,
            create_time: SystemTime::now(),
            tested: false,
        };
        Some(self.stored().put(integration))
    }

    /// Returns the id of the account.
    pub fn company_id(&self) -> &str {
        &self.company_id
    }

    /// Returns a snapshot of all integrations, from first to last.
    pub fn all(&self) -> Vec<Arc<Integration>> {
        self.stored().kept.iter().cloned().collect()
    }

    /// Returns whether an integration with this id was dropped, and its bound.
    pub fn was_dropped(&self, id: &str) -> Option<String> {
        let first = self.stored().kept.front()?.id.parse().ok()?;
        let is_older = (self.first_id..first).contains(&id.parse().ok()?);
        is_older.then(|| {
            let most = MOST_BYTES >> 20;
            format!("the sandbox has dropped this integration: it keeps the last {MOST_KEPT}, of at most {most} MiB in total")
        })
    }

    /// Returns the size of the texts of all integrations, in bytes.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        self.stored().bytes
    }

    pub fn get(&self, id: &str) -> Option<Arc<Integration>> {
        self.stored().find(id).cloned()
    }

    /// Changes an integration, and returns the result of `change`. Snapshots do not change.
    pub fn update<T>(&self, id: &str, change: impl FnOnce(&mut Integration) -> T) -> Option<T> {
        let mut stored = self.stored();
        stored.changes += 1;
        let found = stored.find(id)?;
        let before = found.bytes();
        let result = change(Arc::make_mut(found));
        let after = found.bytes();
        stored.bytes = stored.bytes + after - before;
        stored.drop_oldest();
        Some(result)
    }

    /// Returns the public data of all integrations, from first to last.
    pub fn created(&self) -> Vec<Created> {
        self.all().iter().map(|it| Created::from(&**it)).collect()
    }

    /// Returns the public data of the next integrations from this id, which it moves on. Returns none after the last.
    pub fn created_from(&self, next: &mut u64) -> Option<Vec<Created>> {
        const PART: usize = 32;
        let stored = self.stored();
        let first: u64 = stored.kept.front()?.id.parse().ok()?;
        let start = usize::try_from(next.saturating_sub(first)).ok()?;
        let part: Vec<_> = stored.kept.iter().skip(start).take(PART).map(|it| Created::from(&**it)).collect();
        *next = part.last()?.id.parse::<u64>().ok()? + 1;
        Some(part)
    }

    /// Returns the number of integrations, and the last `most` of them, the newest first. Returns none when nothing has
    /// changed since `seen`.
    pub fn changes(&self, seen: &mut Option<u64>, most: usize) -> Option<(usize, Vec<Arc<Integration>>)> {
        let stored = self.stored();
        if *seen == Some(stored.changes) {
            return None;
        }
        *seen = Some(stored.changes);
        Some((stored.kept.len(), stored.kept.iter().rev().take(most).cloned().collect()))
    }

    /// Clears the store. Ids restart.
    pub fn clear(&self) {
        let mut stored = self.stored();
        *stored = Stored { changes: stored.changes + 1, ..Stored::new(self.first_id) };
    }

    fn stored(&self) -> MutexGuard<'_, Stored> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stored {
    fn new(next_id: u64) -> Self {
        Self { next_id, changes: 0, kept: VecDeque::new(), bytes: 0 }
    }

    fn find(&mut self, id: &str) -> Option<&mut Arc<Integration>> {
        let first: u64 = self.kept.front()?.id.parse().ok()?;
        let index = id.parse::<u64>().ok()?.checked_sub(first)?;
        // Not found by number only: `007` is not an id.
        self.kept.get_mut(usize::try_from(index).ok()?).filter(|it| it.id == id)
    }

    /// Adds an integration, and returns it with the number of others that were dropped.
    fn put(&mut self, make: impl FnOnce(u64) -> Integration) -> (Arc<Integration>, u64) {
        let made = Arc::new(make(self.next_id));
        self.next_id += 1;
        self.changes += 1;
        self.bytes += made.bytes();
        self.kept.push_back(made.clone());
        (made, self.drop_oldest())
    }

    /// Drops the oldest integrations above the maximum, and returns their number.
    fn drop_oldest(&mut self) -> u64 {
        let mut dropped = 0;
        while self.kept.len() > MOST_KEPT || self.bytes > MOST_BYTES && self.kept.len() > 1 {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.bytes -= oldest.bytes();
            dropped += 1;
        }
        dropped
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn new(provider_id: &str) -> NewIntegration {
        NewIntegration {
            name: "n".into(),
            provider_id: provider_id.into(),
            settings: json!({ "a": "b" }),
            status: None,
        }
    }

    fn store() -> Store {
        let examples = [
            json!({ "id": "7", "company_id": "5", "type": "owl", "provider_id": "one" }),
            json!({ "id": "7", "company_id": "5", "type": "pigeon", "provider_id": "two" }),
        ];
        Store::new(examples.iter()).unwrap()
    }

    #[test]
    fn ids_grow_by_one_and_the_type_is_that_of_the_provider() {
        let store = store();
        let ids_and_types = ["one", "two", "one"].map(|provider| {
            let created = store.create(new(provider)).unwrap().0;
            (created.id.clone(), created.kind.clone())
        });
        assert_eq!(
            ids_and_types,
            [("7", "owl"), ("8", "pigeon"), ("9", "owl")].map(|(id, kind)| (id.into(), kind.into()))
        );
    }

    #[test]
    fn create_takes_no_id_when_the_provider_has_no_example() {
        let store = store();
        assert!(store.create(new("three")).is_none());
        assert_eq!(store.create(new("one")).unwrap().0.id, "7");
    }

    #[test]
    fn integrations_are_kept_until_cleared() {
        let store = store();
        let made = ["one", "two"].map(|provider| store.create(new(provider)).unwrap().0);
        let ids: Vec<_> = store.created().into_iter().map(|created| created.id).collect();
        assert_eq!(ids, [made[0].id.clone(), made[1].id.clone()]);
        store.clear();
        assert!(store.created().is_empty() && store.get("7").is_none());
        assert_eq!(store.create(new("one")).unwrap().0.id, "7");
    }

    #[test]
    fn store_has_a_maximum() {
        let mut stored = Stored::new(1);
        let (example, _) = store().create(new("one")).unwrap();
        stored.bytes = example.bytes() * MOST_KEPT;
        stored.kept.extend(std::iter::repeat_n(example, MOST_KEPT));
        let (other, _) = store().create(new("two")).unwrap();
        assert_eq!(stored.put(|_| Arc::into_inner(other).unwrap_or_else(|| unreachable!())).1, 1);
        assert_eq!((stored.kept.len(), stored.kept.back().unwrap().kind.as_str()), (MOST_KEPT, "pigeon"));
    }

    #[test]
    fn texts_have_a_maximum_also_when_updated() {
        let store = store();
        let large = || NewIntegration { name: "x".repeat(1 << 20), ..new("one") };
        let dropped: u64 = (0..150).map(|_| store.create(large()).unwrap().1).sum();
        assert_eq!(store.all().len() as u64, 150 - dropped);
        assert!(store.bytes() <= MOST_BYTES && store.bytes() > MOST_BYTES - (2 << 20), "{}", store.bytes());
        let (first, last) = (store.all()[0].id.clone(), store.all().last().unwrap().id.clone());
        assert!(store.was_dropped(&first).is_none() && store.was_dropped(&last).is_none());
        store.update(&last, |it| it.name = "x".repeat(2 << 20)).unwrap();
        assert!(store.bytes() <= MOST_BYTES);
        for id in ["7", &first] {
            assert!(store.get(id).is_none() && store.was_dropped(id).unwrap().contains("32 MiB"), "{id}");
        }
        for never in ["1", "6", "157", "999", "x"] {
            assert!(store.was_dropped(never).is_none(), "{never}");
        }
        store.clear();
        assert_eq!((store.bytes(), store.was_dropped("7")), (0, None));
    }

    #[test]
    fn integration_is_found_only_by_its_exact_id() {
        let store = store();
        assert!(store.get("7").is_none());
        for provider in ["one", "two"] {
            store.create(new(provider)).unwrap();
        }
        assert_eq!((store.get("7").unwrap().kind.as_str(), store.get("8").unwrap().kind.as_str()), ("owl", "pigeon"));
        for other in ["", "6", "9", "07", "+7", "-7", "7 ", "7\n", "x", "18446744073709551615", "99999999999999999999"]
        {
            assert!(store.get(other).is_none(), "{other:?}");
            assert!(store.update(other, |_| ()).is_none(), "{other:?}");
        }
    }

    #[test]
    fn integration_is_found_when_the_first_were_dropped() {
        let mut stored = Stored::new(1);
        for _ in 0..MOST_KEPT + 3 {
            stored.put(|id| Integration::example(id, "n"));
        }
        assert!(stored.find("3").is_none());
        for id in ["4", "100003"] {
            assert_eq!(stored.find(id).unwrap().id, id);
        }
    }

    #[test]
    fn update_does_not_change_snapshots() {
        let store = store();
        let (before, _) = store.create(new("one")).unwrap();
        let given = store.update("7", |it| std::mem::replace(&mut it.name, "m".into()));
        assert_eq!(given.as_deref(), Some("n"));
        assert_eq!((before.name.as_str(), store.get("7").unwrap().name.as_str()), ("n", "m"));
        assert_eq!(store.created()[0].name, "m");
    }

    #[test]
    fn changes_are_returned_once_the_newest_first() {
        let (store, mut seen) = (store(), None);
        let changes = |seen: &mut Option<u64>| {
            let (total, last) = store.changes(seen, 2)?;
            Some((total, last.iter().map(|it| it.name.clone()).collect::<Vec<_>>()))
        };
        assert_eq!(changes(&mut seen), Some((0, Vec::new())));
        for name in ["a", "b", "c"] {
            store.create(NewIntegration { name: name.into(), ..new("one") }).unwrap();
        }
        assert_eq!(changes(&mut seen), Some((3, vec!["c".into(), "b".into()])));
        assert_eq!(changes(&mut seen), None);
        store.update("9", |it| it.name = "d".into());
        assert_eq!(changes(&mut seen), Some((3, vec!["d".into(), "b".into()])));
        store.clear();
        assert_eq!(changes(&mut seen), Some((0, Vec::new())));
    }

    #[test]
    fn start_fails_when_an_example_lacks_a_field() {
        let error = Store::new([json!({ "id": "7" })].iter()).err().unwrap();
        assert!(error.0.contains("company_id"), "{}", error.0);
    }
}
