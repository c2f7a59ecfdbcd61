//! A run: intents are written, requests sent, results written, and what is in doubt is looked for.

use std::collections::VecDeque;
use std::pin::Pin;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, sleep_until};

use crate::Error;
use crate::apply::{Apply, Moment};
use crate::fleet::Key;
use crate::ledger::{Entry, State};
use crate::plan::{Action, Plan, Step};
use crate::progress::Counter;
use crate::report::{Outcome, Report, RowReport};
use crate::send::{End, Failure, Task, send};

/// How often a row is sent in one run.
pub const MAX_ATTEMPTS: u32 = 5;
/// How many intents are written in one go.
const MAX_INTENTS: usize = 64;
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// So many pauses without any answer, and the network is given up.
const MAX_PAUSES: u32 = 6;

/// A run under way.
pub struct Run<'a> {
    pub(crate) apply: Apply<'a>,
    pub(crate) steps: Vec<Step>,
    rows: Vec<Option<RowReport>>,
    /// Rows to be sent, and those of them whose intents are on the disk.
    pub(crate) queue: VecDeque<Task>,
    ready: VecDeque<Task>,
    /// Rows that may have been sent, and the time at which the last of them was.
    pub(crate) doubts: Vec<Task>,
    doubted: Instant,
    counter: Counter,
    /// While the network is down: until when nothing is sent, and how often that was so.
    paused: Option<Instant>,
    pauses: u32,
    stopped: Option<String>,
}

/// What a run waits for.
enum Event {
    Intended(Vec<Task>, Result<(), Error>),
    Ended(Task, End),
    Written(Result<(), Error>),
}

type Waiting<'a> = FuturesUnordered<Pin<Box<dyn Future<Output = Event> + Send + 'a>>>;

impl<'a> Run<'a> {
    pub async fn new(apply: Apply<'a>, plan: Plan) -> Self {
        let lane = apply.client.rate_limit_status().await.ok().filter(|lane| lane.storage != "off");
        let counter = Counter::new(plan.steps.len(), lane.map(|lane| lane.tier.steady));
        let rows = vec![None; plan.steps.len()];
        Self {
            apply,
            steps: plan.steps,
            rows,
            queue: VecDeque::new(),
            ready: VecDeque::new(),
            doubts: Vec::new(),
            // Whoever sent them is dead, since the ledger is ours.
            doubted: Instant::now(),
            counter,
            paused: None,
            pauses: 0,
            stopped: None,
        }
    }

    pub async fn run(mut self) -> Result<Report, Error> {
        let adopted = self.begin();
        self.apply.ledger.write(adopted).await?;
        self.tell(0);
        loop {
            self.send_all().await?;
            if self.doubts.is_empty() || self.is_stopped() {
                break;
            }
            let settled = self.doubted + self.apply.settle;
            tokio::select! {
                () = sleep_until(settled) => {}
                () = self.apply.cancel.cancelled() => break,
            }
            if let Err(error) = self.look().await? {
                self.stopped = Some(format!("what is in doubt cannot be looked for: {error}"));
                break;
            }
        }
        Ok(self.report())
    }

