//! `ensure`: an integration is as it is asked for, however often that is done.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::body::Body;
use crate::client::CallOptions;
use crate::find::{self, FIRST_WAIT, Found, Look, duplicate, look};
use crate::names::Alone;
use crate::operation::Operation;
use crate::received::{Answered, Received};
use crate::transport::Exchange;
use crate::{Attempt, Client, Error, Integration, Kind, Outcome, Progress, Response};

/// What [`Integrations::ensure`](crate::Integrations::ensure) has made of it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Ensured {
    /// The integration.
    pub integration: Integration,
    /// What was done.
    pub action: Action,
}

/// What was done so that an integration is as it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// There was none: it was created.
    Created,
    /// There was one, just as asked for.
    Adopted,
    /// There was one that differed: it was changed.
    Updated,
}

impl Action {
    /// A name that does not change, as `created`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Adopted => "adopted",
            Self::Updated => "updated",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Answered for Ensured {
    fn of(received: Received, body: &[u8]) -> Option<Self> {
        Some(Self { integration: serde_json::from_slice(body).ok()?, action: received.action? })
    }
}

/// Looks, and creates or updates what it takes.
pub(crate) async fn run(
    client: &Client,
    body: Body,
    options: CallOptions,
    progress: Progress,
) -> Result<Response<Received>, Error> {
    let deadline = options.deadline();
    let (name, provider_id) = body.name_and_provider();
    let wanted = serde_json::from_str(body.expose()).unwrap_or_default();
    // Two at once would both find nothing, and both create.
    let alone = client.config.names.acquire(&client.config.lane, &name, &provider_id, deadline).await?;
    let mut ensure =
        Ensure { client, body, wanted, name, provider_id, alone, options, deadline, progress, attempts: Vec::new() };
    let result = ensure.run().await;
    let attempts = std::mem::take(&mut ensure.attempts);
    match result {
        Ok(response) => Ok(Response { attempts, ..response }),
        Err(error) => Err(error.with_attempts(attempts)),
    }
}

struct Ensure<'a> {
    client: &'a Client,
    body: Body,
    wanted: Map<String, Value>,
    name: String,
    provider_id: String,
    alone: Alone,
    options: CallOptions,
    deadline: Instant,
    progress: Progress,
    attempts: Vec<Attempt>,
}

