//! The account's integrations.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use serde::Deserialize;
use serde_json::Value;

use crate::account::integration::{Created, Integration, NewIntegration};
use crate::contract::document::InvalidDocument;

/// Makes integrations, and keeps the last of them. What a request does not say is taken from the example answer of its
/// provider.
pub struct Store {
    first_id: u64,
    samples: HashMap<String, Sample>,
    shelf: Mutex<Shelf>,
}

/// So that a server that is flooded for hours does not grow without end: of the usual size, these take some 100 MB.
const MOST_KEPT: usize = 100_000;

struct Shelf {
    next_id: u64,
    /// How often any of them may have changed.
    changes: u64,
    /// Their ids have no gaps.
    kept: VecDeque<Arc<Integration>>,
}

/// The part of an example answer that the server, not the request, decides.
#[derive(Deserialize)]
struct Sample {
    id: String,
    company_id: String,
    #[serde(rename = "type")]
    kind: String,
    provider_id: String,
}

impl Store {
    /// From the example answers of a create. Ids go on from theirs.
    pub fn new<'a>(examples: impl Iterator<Item = &'a Value>) -> Result<Self, InvalidDocument> {
        let samples = examples.map(Sample::deserialize).collect::<Result<Vec<_>, _>>();
        let samples = samples.map_err(|e| InvalidDocument(format!("an example answer of a create: {e}")))?;
        let first_id = samples.iter().filter_map(|sample| sample.id.parse().ok()).min().unwrap_or(1);
        Ok(Self {
            first_id,
            samples: samples.into_iter().map(|sample| (sample.provider_id.clone(), sample)).collect(),
            shelf: Mutex::new(Shelf::new(first_id)),
        })
    }

    /// None when the provider has no example.
    pub fn create(&self, new: NewIntegration) -> Option<Arc<Integration>> {
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
        Some(self.shelf().put(integration))
    }

    /// All of one moment, from first to last.
    pub fn all(&self) -> Vec<Arc<Integration>> {
        self.shelf().kept.iter().cloned().collect()
    }

    pub fn get(&self, id: &str) -> Option<Arc<Integration>> {
        self.shelf().find(id).cloned()
    }

    /// Changes one, and gives what `change` gives. Who has got it already still sees it as it was.
    pub fn update<T>(&self, id: &str, change: impl FnOnce(&mut Integration) -> T) -> Option<T> {
        let mut shelf = self.shelf();
        shelf.changes += 1;
        shelf.find(id).map(|found| change(Arc::make_mut(found)))
    }

    /// Those that are kept, from first to last.
    pub fn created(&self) -> Vec<Created> {
        self.all().iter().map(|it| Created::from(&**it)).collect()
    }

    /// How many are kept, and the last so many of them, the newest first. None when nothing has changed since `seen`.
    pub fn news(&self, seen: &mut Option<u64>, most: usize) -> Option<(usize, Vec<Arc<Integration>>)> {
        let shelf = self.shelf();
        if *seen == Some(shelf.changes) {
            return None;
        }
        *seen = Some(shelf.changes);
        Some((shelf.kept.len(), shelf.kept.iter().rev().take(most).cloned().collect()))
    }

    /// Forgets all. Ids begin anew.
    pub fn clear(&self) {
        let mut shelf = self.shelf();
        *shelf = Shelf { changes: shelf.changes + 1, ..Shelf::new(self.first_id) };
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    fn new(next_id: u64) -> Self {
        Self { next_id, changes: 0, kept: VecDeque::new() }
    }

    fn find(&mut self, id: &str) -> Option<&mut Arc<Integration>> {
        let first: u64 = self.kept.front()?.id.parse().ok()?;
        let index = id.parse::<u64>().ok()?.checked_sub(first)?;
        // Not by its number alone: `007` is none.
        self.kept.get_mut(usize::try_from(index).ok()?).filter(|it| it.id == id)
    }

    fn put(&mut self, make: impl FnOnce(u64) -> Integration) -> Arc<Integration> {
        let made = Arc::new(make(self.next_id));
        self.next_id += 1;
        self.changes += 1;
        if self.kept.len() >= MOST_KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(made.clone());
        made
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
    fn ids_grow_by_one_whatever_the_provider_and_the_type_is_the_providers() {
        let store = store();
        let ids_and_types = ["one", "two", "one"].map(|provider| {
            let created = store.create(new(provider)).unwrap();
            (created.id.clone(), created.kind.clone())
        });
        assert_eq!(
            ids_and_types,
            [("7", "owl"), ("8", "pigeon"), ("9", "owl")].map(|(id, kind)| (id.into(), kind.into()))
        );
    }

    #[test]
    fn a_provider_without_an_example_takes_no_id() {
        let store = store();
        assert!(store.create(new("three")).is_none());
        assert_eq!(store.create(new("one")).unwrap().id, "7");
    }

    #[test]
    fn what_was_created_is_kept_until_all_is_cleared() {
        let store = store();
        let made = ["one", "two"].map(|provider| store.create(new(provider)).unwrap());
        let ids: Vec<_> = store.created().into_iter().map(|created| created.id).collect();
        assert_eq!(ids, [made[0].id.clone(), made[1].id.clone()]);
        store.clear();
        assert!(store.created().is_empty() && store.get("7").is_none());
        assert_eq!(store.create(new("one")).unwrap().id, "7");
    }

    #[test]
    fn no_more_are_kept_than_there_is_room_for() {
        let mut shelf = Shelf::new(1);
        let example = store().create(new("one")).unwrap();
        shelf.kept.extend(std::iter::repeat_n(example, MOST_KEPT));
        let other = store().create(new("two")).unwrap();
        shelf.put(|_| Arc::into_inner(other).unwrap_or_else(|| unreachable!()));
        assert_eq!((shelf.kept.len(), shelf.kept.back().unwrap().kind.as_str()), (MOST_KEPT, "pigeon"));
    }

    #[test]
    fn one_is_found_by_its_id_and_by_nothing_like_it() {
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
    fn one_is_found_when_the_first_are_gone() {
        let mut shelf = Shelf::new(1);
        for _ in 0..MOST_KEPT + 3 {
            shelf.put(|id| Integration::example(id, "n"));
        }
        assert!(shelf.find("3").is_none());
        for id in ["4", "100003"] {
            assert_eq!(shelf.find(id).unwrap().id, id);
        }
    }

    #[test]
    fn a_change_is_not_seen_by_who_has_got_it_already() {
        let store = store();
        let before = store.create(new("one")).unwrap();
        let given = store.update("7", |it| std::mem::replace(&mut it.name, "m".into()));
        assert_eq!(given.as_deref(), Some("n"));
        assert_eq!((before.name.as_str(), store.get("7").unwrap().name.as_str()), ("n", "m"));
        assert_eq!(store.created()[0].name, "m");
    }

    #[test]
    fn news_are_told_once_the_newest_first() {
        let (store, mut seen) = (store(), None);
        let news = |seen: &mut Option<u64>| {
            let (total, last) = store.news(seen, 2)?;
            Some((total, last.iter().map(|it| it.name.clone()).collect::<Vec<_>>()))
        };
        assert_eq!(news(&mut seen), Some((0, Vec::new())));
        for name in ["a", "b", "c"] {
            store.create(NewIntegration { name: name.into(), ..new("one") }).unwrap();
        }
        assert_eq!(news(&mut seen), Some((3, vec!["c".into(), "b".into()])));
        assert_eq!(news(&mut seen), None);
        store.update("9", |it| it.name = "d".into());
        assert_eq!(news(&mut seen), Some((3, vec!["d".into(), "b".into()])));
        store.clear();
        assert_eq!(news(&mut seen), Some((0, Vec::new())));
    }

    #[test]
    fn an_example_that_lacks_a_field_is_refused_at_the_start() {
        let error = Store::new([json!({ "id": "7" })].iter()).err().unwrap();
        assert!(error.0.contains("company_id"), "{}", error.0);
    }
}
