//! Orphans: integrations that the ledger has, and no row any more. One that a new row matches but for its name was renamed.

use std::collections::{HashMap, HashSet};

use ocamba_hood::ProviderInfo;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::input::fleet::Fleet;
use crate::key::Key;
use crate::ledger::entry::Entry;
use crate::plan::account_snapshot::AccountSnapshot;
use crate::plan::step::{Action, Step, changes, rename};

/// An existing integration that the ledger has, and that no row names any more. Nothing is done with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Orphan {
    /// Id of the integration.
    pub id: String,
    /// Name of the integration.
    pub name: String,
    /// Id of the provider.
    pub provider_id: String,
}

impl std::fmt::Display for Orphan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { id, name, provider_id } = self;
        let title = ProviderInfo::of(provider_id).map_or(provider_id.as_str(), |provider| provider.title);
        write!(f, "{name:?} ({title}), {id}")
    }
}

/// Returns the orphans, in the order of their names, and makes the creates of rows that were renamed updates.
pub fn resolve(
    fleet: &Fleet,
    steps: &mut [Step],
    account: &AccountSnapshot,
    entries: &HashMap<Key, Entry>,
) -> Vec<Orphan> {
    let named: HashSet<&str> = steps.iter().filter_map(|step| step.id.as_deref()).collect();
    let mut orphans: Vec<Orphan> =
        entries.iter().filter_map(|(key, entry)| orphan(fleet, key, entry, account)).collect();
    orphans.retain(|orphan| !named.contains(orphan.id.as_str()));
    orphans.sort_by(|one, other| (&one.name, &one.provider_id).cmp(&(&other.name, &other.provider_id)));
    if orphans.is_empty() {
        return orphans;
    }
    let is_new = |row: &usize| {
        steps[*row].action == Action::Create && !steps[*row].in_doubt && !entries.contains_key(&fleet.rows[*row].key)
    };
    let new: Vec<_> = (0..steps.len()).filter(is_new).filter_map(|row| Some((row, fleet.fields(row).ok()?))).collect();
    let mut renamed = HashSet::new();
    for (row, wanted, orphan) in pairs(&new, &orphans, account) {
        if let Some(found) = account.recorded(&orphan.id)
            && changes(wanted, found).is_empty()
        {
            steps[row] = rename(&steps[row], &orphan.name, found, wanted);
            renamed.insert(orphan.id.clone());
        }
    }
    orphans.retain(|orphan| !renamed.contains(&orphan.id));
    orphans
}

/// Id of a provider, and names of settings.
type Columns<'a> = (&'a str, Vec<&'a str>);

/// Returns the new rows that have the settings of an orphan, where no other row and no other orphan has them: only then is it
/// certain that it was renamed.
fn pairs<'a>(
    new: &'a [(usize, Map<String, Value>)],
    orphans: &'a [Orphan],
    account: &AccountSnapshot,
) -> Vec<(usize, &'a Map<String, Value>, &'a Orphan)> {
    // An integration may have settings besides those of its row, so that rows with the same columns are looked up together.
    let mut by_columns: HashMap<Columns<'_>, HashMap<String, Vec<usize>>> = HashMap::new();
    for (at, (_, wanted)) in new.iter().enumerate() {
        let settings = wanted.get("settings").and_then(Value::as_object);
        let mut names: Vec<&str> = settings.into_iter().flat_map(Map::keys).map(String::as_str).collect();
        names.sort_unstable();
        let provider_id = wanted.get("provider_id").and_then(Value::as_str).unwrap_or_default();
        let values = settings.map(|settings| values(settings, &names)).unwrap_or_default();
        by_columns.entry((provider_id, names)).or_default().entry(values).or_default().push(at);
    }
    let mut found: HashMap<&str, (usize, Vec<usize>)> = HashMap::new();
    for ((provider_id, names), rows) in &by_columns {
        let mut with_values: HashMap<String, Vec<&Orphan>> = HashMap::new();
        for orphan in orphans.iter().filter(|orphan| orphan.provider_id == *provider_id) {
            if let Some(it) = account.recorded(&orphan.id) {
                with_values.entry(values(&it.settings, names)).or_default().push(orphan);
            }
        }
        for (values, orphans) in with_values {
            for orphan in &orphans {
                let (most, matching) = found.entry(orphan.id.as_str()).or_default();
                *most = orphans.len().max(*most);
                // Two show as well as many that it is not certain.
                matching.extend(rows.get(&values).into_iter().flatten().take(2));
            }
        }
    }
    let pair = |orphan: &'a Orphan| match found.get(orphan.id.as_str()) {
        Some((1, rows)) if rows.len() == 1 => {
            let (row, wanted) = &new[rows[0]];
            Some((*row, wanted, orphan))
        }
        _ => None,
    };
    orphans.iter().filter_map(pair).collect()
}

/// Returns the values of some settings, to be compared.
fn values(settings: &Map<String, Value>, names: &[&str]) -> String {
    names.iter().map(|name| settings.get(*name).unwrap_or(&Value::Null).to_string()).collect::<Vec<_>>().join(",")
}

fn orphan(fleet: &Fleet, key: &Key, entry: &Entry, account: &AccountSnapshot) -> Option<Orphan> {
    let id = entry.id.clone()?;
    let is_there = account.key_of(&id) == Some(key) && !fleet.has(key);
    is_there.then(|| Orphan { id, name: key.name.clone(), provider_id: key.provider_id.clone() })
}