impl Ensure<'_> {
    async fn run(&mut self) -> Result<Response<Received>, Error> {
        // Whatever becomes of a look, nothing was changed by it.
        let nothing_sent = |error: Error| error.with_outcome(Outcome::NotSent);
        let mut look = self.look().await.map_err(nothing_sent)?;
        if let Some(since) = self.alone.in_doubt_since()
            && look.found.is_empty()
        {
            let late = since.elapsed().unwrap_or_default();
            look = self.settle(self.options.settle.saturating_sub(late)).await.map_err(nothing_sent)?;
        }
        match look.found.as_slice() {
            [] => self.create().await,
            [one] => self.adopt(one, &look.last).await,
            several => Err(duplicate(&self.name, several)),
        }
    }

    /// Creates it, and looks for it wherever it is not known whether that was done.
    async fn create(&mut self) -> Result<Response<Received>, Error> {
        for retries_left in (0..=self.options.max_retries).rev() {
            self.alone.set_doubt(true);
            let create = Operation::Create(self.body.clone());
            let result = self.send(create, self.progress.clone()).await;
            let is_known = |error: &Error| matches!(error.outcome(), Outcome::NotSent | Outcome::Rejected);
            self.alone.set_doubt(!result.as_ref().err().is_none_or(is_known));
            let error = match result {
                Ok(response) => return Ok(response.with_action(Action::Created)),
                Err(error) if is_known(&error) => return Err(error),
                Err(error) => error,
            };
            let Ok(Look { found, last }) = self.settle(self.options.settle).await else { return Err(error) };
            match found.as_slice() {
                // Only where nothing came of it is it safe to create it again.
                [] if retries_left > 0 && error.outcome() == Outcome::Unknown => {}
                [] => return Err(error),
                [one] => {
                    self.alone.set_doubt(false);
                    return Ok(last.of_item(&one.text, Vec::new()).with_action(Action::Created));
                }
                several => return Err(duplicate(&self.name, several)),
            }
        }
        Err(Error::validation("max_retries", "is none"))
    }

    /// Looks until there is something, or the server has had this much time.
    async fn settle(&mut self, time: Duration) -> Result<Look, Error> {
        let until = Instant::now() + time;
        let mut wait = FIRST_WAIT;
        loop {
            // The last look must begin when the server has had its time.
            let is_last = Instant::now() >= until;
            match self.look().await {
                Ok(look) if is_last || !look.found.is_empty() => return Ok(look),
                Err(error) if Instant::now() >= self.deadline => return Err(error),
                Ok(_) if Instant::now() >= self.deadline => {
                    let message = "a create was sent, and it is not known yet what became of it";
                    return Err(Error::new(Kind::Timeout, Outcome::Unknown, message));
                }
                _ => {}
            }
            find::pause(&mut wait, self.deadline).await;
        }
    }

    /// Takes the one that is there, and changes what differs.
    async fn adopt(&mut self, found: &Found, last: &Response<Received>) -> Result<Response<Received>, Error> {
        let update = self.difference(&found.fields);
        if update.is_empty() {
            return Ok(last.clone_head().of_item(&found.text, Vec::new()).with_action(Action::Adopted));
        }
        let update = Value::Object(update).to_string();
        let mut retries_left = self.options.max_retries;
        loop {
            let operation = Operation::Update(found.id.clone(), Body::unchecked(&update)?);
            let result = self.send(operation, self.progress.clone()).await;
            let unknown = match result {
                Ok(_) => None,
                Err(error) if error.outcome() == Outcome::Unknown => Some(error),
                Err(error) => return Err(error),
            };
            // It was changed, whatever becomes of this.
            let outcome = unknown.as_ref().map_or(Outcome::Applied, Error::outcome);
            let now = self.send(Operation::Get(found.id.clone()), Progress::default()).await;
            let now = now.map_err(|error| error.with_outcome(outcome))?;
            let fields = serde_json::from_slice(now.body()).unwrap_or_default();
            match unknown {
                // To set it once more to what it is to be does no harm.
                Some(error) if !self.difference(&fields).is_empty() => {
                    if retries_left == 0 || Instant::now() >= self.deadline {
                        return Err(error);
                    }
                    retries_left -= 1;
                }
                _ => return Ok(now.with_action(Action::Updated)),
            }
        }
    }

    /// What must change of one that is there, as an update has it.
    fn difference(&self, found: &Map<String, Value>) -> Map<String, Value> {
        let mut update = Map::new();
        if let Some(status) = self.wanted.get("status")
            && found.get("status") != Some(status)
        {
            update.insert("status".to_owned(), status.clone());
        }
        let there = found.get("settings");
        let settings = self.wanted.get("settings").and_then(Value::as_object).into_iter().flatten();
        let differing: Map<String, Value> = settings
            .filter(|(name, value)| there.and_then(|settings| settings.get(name.as_str())) != Some(value))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        if !differing.is_empty() {
            update.insert("settings".to_owned(), Value::Object(differing));
        }
        update
    }

    async fn look(&mut self) -> Result<Look, Error> {
        let options = self.options.until(self.deadline);
        look(self.client, &self.name, &self.provider_id, options, &mut self.attempts).await
    }

    async fn send(&mut self, operation: Operation, progress: Progress) -> Result<Response<Received>, Error> {
        let options = self.options.until(self.deadline);
        let result = operation.send(&Exchange::new(&self.client.config, options, progress)).await;
        let attempts = result.as_ref().map_or_else(Error::attempts, Response::attempts);
        self.attempts.extend_from_slice(attempts);
        result
    }
}

impl Response<Received> {
    fn with_action(mut self, action: Action) -> Self {
        self.value.action = Some(action);
        self
    }

    /// The same without a body.
    fn clone_head(&self) -> Self {
        Self {
            value: Received::default(),
            status: self.status,
            headers: self.headers.clone(),
            trace_id: self.trace_id.clone(),
            body: Bytes::new(),
            attempts: Vec::new(),
        }
    }
}