    /// Sends all that is to be sent, and waits until the results are written.
    async fn send_all(&mut self) -> Result<(), Error> {
        let mut waiting: Waiting<'a> = FuturesUnordered::new();
        let (mut sending, mut intending) = (0, false);
        let mut failed = None;
        loop {
            let is_paused = self.paused.is_some_and(|until| until > Instant::now());
            if !self.is_stopped() && failed.is_none() && !is_paused {
                if !intending && self.ready.len() < self.apply.in_flight && !self.queue.is_empty() {
                    intending = true;
                    waiting.push(self.intend());
                }
                while sending < self.apply.in_flight
                    && let Some(task) = self.ready.pop_front()
                {
                    sending += 1;
                    (self.apply.observer)(Moment::Sending);
                    waiting.push(self.send(task));
                }
            }
            let has_more = !self.queue.is_empty() || !self.ready.is_empty();
            let until = self.paused.filter(|_| is_paused && has_more && !self.is_stopped() && failed.is_none());
            let cancel = self.apply.cancel.clone();
            let event = tokio::select! {
                Some(event) = waiting.next() => event,
                () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => continue,
                // What waits for its turn hears of it by itself.
                () = cancel.cancelled(), if until.is_some() => continue,
                else => break,
            };
            match event {
                Event::Intended(tasks, Ok(())) => {
                    intending = false;
                    (self.apply.observer)(Moment::Intended);
                    self.ready.extend(tasks);
                }
                Event::Ended(task, end) => {
                    sending -= 1;
                    (self.apply.observer)(Moment::Answered);
                    let written = self.ended(task, end);
                    let written = written.map(|entry| self.apply.ledger.write(vec![entry]));
                    if let Some(written) = written {
                        waiting.push(Box::pin(async move { Event::Written(written.await) }));
                    }
                    self.tell(sending);
                }
                Event::Written(Ok(())) => (self.apply.observer)(Moment::Written),
                // What is on its way is waited for all the same.
                Event::Intended(_, Err(error)) | Event::Written(Err(error)) => failed = Some(error),
            }
        }
        // What was not sent is not in doubt: the next run need not wait until it could look for it.
        if failed.is_none() && self.is_stopped() {
            let withdrawn = self.ready.drain(..).collect::<Vec<_>>();
            let withdrawn = withdrawn.iter().map(|task| self.withdrawn(task.row)).collect();
            self.apply.ledger.write(withdrawn).await?;
        }
        failed.map_or(Ok(()), Err)
    }

    /// The end of an intent whose request was not sent.
    fn withdrawn(&self, row: usize) -> (Key, Entry) {
        let id = self.steps[row].id.clone();
        (self.key(row).clone(), Entry { id, ..Entry::new(State::Failed, self.action(row)) })
    }

