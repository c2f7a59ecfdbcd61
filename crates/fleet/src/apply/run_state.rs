//! The rows of a run: pending, in doubt, or done. They are reconciled with the account before anything is sent, and when
//! rows are in doubt.

use std::collections::{HashMap, VecDeque};

use ocamba_hood::Moment;
use tokio::time::Instant;

use crate::apply::apply::Apply;
use crate::apply::progress::Counter;
use crate::apply::report::{CANCELLED, Report, RowOutcome, RowReport};
use crate::apply::send::PendingRow;
use crate::error::{Error, MadeRow};
use crate::key::Key;
use crate::ledger::entry::{Entry, RowFailure, State};
use crate::plan::account_snapshot::AccountSnapshot;
use crate::plan::plan::Plan;
use crate::plan::step::{Action, Step, step};

/// Maximum number of requests for a row in one run.
pub const MAX_ATTEMPTS: u32 = 5;

/// Rows of a run, and whether it stopped.
pub struct RunState<'a> {
    pub apply: Apply<'a>,
    pub steps: Vec<Step>,
    /// Company of the account, once a response has named it.
    pub company_id: Option<String>,
    /// Rows whose requests are to be sent.
    pub queue: VecDeque<PendingRow>,
    /// Rows of the queue whose intents are on disk.
    pub ready: VecDeque<PendingRow>,
    /// Rows whose requests may have taken effect.
    pub in_doubt: Vec<PendingRow>,
    /// Time at which the server has finished these requests.
    pub look_up_at: Instant,
    /// Moment before the account was read last.
    pub read_at: Moment,
    /// End of the current pause, while the network is down.
    pub paused: Option<Instant>,
    /// Number of pauses since the last response.
    pub pauses: u32,
    /// Number of requests since the last response that waited for others, and were not sent.
    pub waits_in_vain: usize,
    pub counter: Counter,
    pub stopped: Option<String>,
    /// Rows that were made, and could not be recorded.
    pub unrecorded: Vec<MadeRow>,
    reports: Vec<Option<RowReport>>,
}

impl<'a> RunState<'a> {
    pub async fn new(apply: Apply<'a>, plan: Plan) -> Self {
        let limit = apply.client.rate_limit_status().await.ok().filter(|limit| limit.storage != "off");
        Self {
            counter: Counter::new(plan.steps.len(), limit.map(|limit| limit.tier.steady)),
            reports: vec![None; plan.steps.len()],
            apply,
            steps: plan.steps,
            company_id: plan.company_id,
            queue: VecDeque::new(),
            ready: VecDeque::new(),
            in_doubt: Vec::new(),
            look_up_at: Instant::now(),
            read_at: plan.read_at,
            paused: None,
            pauses: 0,
            waits_in_vain: 0,
            stopped: None,
            unrecorded: Vec::new(),
        }
    }

