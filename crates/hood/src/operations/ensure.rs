//! `ensure`: an integration with this name and provider exists and matches the request, however often it is called.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::time::Instant;

use super::checked_body::CheckedBody;
use super::context::Context;
use super::find_by_name::{Match, Matches, Pauses, duplicate, find_by_name};
use super::operation::Operation;
use super::response::Response;
use crate::coordination::NameLockGuard;
use crate::error::{Attempt, Error, ErrorKind, Outcome};
use crate::model::{Action, RequestBody};
use crate::transport::{CallOptions, Progress};

/// Searches, and creates or updates what it takes. The result is JSON with an `action` and an `integration`.
pub async fn ensure(
    context: &Arc<Context>,
    body: RequestBody,
    options: CallOptions,
    progress: Progress,
) -> Result<Response<CheckedBody>, Error> {
    let deadline = options.deadline();
    let (name, provider_id) = body.name_and_provider();
    let wanted = serde_json::from_str(body.expose()).unwrap_or_default();
    // Two at once would both find nothing, and both create.
    let lock = context.name_locks.acquire(&name, &provider_id, deadline).await?;
    let mut ensure =
        Ensure { context, body, wanted, name, provider_id, lock, options, deadline, progress, attempts: Vec::new() };
    let result = ensure.run().await;
    let attempts = std::mem::take(&mut ensure.attempts);
    match result {
        Ok(response) => Ok(response.with_attempts(attempts)),
        Err(error) => Err(error.with_attempts(attempts)),
    }
}

struct Ensure<'a> {
    context: &'a Arc<Context>,
    body: RequestBody,
    wanted: Map<String, Value>,
    name: String,
    provider_id: String,
    lock: NameLockGuard,
    options: CallOptions,
    deadline: Instant,
    progress: Progress,
    attempts: Vec<Attempt>,
}

impl Ensure<'_> {
    async fn run(&mut self) -> Result<Response<CheckedBody>, Error> {
        // A search changes nothing, whether it fails or not.
        let nothing_sent = |error: Error| error.with_outcome(Outcome::NotSent);
        let mut found = self.search().await.map_err(nothing_sent)?;
        if let Some(since) = self.lock.in_doubt_since()
            && found.matches.is_empty()
        {
            let late = since.elapsed().unwrap_or_default();
            found =
                self.search_until(self.options.reconcile_timeout.saturating_sub(late)).await.map_err(nothing_sent)?;
        }
        let Matches { matches, last } = found;
        match matches.as_slice() {
            [] => self.create().await,
            [one] => self.adopt(one, last).await,
            several => Err(duplicate(&self.name, several)),
        }
    }

    /// Creates it, and searches for it wherever the outcome is not known.
    async fn create(&mut self) -> Result<Response<CheckedBody>, Error> {
        for retries_left in (0..=self.options.max_retries).rev() {
            self.lock.set_doubt(true);
            let create = Operation::Create(self.body.clone());
            let result = self.send(create, self.progress.clone()).await;
            let is_known = |error: &Error| matches!(error.outcome(), Outcome::NotSent | Outcome::Rejected);
            self.lock.set_doubt(!result.as_ref().err().is_none_or(is_known));
            let error = match result {
                Ok(response) => return Ok(composed(response, Action::Created)),
                Err(error) if is_known(&error) => return Err(error),
                Err(error) => error,
            };
            let Ok(Matches { matches, last }) = self.search_until(self.options.reconcile_timeout).await else {
                return Err(error);
            };
            match matches.as_slice() {
                // Only where it had no effect is it safe to create it again. A success that cannot be read suggests that it had.
                [] if retries_left > 0 && !error.status().is_some_and(|status| status.is_success()) => {}
                [] => return Err(error),
                [one] => {
                    self.lock.set_doubt(false);
                    return Ok(composed(last.with_value(item(one)), Action::Created));
                }
                several => return Err(duplicate(&self.name, several)),
            }
        }
        Err(Error::validation("max_retries", "is zero"))
    }

    /// Searches until there is a match, or the server has had this much time.
    async fn search_until(&mut self, time: Duration) -> Result<Matches, Error> {
        let until = Instant::now() + time;
        let mut pauses = Pauses::new();
        loop {
            // The last search must begin when the server has had its time.
            let is_last = Instant::now() >= until;
            match self.search().await {
                Ok(found) if is_last || !found.matches.is_empty() => return Ok(found),
                Err(error) if Instant::now() >= self.deadline => return Err(error),
                Ok(_) if Instant::now() >= self.deadline => {
                    let message = "timed out waiting for the outcome of a create that was sent";
                    return Err(Error::new(ErrorKind::Timeout, Outcome::Unknown, message));
                }
                _ => {}
            }
            pauses.wait(self.deadline).await;
        }
    }

    /// Adopts the existing one, and updates what differs.
    async fn adopt(&mut self, found: &Match, last: Response<CheckedBody>) -> Result<Response<CheckedBody>, Error> {
        let update = self.difference(&found.fields);
        if update.is_empty() {
            return Ok(composed(last.with_value(item(found)), Action::Adopted));
        }
        let update = Value::Object(update).to_string();
        let mut retries_left = self.options.max_retries;
        loop {
            let operation = Operation::Update(found.id.clone(), RequestBody::unchecked(&update)?);
            let result = self.send(operation, self.progress.clone()).await;
            let unknown = match result {
                Ok(_) => None,
                Err(error) if error.outcome() == Outcome::Unknown => Some(error),
                Err(error) => return Err(error),
            };
            // The update took effect, even if this read fails.
            let outcome = unknown.as_ref().map_or(Outcome::Applied, Error::outcome);
            let now = self.send(Operation::Get(found.id.clone()), Progress::default()).await;
            let now = now.map_err(|error| error.with_outcome(outcome))?;
            let fields = serde_json::from_str(now.value.as_str()).unwrap_or_default();
            match unknown {
                // Setting the same values once more does no harm.
                Some(error) if !self.difference(&fields).is_empty() => {
                    if retries_left == 0 || Instant::now() >= self.deadline {
                        return Err(error);
                    }
                    retries_left -= 1;
                }
                _ => return Ok(composed(now, Action::Updated)),
            }
        }
    }

    /// Returns the update that an existing one needs.
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

    async fn search(&mut self) -> Result<Matches, Error> {
        let options = self.options.until(self.deadline);
        find_by_name(self.context, &self.name, &self.provider_id, options, &mut self.attempts).await
    }

    async fn send(&mut self, operation: Operation, progress: Progress) -> Result<Response<CheckedBody>, Error> {
        let options = self.options.until(self.deadline);
        let result = operation.send(self.context, &options, &progress).await;
        let attempts = result.as_ref().map_or_else(Error::attempts, Response::attempts);
        self.attempts.extend_from_slice(attempts);
        result
    }
}

/// Returns the JSON of a match.
fn item(found: &Match) -> CheckedBody {
    CheckedBody::composed(found.text.get().to_owned())
}

/// Returns the response with the JSON of the result: the action, and the integration that the response has.
fn composed(response: Response<CheckedBody>, action: Action) -> Response<CheckedBody> {
    let json = format!(r#"{{"action":"{action}","integration":{}}}"#, response.value.as_str());
    response.with_value(CheckedBody::composed(json))
}