    /// Writes the intents of the next rows.
    fn intend(&mut self) -> Pin<Box<dyn Future<Output = Event> + Send + 'a>> {
        let count = self.queue.len().min(MAX_INTENTS.max(self.apply.in_flight));
        let tasks: Vec<Task> = self.queue.drain(..count).collect();
        let entry = |task: &Task| {
            let id = self.steps[task.row].id.clone();
            (self.key(task.row).clone(), Entry { id, ..Entry::new(State::Intent, self.action(task.row)) })
        };
        let written = self.apply.ledger.write(tasks.iter().map(entry).collect());
        Box::pin(async move { Event::Intended(tasks, written.await) })
    }

    fn send(&self, mut task: Task) -> Pin<Box<dyn Future<Output = Event> + Send + 'a>> {
        task.attempts += 1;
        let Apply { client, fleet, .. } = self.apply;
        let (step, cancel) = (self.steps[task.row].clone(), self.apply.cancel.clone());
        Box::pin(async move {
            let end = send(client, fleet, task.row, &step, &cancel).await;
            Event::Ended(task, end)
        })
    }

    /// What an end means for its row, and what the ledger is to say of it.
    fn ended(&mut self, mut task: Task, end: End) -> Option<(Key, Entry)> {
        let (row, action) = (task.row, self.action(task.row));
        if !matches!(end, End::Again(_, true) | End::GivenUp) {
            self.counter.answered();
            (self.paused, self.pauses) = (None, 0);
        }
        match end {
            End::Done { id, trace_id } => {
                self.steps[row].id = Some(id.clone());
                let outcome = if action == "create" { Outcome::Created } else { Outcome::Updated };
                self.end(row, outcome, None);
                Some((self.key(row).clone(), Entry { id: Some(id), trace_id, ..Entry::new(State::Done, action) }))
            }
            End::Applied(failure) if action == "create" => {
                task.applied = true;
                let entry = entry(State::Applied, action, &failure);
                self.doubt(task, failure);
                Some((self.key(row).clone(), entry))
            }
            // An update is compared with what is there, whatever became of it.
            End::Unknown(failure) | End::Applied(failure) => {
                self.doubt(task, failure);
                None
            }
            End::Again(failure, is_network) => {
                if is_network {
                    self.pause(&failure);
                }
                let entry = entry(State::Failed, action, &failure);
                match task.attempts < MAX_ATTEMPTS {
                    true => self.queue.push_back(Task { failure: Some(failure), ..task }),
                    false => self.end(row, Outcome::Failed, Some(failure)),
                }
                Some((self.key(row).clone(), entry))
            }
            End::Refused(failure) => {
                let entry = entry(State::Failed, action, &failure);
                self.end(row, Outcome::Failed, Some(failure));
                Some((self.key(row).clone(), entry))
            }
            End::Hopeless(failure) => {
                let entry = entry(State::Failed, action, &failure);
                self.stopped.get_or_insert(format!("the account refuses everything: {}", failure.message));
                self.end(row, Outcome::Failed, Some(failure));
                Some((self.key(row).clone(), entry))
            }
            End::GivenUp => Some(self.withdrawn(row)),
        }
    }

    pub(crate) fn tell(&mut self, sending: usize) {
        let progress = self.counter.progress(self.apply.client, sending, self.doubts.len());
        (self.apply.listener)(&progress);
    }

    fn doubt(&mut self, task: Task, failure: Failure) {
        self.doubts.push(Task { failure: Some(failure), ..task });
        self.doubted = Instant::now();
    }

    /// Nothing is sent for a while, longer each time.
    fn pause(&mut self, failure: &Failure) {
        if self.paused.is_some_and(|until| until > Instant::now()) {
            return;
        }
        if self.pauses == MAX_PAUSES {
            self.stopped.get_or_insert(format!("the API cannot be reached: {}", failure.message));
        }
        self.paused = Some(Instant::now() + LONGEST_PAUSE.min(FIRST_PAUSE * 2_u32.pow(self.pauses)));
        self.pauses += 1;
    }

    pub(crate) fn end(&mut self, row: usize, outcome: Outcome, failure: Option<Failure>) {
        let mut report = RowReport::new(&self.steps[row], outcome);
        if let Some(Failure { code, message, trace_id }) = failure {
            (report.code, report.message, report.trace_id) = (Some(code), Some(message), trace_id);
        } else if let Some(conflict) = self.steps[row].conflict.clone() {
            (report.code, report.message) = (Some("conflict".to_owned()), Some(conflict));
        }
        self.counter.ended(&report);
        self.rows[row] = Some(report);
    }

    fn report(mut self) -> Report {
        if self.stopped.is_none() && self.apply.cancel.is_cancelled() {
            self.stopped = Some("it was told to".to_owned());
        }
        for Task { row, failure, applied, .. } in std::mem::take(&mut self.doubts) {
            self.end(row, if applied { Outcome::Applied } else { Outcome::Unknown }, failure);
        }
        let rows = self.rows.into_iter().zip(&self.steps);
        let rows = rows.map(|(row, step)| row.unwrap_or_else(|| RowReport::new(step, Outcome::Pending)));
        Report { rows: rows.collect(), stopped: self.stopped }
    }

    fn is_stopped(&self) -> bool {
        self.stopped.is_some() || self.apply.cancel.is_cancelled()
    }

    pub(crate) fn key(&self, row: usize) -> &Key {
        &self.apply.fleet.rows[row].key
    }

    /// What the ledger calls it.
    pub(crate) fn action(&self, row: usize) -> &'static str {
        if self.steps[row].action == Action::Update { "update" } else { "create" }
    }
}

fn entry(state: State, action: &str, failure: &Failure) -> Entry {
    let Failure { code, message, trace_id } = failure.clone();
    Entry { code: Some(code), message: Some(message), trace_id, ..Entry::new(state, action) }
}
