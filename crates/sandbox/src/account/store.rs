//! The integrations of all accounts.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use serde::Deserialize;
use serde_json::Value;

use crate::account::integration::{Created, Integration, NewIntegration};
use crate::contract::document::InvalidDocument;

/// Creates integrations, and keeps the last ones. Fields that a request lacks come from the example response of its
/// provider. An account is a `company_id`, and none stands for all.
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
    kept: BTreeMap<u64, Arc<Integration>>,
    /// All ids below it were dropped, or removed.
    dropped_below: u64,
    /// Size of their texts.
    bytes: usize,
    /// What a file of the state lacks. None where there is no such file.
    unsaved: Option<Unsaved>,
}

/// What has changed since it was last taken.
pub enum Unsaved {
    /// All may have.
    All,
    /// These ids, perhaps more than once.
    Some(Vec<u64>),
}

/// Changes to write to a file, with the next id.
pub struct Changes {
    pub is_all: bool,
    pub integrations: Vec<Arc<Integration>>,
    pub next_id: u64,
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
    pub fn create(&self, account: &str, new: NewIntegration) -> Option<(Arc<Integration>, u64)> {
        let sample = self.samples.get(&new.provider_id)?;
        let integration = |id: u64| Integration {
            id: id.to_string(),
            company_id: account.to_owned(),
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

    /// Returns the id of the account, unless there are several.
    pub fn company_id(&self) -> &str {
        &self.company_id
    }

    /// Returns whether integrations of this provider can be created.
    pub fn knows(&self, provider_id: &str) -> bool {
        self.samples.contains_key(provider_id)
    }

    /// Returns a snapshot of an account's integrations, from first to last.
    pub fn all(&self, account: Option<&str>) -> Vec<Arc<Integration>> {
        self.stored().kept.values().filter(|it| is_of(it, account)).cloned().collect()
    }

    /// Returns what has changed since the last call, and after the first call or `all` everything.
    pub fn take_unsaved(&self, all: bool) -> Changes {
        let mut stored = self.stored();
        let unsaved = stored.unsaved.replace(Unsaved::Some(Vec::new()));
        let integrations = match unsaved {
            Some(Unsaved::Some(ids)) if !all => ids.iter().filter_map(|id| stored.kept.get(id).cloned()).collect(),
            _ => {
                let integrations = stored.kept.values().cloned().collect();
                return Changes { is_all: true, integrations, next_id: stored.next_id };
            }
        };
        Changes { is_all: false, integrations, next_id: stored.next_id }
    }

    /// Lets everything be written the next time, after a writing has failed.
    pub fn keep_unsaved(&self) {
        self.stored().unsaved = Some(Unsaved::All);
    }

    /// Puts integrations of an earlier sandbox in place of all. Their ids are numbers, and below the next one.
    pub fn restore(&self, integrations: impl IntoIterator<Item = (u64, Integration)>, next_id: u64) {
        let mut stored = self.stored();
        *stored = Stored { changes: stored.changes + 1, ..Stored::new(next_id.max(self.first_id)) };
        stored.kept = integrations.into_iter().map(|(id, it)| (id, Arc::new(it))).collect();
        stored.bytes = stored.kept.values().map(|it| it.bytes()).sum();
        stored.dropped_below = self.first_id;
        stored.drop_oldest();
    }

    /// Returns whether an integration with this id was dropped, and its bound.
    pub fn was_dropped(&self, id: &str) -> Option<String> {
        let is_older = (self.first_id..self.stored().dropped_below).contains(&id.parse().ok()?);
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

    pub fn get(&self, account: &str, id: &str) -> Option<Arc<Integration>> {
        self.stored().find(account, id).cloned()
    }

    /// Changes an integration, and returns the result of `change`. Snapshots do not change.
    pub fn update<T>(&self, account: &str, id: &str, change: impl FnOnce(&mut Integration) -> T) -> Option<T> {
        let mut stored = self.stored();
        stored.changes += 1;
        let found = stored.find(account, id)?;
        let before = found.bytes();
        let result = change(Arc::make_mut(found));
        let after = found.bytes();
        stored.note_unsaved(id.parse().ok()?);
        stored.bytes = stored.bytes + after - before;
        stored.drop_oldest();
        Some(result)
    }

    /// Returns the public data of all integrations, from first to last.
    pub fn created(&self) -> Vec<Created> {
        self.all(None).iter().map(|it| Created::from(&**it)).collect()
    }

    /// Returns the public data of an account's next integrations from this id, which it moves on. Returns none after the last.
    pub fn created_from(&self, account: Option<&str>, next: &mut u64) -> Option<Vec<Created>> {
        const PART: usize = 32;
        let stored = self.stored();
        let part = stored.kept.range(*next..).filter(|(_, it)| is_of(it, account)).take(PART);
        let part: Vec<_> = part.map(|(id, it)| (*id, Created::from(&**it))).collect();
        *next = part.last()?.0 + 1;
        Some(part.into_iter().map(|(_, it)| it).collect())
    }

    /// Returns the number of integrations, and the last `most` of them, the newest first. Returns none when nothing has
    /// changed since `seen`.
    pub fn changes(&self, seen: &mut Option<u64>, most: usize) -> Option<(usize, Vec<Arc<Integration>>)> {
        let stored = self.stored();
        if *seen == Some(stored.changes) {
            return None;
        }
        *seen = Some(stored.changes);
        Some((stored.kept.len(), stored.kept.values().rev().take(most).cloned().collect()))
    }

    /// Removes the integrations of an account. When all are removed, ids restart.
    pub fn clear(&self, account: Option<&str>) {
        let mut stored = self.stored();
        let changes = stored.changes + 1;
        match account {
            None => {
                let unsaved = stored.unsaved.as_ref().map(|_| Unsaved::All);
                *stored = Stored { changes, unsaved, ..Stored::new(self.first_id) };
            }
            Some(_) => {
                stored.unsaved = stored.unsaved.as_ref().map(|_| Unsaved::All);
                stored.kept.retain(|_, it| !is_of(it, account));
                stored.bytes = stored.kept.values().map(|it| it.bytes()).sum();
                stored.changes = changes;
            }
        }
    }

    fn stored(&self) -> MutexGuard<'_, Stored> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stored {
    fn new(next_id: u64) -> Self {
        Self { next_id, changes: 0, kept: BTreeMap::new(), dropped_below: next_id, bytes: 0, unsaved: None }
    }

    fn find(&mut self, account: &str, id: &str) -> Option<&mut Arc<Integration>> {
        // Not found by number only: `007` is not an id.
        self.kept.get_mut(&id.parse().ok()?).filter(|it| it.id == id && is_of(it, Some(account)))
    }

    /// Adds an integration, and returns it with the number of others that were dropped.
    fn put(&mut self, make: impl FnOnce(u64) -> Integration) -> (Arc<Integration>, u64) {
        let made = Arc::new(make(self.next_id));
        self.changes += 1;
        self.bytes += made.bytes();
        self.kept.insert(self.next_id, made.clone());
        self.note_unsaved(self.next_id);
        self.next_id += 1;
        (made, self.drop_oldest())
    }

    fn note_unsaved(&mut self, id: u64) {
        if let Some(Unsaved::Some(ids)) = &mut self.unsaved {
            ids.push(id);
        }
    }

    /// Drops the oldest integrations above the maximum, and returns their number.
    fn drop_oldest(&mut self) -> u64 {
        let mut dropped = 0;
        while self.kept.len() > MOST_KEPT || self.bytes > MOST_BYTES && self.kept.len() > 1 {
            let Some((id, oldest)) = self.kept.pop_first() else { break };
            self.bytes -= oldest.bytes();
            self.dropped_below = id + 1;
            dropped += 1;
        }
        dropped
    }
}

fn is_of(integration: &Integration, account: Option<&str>) -> bool {
    account.is_none_or(|account| integration.company_id == account)
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
            let created = store.create("5", new(provider)).unwrap().0;
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
        assert!(store.create("5", new("three")).is_none());
        assert_eq!(store.create("5", new("one")).unwrap().0.id, "7");
    }

    #[test]
    fn integrations_are_kept_until_cleared() {
        let store = store();
        let made = ["one", "two"].map(|provider| store.create("5", new(provider)).unwrap().0);
        let ids: Vec<_> = store.created().into_iter().map(|created| created.id).collect();
        assert_eq!(ids, [made[0].id.clone(), made[1].id.clone()]);
        store.clear(None);
        assert!(store.created().is_empty() && store.get("5", "7").is_none());
        assert_eq!(store.create("5", new("one")).unwrap().0.id, "7");
    }

    #[test]
    fn store_has_a_maximum() {
        let mut stored = Stored::new(1);
        let (example, _) = store().create("5", new("one")).unwrap();
        stored.bytes = example.bytes() * MOST_KEPT;
        stored.kept.extend((0..MOST_KEPT as u64).map(|id| (id, example.clone())));
        stored.next_id = MOST_KEPT as u64;
        let (other, _) = store().create("5", new("two")).unwrap();
        assert_eq!(stored.put(|_| Arc::into_inner(other).unwrap_or_else(|| unreachable!())).1, 1);
        assert_eq!((stored.kept.len(), stored.kept.values().next_back().unwrap().kind.as_str()), (MOST_KEPT, "pigeon"));
    }

    #[test]
    fn texts_have_a_maximum_also_when_updated() {
        let store = store();
        let large = || NewIntegration { name: "x".repeat(1 << 20), ..new("one") };
        let dropped: u64 = (0..150).map(|_| store.create("5", large()).unwrap().1).sum();
        assert_eq!(store.all(None).len() as u64, 150 - dropped);
        assert!(store.bytes() <= MOST_BYTES && store.bytes() > MOST_BYTES - (2 << 20), "{}", store.bytes());
        let (first, last) = (store.all(None)[0].id.clone(), store.all(None).last().unwrap().id.clone());
        assert!(store.was_dropped(&first).is_none() && store.was_dropped(&last).is_none());
        store.update("5", &last, |it| it.name = "x".repeat(2 << 20)).unwrap();
        assert!(store.bytes() <= MOST_BYTES);
        for id in ["7", &first] {
            assert!(store.get("5", id).is_none() && store.was_dropped(id).unwrap().contains("32 MiB"), "{id}");
        }
        for never in ["1", "6", "157", "999", "x"] {
            assert!(store.was_dropped(never).is_none(), "{never}");
        }
        store.clear(None);
        assert_eq!((store.bytes(), store.was_dropped("7")), (0, None));
    }

    #[test]
    fn integration_is_found_only_by_its_exact_id() {
        let store = store();
        assert!(store.get("5", "7").is_none());
        for provider in ["one", "two"] {
            store.create("5", new(provider)).unwrap();
        }
        assert_eq!(
            (store.get("5", "7").unwrap().kind.as_str(), store.get("5", "8").unwrap().kind.as_str()),
            ("owl", "pigeon")
        );
        for other in ["", "6", "9", "07", "+7", "-7", "7 ", "7\n", "x", "18446744073709551615", "99999999999999999999"]
        {
            assert!(store.get("5", other).is_none(), "{other:?}");
            assert!(store.update("5", other, |_| ()).is_none(), "{other:?}");
        }
    }

    #[test]
    fn integration_is_found_when_the_first_were_dropped() {
        let mut stored = Stored::new(1);
        for _ in 0..MOST_KEPT + 3 {
            stored.put(|id| Integration::example(id, "n"));
        }
        assert!(stored.find("5", "3").is_none());
        for id in ["4", "100003"] {
            assert_eq!(stored.find("5", id).unwrap().id, id);
        }
    }

    #[test]
    fn accounts_have_their_own_integrations() {
        let store = store();
        for (account, name) in [("5", "a"), ("6", "b"), ("5", "c")] {
            store.create(account, NewIntegration { name: name.into(), ..new("one") }).unwrap();
        }
        let names = |account| store.all(account).iter().map(|it| it.name.clone()).collect::<Vec<_>>();
        assert_eq!(
            (names(Some("5")), names(Some("6")), names(Some("7"))),
            (vec!["a".into(), "c".into()], vec!["b".into()], vec![])
        );
        assert!(
            store.get("6", "8").is_some() && store.get("5", "8").is_none() && store.update("5", "8", |_| ()).is_none()
        );
        assert_eq!(store.created_from(Some("5"), &mut 8).unwrap()[0].name, "c");
        let bytes = store.bytes();
        store.clear(Some("5"));
        assert_eq!((names(None), store.bytes()), (vec!["b".to_owned()], bytes / 3));
        assert!(store.get("5", "7").is_none() && store.was_dropped("7").is_none());
        assert_eq!(store.create("5", new("one")).unwrap().0.id, "10");
        store.clear(None);
        assert_eq!(store.create("5", new("one")).unwrap().0.id, "7");
    }

    #[test]
    fn update_does_not_change_snapshots() {
        let store = store();
        let (before, _) = store.create("5", new("one")).unwrap();
        let given = store.update("5", "7", |it| std::mem::replace(&mut it.name, "m".into()));
        assert_eq!(given.as_deref(), Some("n"));
        assert_eq!((before.name.as_str(), store.get("5", "7").unwrap().name.as_str()), ("n", "m"));
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
            store.create("5", NewIntegration { name: name.into(), ..new("one") }).unwrap();
        }
        assert_eq!(changes(&mut seen), Some((3, vec!["c".into(), "b".into()])));
        assert_eq!(changes(&mut seen), None);
        store.update("5", "9", |it| it.name = "d".into());
        assert_eq!(changes(&mut seen), Some((3, vec!["d".into(), "b".into()])));
        store.clear(None);
        assert_eq!(changes(&mut seen), Some((0, Vec::new())));
    }

    #[test]
    fn start_fails_when_an_example_lacks_a_field() {
        let error = Store::new([json!({ "id": "7" })].iter()).err().unwrap();
        assert!(error.0.contains("company_id"), "{}", error.0);
    }
}
