//! What applying a fleet would do.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use ocamba_hood::{Client, Moment, ProviderInfo, Tier};
use serde_json::Value;

use crate::error::Error;
use crate::input::fleet::Fleet;
use crate::ledger::ledger::Ledger;
use crate::plan::account_snapshot::AccountSnapshot;
use crate::plan::orphans::{self, Orphan};
use crate::plan::step::{Action, FieldChange, Step, step};

/// What applying a fleet would do, from [`Fleet::plan`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// One step per row, in the order of the input.
    pub steps: Vec<Step>,
    /// Integrations that the ledger has, and that no row names any more.
    pub orphans: Vec<Orphan>,
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
        let account = AccountSnapshot::read(client, self, entries).await?;
        if let Some(ledger) = ledger {
            ledger.bind(client, account.company_id.as_deref()).await?;
        }
        let mut steps: Vec<Step> = (0..self.rows.len()).map(|row| step(self, row, &account, entries)).collect();
        let orphans = orphans::resolve(self, &mut steps, &account, entries);
        Ok(Plan { steps, orphans, company_id: account.company_id.clone(), read_at: account.read_at.clone() })
    }
}

impl Plan {
    /// Returns the number of steps with this action.
    pub fn count(&self, action: Action) -> usize {
        self.steps.iter().filter(|step| step.action == action).count()
    }

    /// Returns whether applying would change the account.
    pub fn has_changes(&self) -> bool {
        self.requests() > 0
    }

    /// Returns the time that applying takes at least, within a rate limit.
    pub fn duration(&self, tier: Tier) -> Duration {
        let (burst, steady) = (u64::from(tier.burst.max(1)), u64::from(tier.steady.max(1)));
        let last = (self.requests() as u64).saturating_sub(1);
        // A burst takes what each minute permits in its first seconds.
        Duration::from_secs(last / steady * 60 + (last % steady) / burst)
    }

    fn requests(&self) -> usize {
        self.count(Action::Create) + self.count(Action::Update)
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
        for orphan in &self.orphans {
            writeln!(f, "? in the ledger, in no row: {orphan}; nothing is done with it")?;
        }
        let counts = Action::ALL.map(|action| format!("{} {action}", self.count(action)));
        writeln!(f, "{}", counts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duration_is_that_of_the_rate_limit() {
        let step = Step {
            line: 1,
            name: String::new(),
            provider_id: String::new(),
            action: Action::Create,
            id: None,
            changes: Vec::new(),
            references: None,
            in_doubt: false,
            conflict: None,
        };
        let tier = Tier { burst: 10, steady: 150 };
        for (rows, seconds) in [(0, 0), (1, 0), (150, 14), (151, 60), (10_000, 66 * 60 + 9)] {
            let (steps, orphans) = (vec![step.clone(); rows], Vec::new());
            let plan = Plan { steps, orphans, company_id: None, read_at: Moment::now() };
            assert_eq!(plan.duration(tier).as_secs(), seconds, "{rows}");
        }
    }
}
