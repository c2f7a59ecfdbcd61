//! What would be done, row by row: found out by one look at the account and the ledger.

use std::collections::HashMap;
use std::fmt;

use ocamba_hood::{Client, ProviderInfo};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::fleet::{Fleet, Key, Row};
use crate::ledger::{Entry, State};
use crate::world::{Found, World};
use crate::{Error, Ledger};

/// What applying a fleet would do. From [`Fleet::plan`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Plan {
    /// What is to be done with each row, in the order of the input.
    pub steps: Vec<Step>,
    pub(crate) company_id: Option<String>,
}

/// What is to be done with one row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Step {
    /// Its line in the input.
    pub line: u32,
    /// The integration's name.
    pub name: String,
    /// Its provider's id.
    pub provider_id: String,
    /// What is to be done.
    pub action: Action,
    /// The integration that is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What an update changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<FieldChange>,
    /// An earlier run may have sent it: it is looked for once more before it is sent again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_doubt: bool,
    /// Why nothing can be done, with a conflict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<String>,
}

/// What is to be done with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// There is none: it is created.
    Create,
    /// There is one that differs: it is changed.
    Update,
    /// There is one, just as asked for, that the ledger does not know: it is taken.
    Adopt,
    /// It is there, and known: nothing is done.
    Unchanged,
    /// Nothing can be done, for a reason that a person must look at.
    Conflict,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Create, Self::Update, Self::Adopt, Self::Unchanged, Self::Conflict];

    /// A name that does not change, as `create`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Adopt => "adopt",
            Self::Unchanged => "unchanged",
            Self::Conflict => "conflict",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an update does to one field. Of what may be secret it tells only that it changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FieldChange {
    /// Which field, as `settings.sender_name`.
    pub field: String,
    /// Whether its values are hidden.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// What it is; none where it is not there, or hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Value>,
    /// What it becomes; none where it is hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Value>,
}

impl Fleet {
    /// Looks at the account once, and tells what applying these rows would do. Nothing is changed.
    ///
    /// # Errors
    ///
    /// [`Error::Api`] where the account cannot be read; [`Error::Ledger`] where the ledger is of another account.
    pub async fn plan(&self, client: &Client, ledger: Option<&Ledger>) -> Result<Plan, Error> {
        let none = HashMap::new();
        let entries = ledger.map_or(&none, |ledger| &ledger.entries);
        let world = World::read(client, self, entries).await?;
        if let Some(ledger) = ledger {
            ledger.bind(client, world.company_id.as_deref()).await?;
        }
        let steps = (0..self.rows.len()).map(|row| self.step(row, &world, entries.get(&self.rows[row].key)));
        Ok(Plan { steps: steps.collect(), company_id: world.company_id.clone() })
    }

    /// What is to be done with a row in this world, given the ledger's last word on it.
    pub(crate) fn step(&self, row: usize, world: &World, entry: Option<&Entry>) -> Step {
        let Row { line, key, .. } = &self.rows[row];
        let step = |action| Step {
            line: *line,
            name: key.name.clone(),
            provider_id: key.provider_id.clone(),
            action,
            id: None,
            changes: Vec::new(),
            in_doubt: entry.is_some_and(|entry| entry.state == State::Intent),
            conflict: None,
        };
        let conflict = |message: String| Step { conflict: Some(message), in_doubt: false, ..step(Action::Conflict) };
        let found = match world.named(key) {
            [] => {
                return match absent(key, world, entry) {
                    Some(message) => conflict(message),
                    None => step(Action::Create),
                };
            }
            [one] => one,
            several => {
                let ids: Vec<_> = several.iter().map(|found| found.id.as_str()).collect();
                let (count, ids) = (ids.len(), ids.join(", "));
                return conflict(format!("{count} integrations have this name and provider: {ids}; keep one of them"));
            }
        };
        let wanted = match self.wanted(row) {
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
}

/// Why what is not there must not be created, if so.
fn absent(key: &Key, world: &World, entry: Option<&Entry>) -> Option<String> {
    let was_there = |entry: &&Entry| matches!(entry.state, State::Done | State::Applied) || entry.id.is_some();
    let entry = entry.filter(was_there)?;
    let Some(id) = &entry.id else {
        return Some("it was created before, with an answer that could not be read, and is not listed".to_owned());
    };
    Some(match world.called(id) {
        Some(now) if now.provider_id == key.provider_id => {
            format!(
                "the ledger has it as {id}, which is called {:?} now; rename it back, or take another ledger",
                now.name
            )
        }
        Some(_) => format!("the ledger has it as {id}, which is of another provider now; take another ledger"),
        None => format!("the ledger has it as {id}, which is gone; to create it anew, take another ledger"),
    })
}

/// What differs of one that is there.
fn changes(wanted: &Map<String, Value>, found: &Found) -> Vec<FieldChange> {
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

impl Plan {
    /// How many rows have this action.
    pub fn count(&self, action: Action) -> usize {
        self.steps.iter().filter(|step| step.action == action).count()
    }
}

impl fmt::Display for Plan {
    /// What changes, as people read it: a sign, the row, and the fields of an update.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in self.steps.iter().filter(|step| step.action != Action::Unchanged) {
            let Step { line, name, provider_id, action, id, changes, in_doubt, conflict } = step;
            let sign = match action {
                Action::Create => '+',
                Action::Update => '~',
                Action::Adopt | Action::Unchanged => '=',
                Action::Conflict => '!',
            };
            let title = ProviderInfo::of(provider_id).map_or(provider_id.as_str(), |provider| provider.title);
            write!(f, "{sign} {action} {name:?} ({title}), line {line}")?;
            write!(f, "{}", id.as_ref().map(|id| format!(", {id}")).unwrap_or_default())?;
            writeln!(f, "{}", if *in_doubt { ", in doubt: looked for once more first" } else { "" })?;
            if let Some(conflict) = conflict {
                writeln!(f, "    {conflict}")?;
            }
            for FieldChange { field, secret, from, to } in changes {
                let shown = |value: &Option<Value>| value.as_ref().map_or("(none)".to_owned(), Value::to_string);
                match secret {
                    true => writeln!(f, "    {field}: changes (secret)")?,
                    false => writeln!(f, "    {field}: {} -> {}", shown(from), shown(to))?,
                }
            }
        }
        let counts = Action::ALL.map(|action| format!("{} {action}", self.count(action)));
        writeln!(f, "{}", counts.join(", "))
    }
}