    /// Sorts the rows into those to be sent, those in doubt, and those that are done. Returns entries for the ledger.
    pub fn begin(&mut self) -> Vec<(Key, Entry)> {
        let none = RowFailure::default;
        let mut adopted = Vec::new();
        for row in 0..self.steps.len() {
            let pending = PendingRow { row, ..PendingRow::default() };
            match self.steps[row].action {
                // Runs that sent requests before have ended, since this run has locked the ledger.
                Action::Create if self.steps[row].in_doubt => self.doubt(pending, none()),
                Action::Create | Action::Update => self.queue.push_back(pending),
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
        let read = tokio::select! {
            read = AccountSnapshot::read(client, fleet, &ledger.entries) => read,
            () = self.apply.cancel.cancelled() => return Ok(()),
        };
        let account = match read {
            Ok(account) => account,
            Err(error) => {
                self.stopped = Some(format!("could not look for rows in doubt: {error}"));
                return Ok(());
            }
        };
        ledger.bind(client, account.company_id.as_deref()).await?;
        self.read_at = account.read_at.clone();
        let (mut found, mut made) = (Vec::new(), Vec::new());
        for pending in std::mem::take(&mut self.in_doubt) {
            let (row, was_create) = (pending.row, self.action(pending.row) == "create");
            let mut step = step(fleet, row, &account, &HashMap::new());
            // A rename that did not take effect.
            let renamed = self.steps[row].renames().and(self.steps[row].id.as_deref());
            if step.action == Action::Create && renamed.and_then(|id| account.key_of(id)).is_some() {
                step = self.steps[row].clone();
            }
            match step.action {
                Action::Adopt | Action::Unchanged => {
                    self.steps[row].id = step.id;
                    let (key, entry) = self.entry(row, State::Done, RowFailure::default());
                    let (outcome, action) = match was_create {
                        true if pending.by_another => (RowOutcome::Adopted, "adopt"),
                        true => (RowOutcome::Created, "create"),
                        false => (RowOutcome::Updated, "update"),
                    };
                    found.push((key, Entry { action: action.to_owned(), ..entry }));
                    made.extend((!pending.by_another).then(|| self.made(row)));
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
        if let Err(error) = ledger.write(found).await {
            self.unrecorded = made;
            return Err(error);
        }
        self.report_progress(0);
        Ok(())
    }

    pub fn is_stopped(&self) -> bool {
        self.stopped.is_some() || self.apply.cancel.is_cancelled()
    }

    pub fn key(&self, row: usize) -> &Key {
        &self.apply.fleet.rows[row].key
    }

    /// Returns the name of the row's action in the ledger.
    pub fn action(&self, row: usize) -> &'static str {
        if self.steps[row].action == Action::Update { "update" } else { "create" }
    }

    /// Returns an entry of the ledger for the row.
    pub fn entry(&self, row: usize, state: State, failure: RowFailure) -> (Key, Entry) {
        let (action, id) = (self.action(row).to_owned(), self.steps[row].id.clone());
        (self.key(row).clone(), Entry { state, action, id, failure })
    }

    pub fn made(&self, row: usize) -> MadeRow {
        let Step { line, name, provider_id, id, .. } = self.steps[row].clone();
        MadeRow { line, name, provider_id, id }
    }

    /// Marks a row as in doubt.
    pub fn doubt(&mut self, pending: PendingRow, failure: RowFailure) {
        self.in_doubt.push(PendingRow { failure, ..pending });
        self.look_up_at = Instant::now() + self.apply.reconcile_timeout;
    }

    /// Ends a row.
    pub fn finish(&mut self, row: usize, outcome: RowOutcome, failure: RowFailure) {
        let step = &self.steps[row];
        let failure = step.conflict.as_ref().map_or(failure, |message| RowFailure::new("conflict", message));
        self.counter.row(outcome);
        self.reports[row] = Some(RowReport::new(step, outcome, failure));
    }

    pub fn report_progress(&mut self, sending: usize) {
        // Rows that wait only for the account to be read again are in no doubt.
        let in_doubt = self.in_doubt.iter().filter(|pending| !pending.by_another).count();
        let progress = self.counter.progress(self.apply.client, sending, in_doubt);
        (self.apply.listener)(progress);
    }

    pub fn into_report(mut self) -> Report {
        if self.stopped.is_none() && self.apply.cancel.is_cancelled() {
            self.stopped = Some(CANCELLED.to_owned());
        }
        // Of those that wait only for the account to be read again, nothing was sent: they are pending.
        let in_doubt = std::mem::take(&mut self.in_doubt).into_iter().filter(|pending| !pending.by_another);
        for PendingRow { row, failure, applied, .. } in in_doubt {
            self.finish(row, if applied { RowOutcome::Applied } else { RowOutcome::Unknown }, failure);
        }
        let pending = |step| RowReport::new(step, RowOutcome::Pending, RowFailure::default());
        let rows = self.reports.into_iter().zip(&self.steps).map(|(row, step)| row.unwrap_or_else(|| pending(step)));
        Report { rows: rows.collect(), stopped: self.stopped }
    }
}
