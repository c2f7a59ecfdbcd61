//! What applying a fleet would do.

use std::collections::HashMap;
use std::fmt;

use ocamba_hood::{Client, Moment, ProviderInfo};
use serde_json::Value;

use crate::error::Error;
use crate::input::fleet::Fleet;
use crate::ledger::ledger::Ledger;
use crate::plan::account_snapshot::AccountSnapshot;
use crate::plan::step::{Action, FieldChange, Step, step};

/// What applying a fleet would do, from [`Fleet::plan`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// One step per row, in the order of the input.
    pub steps: Vec<Step>,
    pub(crate) company_id: Option<String>,
    /// Moment before the account was read.
    pub(crate) read_at: Moment,
}

impl Fleet {
    /// Reads the account once, and returns what applying these rows would do. Nothing is changed.
    ///
    /// # Errors
    ///
    /// [`Error::Api`] if the account could not be read; [`Error::OtherAccount`] if the ledger is or may be of another.
    pub async fn plan(&self, client: &Client, ledger: Option<&Ledger>) -> Result<Plan, Error> {
        let none = HashMap::new();
        let entries = ledger.map_or(&none, |ledger| &ledger.entries);
        let account = AccountSnapshot::read(client, self).await?;
        if let Some(ledger) = ledger {
            ledger.bind(client, account.company_id.as_deref()).await?;
        }
        let steps = (0..self.rows.len()).map(|row| step(self, row, &account, entries.get(&self.rows[row].key)));
        Ok(Plan { steps: steps.collect(), company_id: account.company_id.clone(), read_at: account.read_at.clone() })
    }
}

impl Plan {
    /// Returns the number of steps with this action.
    pub fn count(&self, action: Action) -> usize {
        self.steps.iter().filter(|step| step.action == action).count()
    }
}

impl fmt::Display for Plan {
    /// Formats the steps for people: a sign, the row, and the fields of an update.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in self.steps.iter().filter(|step| step.action != Action::Unchanged) {
            let Step { line, name, provider_id, action, id, changes, references, in_doubt, conflict } = step;
            let sign = match action {
                Action::Create => '+',
                Action::Update => '~',
                Action::Adopt | Action::Unchanged => '=',
                Action::Conflict => '!',
            };
            let title = ProviderInfo::of(provider_id).map_or(provider_id.as_str(), |provider| provider.title);
            write!(f, "{sign} {action} {name:?} ({title}), line {line}")?;
            write!(f, "{}", id.as_ref().map(|id| format!(", {id}")).unwrap_or_default())?;
            writeln!(f, "{}", if *in_doubt { ", in doubt: looks for it again first" } else { "" })?;
            if let Some(conflict) = conflict {
                writeln!(f, "    {conflict}")?;
            }
            if let Some(references) = references {
                writeln!(f, "    reads {references}")?;
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
