//! Steps of a plan: each compares a row with the account and the ledger.

use std::collections::HashMap;
use std::fmt;

use ocamba_hood::ProviderInfo;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::input::fleet::{Fleet, Row};
use crate::key::Key;
use crate::ledger::entry::{Entry, State};
use crate::plan::account_snapshot::{AccountSnapshot, Found};

/// What applying would do with one row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Step {
    /// Line in the input.
    pub line: u32,
    /// Name of the integration.
    pub name: String,
    /// Id of the provider.
    pub provider_id: String,
    /// Action on the integration.
    pub action: Action,
    /// Id of the existing integration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Changes of an update.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<FieldChange>,
    /// References to secrets, as `api_key=env:MITTO_KEY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub references: Option<String>,
    /// Whether an earlier run may have sent the request: the next run looks for its result before it sends the request again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_doubt: bool,
    /// Reason for a conflict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<String>,
}

/// Action on an integration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Create it: it does not exist.
    Create,
    /// Update it: it exists and differs.
    Update,
    /// Record it in the ledger: it exists and matches, but the ledger does not have it.
    Adopt,
    /// Do nothing: it exists and matches, and the ledger has it.
    Unchanged,
    /// Do nothing: a person must resolve a conflict.
    Conflict,
}

impl Step {
    /// Returns the name of the integration, if the step changes it.
    pub fn renames(&self) -> Option<&str> {
        let change = self.changes.iter().find(|change| change.field == "name")?;
        change.from.as_ref().and_then(Value::as_str)
    }
}

impl Action {
    /// All actions.
    pub const ALL: [Self; 5] = [Self::Create, Self::Update, Self::Adopt, Self::Unchanged, Self::Conflict];
}

impl fmt::Display for Action {
    /// Writes a stable name, such as `create`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// Change of one field. Values that may be secret are omitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FieldChange {
    /// Field, such as `settings.sender_name`.
    pub field: String,
    /// Whether the values are omitted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// Current value, unless absent or secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Value>,
    /// New value, unless secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Value>,
}

/// Returns what applying would do with a row, given the account and the ledger.
pub fn step(fleet: &Fleet, row: usize, account: &AccountSnapshot, entries: &HashMap<Key, Entry>) -> Step {
    let Row { line, key, references, .. } = &fleet.rows[row];
    let entry = entries.get(key);
    let step = |action| Step {
        line: *line,
        name: key.name.clone(),
        provider_id: key.provider_id.clone(),
        action,
        id: None,
        changes: Vec::new(),
        references: references.clone(),
        in_doubt: entry.is_some_and(|entry| entry.state == State::Intent),
        conflict: None,
    };
    let conflict = |message: String| Step { conflict: Some(message), in_doubt: false, ..step(Action::Conflict) };
    let found = match account.with_key(key) {
        [] => {
            if let Some((found, name)) = begun_rename(fleet, key, account, entry) {
                return match fleet.fields(row) {
                    Ok(wanted) => Step { in_doubt: false, ..rename(&step(Action::Update), name, found, &wanted) },
                    Err(message) => conflict(message),
                };
            }
            return match absent(key, account, entries) {
                Some(message) => conflict(message),
                None => step(Action::Create),
            };
        }
        [one] => one,
        several => {
            let ids: Vec<_> = several.iter().map(|found| found.id.as_str()).collect();
            let (count, ids) = (ids.len(), ids.join(", "));
            return conflict(format!("{count} integrations have this name and provider: {ids}; keep only one of them"));
        }
    };
    let wanted = match fleet.fields(row) {
        Ok(wanted) => wanted,
        Err(message) => return conflict(message),
    };
    let changes = changes(&wanted, found);
    let is_known = entry.is_some_and(|entry| entry.state == State::Done && entry.id.as_ref() == Some(&found.id));
    let action = match (changes.is_empty(), is_known) {
        (false, _) => Action::Update,
        (true, true) => Action::Unchanged,
        (true, false) => Action::Adopt,
    };
    Step { id: Some(found.id.clone()), changes, ..step(action) }
}

/// Returns why an integration that does not exist must not be created, if so.
fn absent(key: &Key, account: &AccountSnapshot, entries: &HashMap<Key, Entry>) -> Option<String> {
    let existed = |entry: &&Entry| matches!(entry.state, State::Done | State::Applied) || entry.id.is_some();
    let entry = entries.get(key).filter(existed)?;
    let Some(id) = &entry.id else {
        return Some(
            "it was created before, but its response could not be read, and the account does not list it".to_owned(),
        );
    };
    let now = account.key_of(id);
    // An earlier run has renamed it as another row.
    if now.and_then(|now| entries.get(now)).is_some_and(|other| other.id.as_ref() == Some(id)) {
        return None;
    }
    Some(match now {
        Some(now) if now.provider_id == key.provider_id => {
            format!("the ledger has it as {id}, which is now named {:?}; rename it, or use another ledger", now.name)
        }
        Some(_) => format!("the ledger has it as {id}, which now has another provider; use another ledger"),
        None => format!("the ledger has it as {id}, which no longer exists; to create it again, use another ledger"),
    })
}

/// Returns the integration that an earlier run has begun to rename as a row, and its name.
fn begun_rename<'a>(
    fleet: &Fleet,
    key: &Key,
    account: &'a AccountSnapshot,
    entry: Option<&Entry>,
) -> Option<(&'a Found, &'a str)> {
    let entry =
        entry.filter(|entry| matches!(entry.state, State::Intent | State::Failed) && entry.action == "update")?;
    let id = entry.id.as_deref()?;
    let now = account.key_of(id).filter(|now| now.provider_id == key.provider_id && !fleet.has(now))?;
    Some((account.recorded(id)?, &now.name))
}

/// Returns the step that renames an existing integration as a row, and updates what else differs.
pub fn rename(step: &Step, name: &str, found: &Found, wanted: &Map<String, Value>) -> Step {
    let renamed = FieldChange {
        field: "name".to_owned(),
        secret: false,
        from: Some(name.into()),
        to: Some(step.name.as_str().into()),
    };
    let changes = [renamed].into_iter().chain(changes(wanted, found)).collect();
    Step { action: Action::Update, id: Some(found.id.clone()), changes, ..step.clone() }
}

/// Returns how an existing integration differs from its row.
pub fn changes(wanted: &Map<String, Value>, found: &Found) -> Vec<FieldChange> {
    let provider = wanted.get("provider_id").and_then(Value::as_str).and_then(ProviderInfo::of);
    let is_secret = |name: &str| provider.and_then(|p| p.setting(name)).is_none_or(|setting| setting.secret);
    let change = |field: String, secret: bool, from: Option<&Value>, to: &Value| {
        let shown = |value: Option<&Value>| value.filter(|_| !secret).cloned();
        (from != Some(to)).then(|| FieldChange { field, secret, from: shown(from), to: shown(Some(to)) })
    };
    let there = found.status.as_deref().map(Value::from);
    let status = wanted.get("status").and_then(|to| change("status".into(), false, there.as_ref(), to));
    let settings = wanted.get("settings").and_then(Value::as_object).into_iter().flatten();
    let settings = settings
        .filter_map(|(name, to)| change(format!("settings.{name}"), is_secret(name), found.settings.get(name), to));
    status.into_iter().chain(settings).collect()
}
