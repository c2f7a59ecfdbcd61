//! Reconciles rows with the account: before anything is sent, and when rows are in doubt.

use crate::apply::apply::Apply;
use crate::apply::report::RowOutcome;
use crate::apply::run_state::RunState;
use crate::apply::send::PendingRow;
use crate::error::Error;
use crate::key::Key;
use crate::ledger::entry::{Entry, State};
use crate::plan::account_snapshot::AccountSnapshot;
use crate::plan::compare::step;
use crate::plan::step::Action;

/// Maximum number of requests for a row in one run.
pub const MAX_ATTEMPTS: u32 = 5;

/// Sorts the rows into those to be sent, those in doubt, and those that are done. Returns entries for the ledger.
pub fn begin(run: &mut RunState<'_>) -> Vec<(Key, Entry)> {
    let mut adopted = Vec::new();
    for row in 0..run.steps.len() {
        match run.steps[row].action {
            Action::Create if run.steps[row].in_doubt => run.in_doubt.push(PendingRow::new(row)),
            Action::Create | Action::Update => run.queue.push_back(PendingRow::new(row)),
            Action::Adopt => {
                let entry = run.apply.ledger.entries.get(run.key(row));
                // In doubt and found: an earlier run created or updated it.
                let earlier = entry.filter(|entry| matches!(entry.state, State::Intent | State::Applied));
                let (outcome, action) = match earlier.map(|entry| entry.action.as_str()) {
                    Some("create") => (RowOutcome::Created, "create"),
                    Some("update") => (RowOutcome::Updated, "update"),
                    _ => (RowOutcome::Adopted, "adopt"),
                };
                let (key, entry) = run.entry(row, State::Done, None);
                adopted.push((key, Entry { action: action.to_owned(), ..entry }));
                run.finish(row, outcome, None);
            }
            Action::Unchanged => run.finish(row, RowOutcome::Unchanged, None),
            Action::Conflict => run.finish(row, RowOutcome::Conflict, None),
        }
    }
    adopted
}

/// Looks for the results of all rows in doubt, with one list of the account. The inner error is of the list.
pub async fn look_up(run: &mut RunState<'_>) -> Result<Result<(), Error>, Error> {
    let Apply { client, fleet, ledger, .. } = run.apply;
    let account = match AccountSnapshot::read(client, fleet, &ledger.entries).await {
        Ok(account) => account,
        Err(error) => return Ok(Err(error)),
    };
    let mut found = Vec::new();
    for pending in std::mem::take(&mut run.in_doubt) {
        let (row, was_create) = (pending.row, run.action(pending.row) == "create");
        let step = step(fleet, row, &account, None);
        match step.action {
            Action::Adopt | Action::Unchanged => {
                run.steps[row].id = step.id;
                found.push(run.entry(row, State::Done, None));
                run.finish(row, if was_create { RowOutcome::Created } else { RowOutcome::Updated }, None);
            }
            Action::Create if pending.applied => run.finish(row, RowOutcome::Applied, pending.failure),
            Action::Create | Action::Update if pending.attempts >= MAX_ATTEMPTS => {
                run.finish(row, RowOutcome::Unknown, pending.failure);
            }
            Action::Create | Action::Update => {
                run.steps[row] = step;
                run.queue.push_back(pending);
            }
            Action::Conflict => {
                run.steps[row] = step;
                run.finish(row, RowOutcome::Conflict, None);
            }
        }
    }
    ledger.write(found).await?;
    run.report_progress(0);
    Ok(Ok(()))
}
