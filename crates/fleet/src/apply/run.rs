//! Runs a plan: writes intents, sends requests, writes results, and looks for rows in doubt.

use std::pin::Pin;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, sleep_until};

use crate::apply::apply::{Apply, ApplyEvent};
use crate::apply::report::{Report, RowOutcome};
use crate::apply::run_state::{MAX_ATTEMPTS, RunState};
use crate::apply::send::{PendingRow, SendOutcome, Sender};
use crate::error::{Error, MadeRow};
use crate::key::Key;
use crate::ledger::entry::{Entry, RowFailure, State};
use crate::plan::plan::Plan;

/// Maximum number of intents in one write.
const MAX_INTENTS: usize = 64;
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Number of pauses without a response after which the run stops.
const MAX_PAUSES: u32 = 6;

impl Apply<'_> {
    /// Plans and runs. Failed rows are in the report, and do not stop the others.
    ///
    /// # Errors
    ///
    /// Before anything is sent: the account could not be read, the plan is out of date, the ledger is of another account.
    /// Later: [`Error::Ledger`] if the ledger could not be written; nothing is sent without its intent on disk, and the error has
    /// the rows that were made and not recorded.
    pub async fn run(self) -> Result<Report, Error> {
        let plan = tokio::select! {
            plan = plan(&self) => plan?,
            () = self.cancel.cancelled() => return Ok(Report::of_nothing(self.fleet)),
        };
        if let Some(saved) = self.saved {
            saved.verify(self.fleet, &plan, self.client, &self.ledger.entries)?;
        }
        let mut state = RunState::new(self, plan).await;
        match state.run().await {
            Ok(()) => Ok(state.into_report()),
            Err(error) => Err(error.with_made(state.unrecorded)),
        }
    }
}

/// Returns the plan that was made before, or a new one.
async fn plan(apply: &Apply<'_>) -> Result<Plan, Error> {
    match &apply.plan {
        Some(plan) => Ok(plan.clone()),
        None => apply.fleet.plan(apply.client, Some(apply.ledger)).await,
    }
}

/// Completion of an operation that the run waits for.
enum Event {
    IntentsWritten(Vec<PendingRow>, Result<(), Error>),
    Sent(PendingRow, SendOutcome),
    /// With the row if it was made.
    ResultWritten(Option<MadeRow>, Result<(), Error>),
}

type Operation<'a> = Pin<Box<dyn Future<Output = Event> + Send + 'a>>;

impl<'a> RunState<'a> {
    async fn run(&mut self) -> Result<(), Error> {
        let adopted = self.begin();
        self.apply.ledger.write(adopted).await?;
        self.report_progress(0);
        loop {
            self.send_all().await?;
            if self.in_doubt.is_empty() || self.is_stopped() {
                break;
            }
            tokio::select! {
                () = sleep_until(self.look_up_at) => self.look_up().await?,
                () = self.apply.cancel.cancelled() => break,
            }
        }
        Ok(())
    }

    /// Sends the requests of all queued rows, and waits until their results are written.
    async fn send_all(&mut self) -> Result<(), Error> {
        let mut operations: FuturesUnordered<Operation<'a>> = FuturesUnordered::new();
        let (mut sending, mut writing, mut is_writing_intents) = (0, 0, false);
        let mut failed = None;
        loop {
            let is_paused = self.paused.is_some_and(|until| until > Instant::now());
            if !self.is_stopped() && failed.is_none() && !is_paused {
                let in_flight = self.apply.in_flight;
                if !is_writing_intents && self.ready.len() < in_flight && !self.queue.is_empty() {
                    is_writing_intents = true;
                    operations.push(self.write_intents());
                }
                // A disk that hangs or fails must not leave many rows unrecorded.
                while sending < in_flight
                    && writing < in_flight
                    && let Some(pending) = self.ready.pop_front()
                {
                    sending += 1;
                    (self.apply.observer)(ApplyEvent::Sending);
                    operations.push(self.send(pending));
                }
            }
            let has_more = !self.queue.is_empty() || !self.ready.is_empty();
            let until = self.paused.filter(|_| is_paused && has_more && !self.is_stopped() && failed.is_none());
            let event = tokio::select! {
                Some(event) = operations.next() => event,
                () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => continue,
                // Requests that wait for the rate limit watch the cancellation themselves.
                () = self.apply.cancel.cancelled(), if until.is_some() => continue,
                else => break,
            };
            match event {
                Event::IntentsWritten(rows, Ok(())) => {
                    is_writing_intents = false;
                    (self.apply.observer)(ApplyEvent::IntentsWritten);
                    self.ready.extend(rows);
                }
                Event::Sent(pending, outcome) => {
                    sending -= 1;
                    (self.apply.observer)(ApplyEvent::ResponseReceived);
                    if let SendOutcome::Done { company_id: Some(id), .. } = &outcome
                        && self.company_id.is_none()
                    {
                        self.company_id = Some(id.clone());
                        writing += 1;
                        let bound = self.apply.ledger.bind(self.apply.client, Some(id));
                        operations.push(Box::pin(async move { Event::ResultWritten(None, bound.await) }));
                    }
                    let row = pending.row;
                    if let Some(entry) = self.sent(pending, outcome) {
                        writing += 1;
                        let is_made = matches!(entry.1.state, State::Done | State::Applied);
                        let made = is_made.then(|| self.made(row));
                        let written = self.apply.ledger.write(vec![entry]);
                        operations.push(Box::pin(async move { Event::ResultWritten(made, written.await) }));
                    }
                    self.report_progress(sending);
                }
                Event::ResultWritten(_, Ok(())) => {
                    writing -= 1;
                    (self.apply.observer)(ApplyEvent::ResultWritten);
                }
                // Requests in flight are still awaited.
                Event::IntentsWritten(_, Err(error)) => failed = Some(error),
                Event::ResultWritten(made, Err(error)) => {
                    writing -= 1;
                    self.unrecorded.extend(made);
                    failed = Some(error);
                }
            }
        }
        // Withdraws the intents of requests that were not sent, so that their rows are not in doubt in the next run.
        if failed.is_none() && self.is_stopped() {
            let ready = std::mem::take(&mut self.ready).into_iter();
            let unsent = ready.map(|pending| self.entry(pending.row, State::Failed, RowFailure::default())).collect();
            self.apply.ledger.write(unsent).await?;
        }
        failed.map_or(Ok(()), Err)
    }

