//! Reconciles rows with the account: before anything is sent, and when rows are in doubt.

use crate::apply::apply::Apply;
use crate::apply::report::RowOutcome;
use crate::apply::run_state::RunState;
use crate::apply::send::PendingRow;
use crate::error::Error;
use crate::key::Key;
use crate::ledger::entry::{Entry, RowFailure, State};
use crate::plan::account_snapshot::AccountSnapshot;
use crate::plan::compare::step;
use crate::plan::step::Action;

/// Maximum number of requests for a row in one run.
pub const MAX_ATTEMPTS: u32 = 5;

impl RunState<'_> {
    /// Sorts the rows into those to be sent, those in doubt, and those that are done. Returns entries for the ledger.
    pub fn begin(&mut self) -> Vec<(Key, Entry)> {
        let none = RowFailure::default;
        let mut adopted = Vec::new();
        for row in 0..self.steps.len() {
            match self.steps[row].action {
                Action::Create if self.steps[row].in_doubt => self.in_doubt.push(PendingRow::new(row)),
                Action::Create | Action::Update => self.queue.push_back(PendingRow::new(row)),
                Action::Adopt => {
                    let entry = self.apply.ledger.entries.get(self.key(row));
                    // In doubt and found: an earlier run created or updated it.
                    let earlier = entry.filter(|entry| matches!(entry.state, State::Intent | State::Applied));
                    let (outcome, action) = match earlier.map(|entry| entry.action.as_str()) {
                        Some("create") => (RowOutcome::Created, "create"),
                        Some("update") => (RowOutcome::Updated, "update"),
                        _ => (RowOutcome::Adopted, "adopt"),
                    };
                    let (key, entry) = self.entry(row, State::Done, none());
                    adopted.push((key, Entry { action: action.to_owned(), ..entry }));
                    self.finish(row, outcome, none());
                }
                Action::Unchanged => self.finish(row, RowOutcome::Unchanged, none()),
                Action::Conflict => self.finish(row, RowOutcome::Conflict, none()),
            }
        }
        adopted
    }

    /// Looks for the results of all rows in doubt, with one list of the account, or stops the run.
    pub async fn look_up(&mut self) -> Result<(), Error> {
        let Apply { client, fleet, ledger, .. } = self.apply;
        let account = match AccountSnapshot::read(client, fleet).await {
            Ok(account) => account,
            Err(error) => {
                self.stopped = Some(format!("could not look for rows in doubt: {error}"));
                return Ok(());
            }
        };
        let mut found = Vec::new();
        for pending in std::mem::take(&mut self.in_doubt) {
            let (row, was_create) = (pending.row, self.action(pending.row) == "create");
            let step = step(fleet, row, &account, None);
            match step.action {
                Action::Adopt | Action::Unchanged => {
                    self.steps[row].id = step.id;
                    found.push(self.entry(row, State::Done, RowFailure::default()));
                    let outcome = if was_create { RowOutcome::Created } else { RowOutcome::Updated };
                    self.finish(row, outcome, RowFailure::default());
                }
                Action::Create if pending.applied => self.finish(row, RowOutcome::Applied, pending.failure),
                Action::Create | Action::Update if pending.attempts >= MAX_ATTEMPTS => {
                    self.finish(row, RowOutcome::Unknown, pending.failure);
                }
                Action::Create | Action::Update => {
                    self.steps[row] = step;
                    self.queue.push_back(pending);
                }
                Action::Conflict => {
                    self.steps[row] = step;
                    self.finish(row, RowOutcome::Conflict, RowFailure::default());
                }
            }
        }
        ledger.write(found).await?;
        self.report_progress(0);
        Ok(())
    }
}
