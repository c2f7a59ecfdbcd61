//! Runs a plan: writes intents, sends requests, writes results, and looks for rows in doubt.

use std::collections::VecDeque;
use std::pin::Pin;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, sleep_until};

use crate::apply::apply::{Apply, ApplyEvent};
use crate::apply::reconcile::{self, MAX_ATTEMPTS};
use crate::apply::report::{Report, RowOutcome};
use crate::apply::run_state::RunState;
use crate::apply::send::{PendingRow, RowFailure, SendOutcome, send};
use crate::error::Error;
use crate::key::Key;
use crate::ledger::entry::{Entry, State};

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
    /// Later: [`Error::Ledger`] if the ledger could not be written; nothing is sent without its intent on disk.
    pub async fn run(self) -> Result<Report, Error> {
        let plan = self.fleet.plan(self.client, Some(self.ledger)).await?;
        if let Some(saved) = self.saved {
            saved.verify(self.fleet, &plan, self.client, &self.ledger.entries)?;
        }
        let state = RunState::new(self, plan).await;
        Run { state, ready: VecDeque::new(), paused: None, pauses: 0 }.run().await
    }
}

struct Run<'a> {
    state: RunState<'a>,
    /// Rows whose intents are on disk.
    ready: VecDeque<PendingRow>,
    /// End of the current pause, while the network is down.
    paused: Option<Instant>,
    /// Number of pauses since the last response.
    pauses: u32,
}

/// Completion of an operation that the run waits for.
enum Event {
    IntentsWritten(Vec<PendingRow>, Result<(), Error>),
    Sent(PendingRow, SendOutcome),
    ResultWritten(Result<(), Error>),
}

type Operation<'a> = Pin<Box<dyn Future<Output = Event> + Send + 'a>>;

impl<'a> Run<'a> {
    async fn run(mut self) -> Result<Report, Error> {
        let adopted = reconcile::begin(&mut self.state);
        self.state.apply.ledger.write(adopted).await?;
        self.state.report_progress(0);
        loop {
            self.send_all().await?;
            if self.state.in_doubt.is_empty() || self.state.is_stopped() {
                break;
            }
            tokio::select! {
                () = sleep_until(self.state.in_doubt_since + self.state.apply.reconcile_timeout) => {}
                () = self.state.apply.cancel.cancelled() => break,
            }
            if let Err(error) = reconcile::look_up(&mut self.state).await? {
                self.state.stopped = Some(format!("could not look for rows in doubt: {error}"));
                break;
            }
        }
        Ok(self.state.into_report())
    }

    /// Sends the requests of all queued rows, and waits until their results are written.
    async fn send_all(&mut self) -> Result<(), Error> {
        let mut operations: FuturesUnordered<Operation<'a>> = FuturesUnordered::new();
        let (mut sending, mut is_writing_intents) = (0, false);
        let mut failed = None;
        loop {
            let is_paused = self.paused.is_some_and(|until| until > Instant::now());
            if !self.state.is_stopped() && failed.is_none() && !is_paused {
                let in_flight = self.state.apply.in_flight;
                if !is_writing_intents && self.ready.len() < in_flight && !self.state.queue.is_empty() {
                    is_writing_intents = true;
                    operations.push(self.write_intents());
                }
                while sending < in_flight
                    && let Some(pending) = self.ready.pop_front()
                {
                    sending += 1;
                    (self.state.apply.observer)(ApplyEvent::Sending);
                    operations.push(self.send(pending));
                }
            }
            let has_more = !self.state.queue.is_empty() || !self.ready.is_empty();
            let until = self.paused.filter(|_| is_paused && has_more && !self.state.is_stopped() && failed.is_none());
            let cancel = self.state.apply.cancel.clone();
            let event = tokio::select! {
                Some(event) = operations.next() => event,
                () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => continue,
                // Requests that wait for the rate limit watch the cancellation themselves.
                () = cancel.cancelled(), if until.is_some() => continue,
                else => break,
            };
            match event {
                Event::IntentsWritten(rows, Ok(())) => {
                    is_writing_intents = false;
                    (self.state.apply.observer)(ApplyEvent::IntentsWritten);
                    self.ready.extend(rows);
                }
                Event::Sent(pending, outcome) => {
                    sending -= 1;
                    (self.state.apply.observer)(ApplyEvent::ResponseReceived);
                    if let Some(entry) = self.sent(pending, outcome) {
                        let written = self.state.apply.ledger.write(vec![entry]);
                        operations.push(Box::pin(async move { Event::ResultWritten(written.await) }));
                    }
                    self.state.report_progress(sending);
                }
                Event::ResultWritten(Ok(())) => (self.state.apply.observer)(ApplyEvent::ResultWritten),
                // Requests in flight are still awaited.
                Event::IntentsWritten(_, Err(error)) | Event::ResultWritten(Err(error)) => failed = Some(error),
            }
        }
        // Withdraws the intents of requests that were not sent, so that their rows are not in doubt in the next run.
        if failed.is_none() && self.state.is_stopped() {
            let unsent =
                self.ready.drain(..).map(|pending| self.state.entry(pending.row, State::Failed, None)).collect();
            self.state.apply.ledger.write(unsent).await?;
        }
        failed.map_or(Ok(()), Err)
    }