    /// Writes the intents of the next rows.
    fn write_intents(&mut self) -> Operation<'a> {
        let count = self.queue.len().min(MAX_INTENTS.max(self.apply.in_flight));
        let rows: Vec<PendingRow> = self.queue.drain(..count).collect();
        let entries =
            rows.iter().map(|pending| self.entry(pending.row, State::Intent, RowFailure::default())).collect();
        let written = self.apply.ledger.write(entries);
        Box::pin(async move { Event::IntentsWritten(rows, written.await) })
    }

    fn send(&self, mut pending: PendingRow) -> Operation<'a> {
        pending.attempts += 1;
        let Apply { client, fleet, reconcile_timeout, .. } = self.apply;
        let (cancel, read_at) = (self.apply.cancel.clone(), self.read_at.clone());
        let (sender, step) =
            (Sender { client, fleet, cancel, reconcile_timeout, read_at }, self.steps[pending.row].clone());
        Box::pin(async move {
            let outcome = sender.send(pending.row, &step).await;
            Event::Sent(pending, outcome)
        })
    }

    /// Ends, requeues or doubts a row whose request was sent. Returns an entry for the ledger.
    fn sent(&mut self, mut pending: PendingRow, outcome: SendOutcome) -> Option<(Key, Entry)> {
        let (row, is_create) = (pending.row, self.action(pending.row) == "create");
        let was_by_another = std::mem::take(&mut pending.by_another);
        match &outcome {
            SendOutcome::Unreachable(failure) => self.pause(failure),
            SendOutcome::Waited(failure) => self.wait_in_vain(failure),
            SendOutcome::Cancelled | SendOutcome::ByAnother | SendOutcome::PerhapsByAnother(_) => {}
            _ => {
                self.counter.response();
                (self.paused, self.pauses, self.waits_in_vain) = (None, 0, 0);
            }
        }
        if let SendOutcome::Fatal(failure) = &outcome {
            self.stop("the account rejects every request", failure);
        }
        match outcome {
            SendOutcome::Done { id, trace_id, .. } => {
                self.steps[row].id = Some(id);
                let outcome = if is_create { RowOutcome::Created } else { RowOutcome::Updated };
                self.finish(row, outcome, RowFailure::default());
                Some(self.entry(row, State::Done, RowFailure { trace_id, ..RowFailure::default() }))
            }
            SendOutcome::Applied(failure) if is_create => {
                pending.applied = true;
                self.doubt(pending, failure.clone());
                Some(self.entry(row, State::Applied, failure))
            }
            // Whether an update took effect shows when it is compared with the account.
            SendOutcome::Unknown(failure) | SendOutcome::Applied(failure) => {
                self.doubt(pending, failure);
                None
            }
            SendOutcome::ByAnother => {
                // The account was read again, and does not show it: the note of another process may have no age.
                if was_by_another {
                    self.look_up_at = Instant::now() + self.apply.reconcile_timeout;
                }
                self.in_doubt.push(pending.by_another());
                Some(self.entry(row, State::Failed, RowFailure::default()))
            }
            SendOutcome::PerhapsByAnother(failure) => {
                self.doubt(pending.by_another(), failure);
                Some(self.entry(row, State::Failed, RowFailure::default()))
            }
            SendOutcome::Retry(failure) | SendOutcome::Unreachable(failure) | SendOutcome::Waited(failure)
                if pending.attempts < MAX_ATTEMPTS =>
            {
                self.queue.push_back(PendingRow { failure: failure.clone(), ..pending });
                Some(self.entry(row, State::Failed, failure))
            }
            SendOutcome::Retry(failure)
            | SendOutcome::Unreachable(failure)
            | SendOutcome::Waited(failure)
            | SendOutcome::Rejected(failure)
            | SendOutcome::Fatal(failure) => {
                self.finish(row, RowOutcome::Failed, failure.clone());
                Some(self.entry(row, State::Failed, failure))
            }
            SendOutcome::Cancelled => Some(self.entry(row, State::Failed, RowFailure::default())),
        }
    }

    fn stop(&mut self, why: &str, failure: &RowFailure) {
        let cause = failure.message.as_deref().unwrap_or_default();
        self.stopped.get_or_insert(format!("{why}: {cause}"));
    }

    /// Stops the run if nobody gets through, as when a stopped process has locked the file of the rate limit.
    fn wait_in_vain(&mut self, failure: &RowFailure) {
        self.waits_in_vain += 1;
        if self.waits_in_vain >= self.apply.in_flight.max(MAX_ATTEMPTS as usize) {
            self.stop("nothing can be sent", failure);
        }
    }

    /// Sends nothing for a while, longer each time.
    fn pause(&mut self, failure: &RowFailure) {
        if self.paused.is_some_and(|until| until > Instant::now()) {
            return;
        }
        if self.pauses == MAX_PAUSES {
            self.stop("the API cannot be reached", failure);
        }
        self.paused = Some(Instant::now() + LONGEST_PAUSE.min(FIRST_PAUSE * 2_u32.pow(self.pauses)));
        self.pauses += 1;
    }
}
