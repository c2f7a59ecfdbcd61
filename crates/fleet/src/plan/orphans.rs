//! Orphans: integrations that the ledger has, and no row any more. One that a new row matches but for its name was renamed.

use std::collections::HashMap;

use ocamba_hood::ProviderInfo;
use serde::Serialize;

use crate::input::fleet::Fleet;
use crate::key::Key;
use crate::ledger::entry::Entry;
use crate::plan::account_snapshot::AccountSnapshot;
use crate::plan::step::{Action, Step, changes, rename};

/// Maximum number of comparisons of rows with orphans.
const MAX_COMPARISONS: usize = 1_000_000;

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
    let mut orphans: Vec<Orphan> =
        entries.iter().filter_map(|(key, entry)| orphan(fleet, key, entry, account)).collect();
    orphans.retain(|orphan| !steps.iter().any(|step| step.id.as_ref() == Some(&orphan.id)));
    orphans.sort_by(|one, other| (&one.name, &one.provider_id).cmp(&(&other.name, &other.provider_id)));
    let is_new = |row: &usize| {
        steps[*row].action == Action::Create && !steps[*row].in_doubt && !entries.contains_key(&fleet.rows[*row].key)
    };
    let new: Vec<usize> = (0..steps.len()).filter(is_new).collect();
    if orphans.is_empty() || new.len().saturating_mul(orphans.len()) > MAX_COMPARISONS {
        return orphans;
    }
    // Only where nothing else could have been renamed is it certain.
    let mut pairs = Vec::new();
    for row in new {
        let Ok(wanted) = fleet.fields(row) else { continue };
        let matches = |orphan: &Orphan| {
            orphan.provider_id == steps[row].provider_id
                && account.recorded(&orphan.id).is_some_and(|found| changes(&wanted, found).is_empty())
        };
        pairs.extend(orphans.iter().enumerate().filter(|(_, orphan)| matches(orphan)).map(|(at, _)| (row, at)));
    }
    let (mut of_row, mut of_orphan) = (HashMap::new(), HashMap::new());
    for (row, at) in &pairs {
        *of_row.entry(*row).or_insert(0) += 1;
        *of_orphan.entry(*at).or_insert(0) += 1;
    }
    let is_only = |(row, at): &&(usize, usize)| of_row[row] == 1 && of_orphan[at] == 1;
    let mut renamed = Vec::new();
    for (row, at) in pairs.iter().filter(is_only) {
        let orphan = &orphans[*at];
        if let (Some(found), Ok(wanted)) = (account.recorded(&orphan.id), fleet.fields(*row)) {
            steps[*row] = rename(&steps[*row], &orphan.name, found, &wanted);
            renamed.push(orphan.id.clone());
        }
    }
    orphans.retain(|orphan| !renamed.contains(&orphan.id));
    orphans
}

fn orphan(fleet: &Fleet, key: &Key, entry: &Entry, account: &AccountSnapshot) -> Option<Orphan> {
    let id = entry.id.clone()?;
    let is_there = account.key_of(&id) == Some(key) && !fleet.has(key);
    is_there.then(|| Orphan { id, name: key.name.clone(), provider_id: key.provider_id.clone() })
}