    /// Writes the intents of the next rows.
    fn write_intents(&mut self) -> Operation<'a> {
        let count = self.state.queue.len().min(MAX_INTENTS.max(self.state.apply.in_flight));
        let rows: Vec<PendingRow> = self.state.queue.drain(..count).collect();
        let entries = rows.iter().map(|pending| self.state.entry(pending.row, State::Intent, None)).collect();
        let written = self.state.apply.ledger.write(entries);
        Box::pin(async move { Event::IntentsWritten(rows, written.await) })
    }

    fn send(&self, mut pending: PendingRow) -> Operation<'a> {
        pending.attempts += 1;
        let Apply { client, fleet, .. } = self.state.apply;
        let (step, cancel) = (self.state.steps[pending.row].clone(), self.state.apply.cancel.clone());
        Box::pin(async move {
            let outcome = send(client, fleet, pending.row, &step, &cancel).await;
            Event::Sent(pending, outcome)
        })
    }

    /// Ends, requeues or doubts a row whose request was sent. Returns an entry for the ledger.
    fn sent(&mut self, mut pending: PendingRow, outcome: SendOutcome) -> Option<(Key, Entry)> {
        let (row, is_create) = (pending.row, self.state.action(pending.row) == "create");
        if !matches!(outcome, SendOutcome::Retry { is_network: true, .. } | SendOutcome::Cancelled) {
            self.state.counter.response();
            (self.paused, self.pauses) = (None, 0);
        }
        match outcome {
            SendOutcome::Done { id, trace_id } => {
                self.state.steps[row].id = Some(id);
                self.state.finish(row, if is_create { RowOutcome::Created } else { RowOutcome::Updated }, None);
                let (key, entry) = self.state.entry(row, State::Done, None);
                Some((key, Entry { trace_id, ..entry }))
            }
            SendOutcome::Applied(failure) if is_create => {
                pending.applied = true;
                let entry = self.state.entry(row, State::Applied, Some(&failure));
                self.state.doubt(pending, failure);
                Some(entry)
            }
            // Whether an update took effect shows when it is compared with the account.
            SendOutcome::Unknown(failure) | SendOutcome::Applied(failure) => {
                self.state.doubt(pending, failure);
                None
            }
            SendOutcome::Retry { failure, is_network } => {
                if is_network {
                    self.pause(&failure);
                }
                let entry = self.state.entry(row, State::Failed, Some(&failure));
                match pending.attempts < MAX_ATTEMPTS {
                    true => self.state.queue.push_back(PendingRow { failure: Some(failure), ..pending }),
                    false => self.state.finish(row, RowOutcome::Failed, Some(failure)),
                }
                Some(entry)
            }
            SendOutcome::Rejected(failure) => Some(self.fail(row, failure)),
            SendOutcome::Fatal(failure) => {
                self.state.stopped.get_or_insert(format!("the account rejects every request: {}", failure.message));
                Some(self.fail(row, failure))
            }
            SendOutcome::Cancelled => Some(self.state.entry(row, State::Failed, None)),
        }
    }

    fn fail(&mut self, row: usize, failure: RowFailure) -> (Key, Entry) {
        let entry = self.state.entry(row, State::Failed, Some(&failure));
        self.state.finish(row, RowOutcome::Failed, Some(failure));
        entry
    }

    /// Sends nothing for a while, longer each time.
    fn pause(&mut self, failure: &RowFailure) {
        if self.paused.is_some_and(|until| until > Instant::now()) {
            return;
        }
        if self.pauses == MAX_PAUSES {
            self.state.stopped.get_or_insert(format!("the API cannot be reached: {}", failure.message));
        }
        self.paused = Some(Instant::now() + LONGEST_PAUSE.min(FIRST_PAUSE * 2_u32.pow(self.pauses)));
        self.pauses += 1;
    }
}
