//! `ensure`: an integration with this name and provider exists and matches the request, however often it is called.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::checked_body::CheckedBody;
use super::context::Context;
use super::create::create;
use super::find_by_name::{Match, Matches, Pauses, duplicate, find_by_name, incomplete};
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
    check_name(&name)?;
    let wanted = serde_json::from_str(body.expose()).unwrap_or_default();
    // Two at once would both find nothing, and both create.
    let lock = context.name_locks.acquire(&name, &provider_id, deadline).await?;
    let mut ensure =
        Ensure { context, body, wanted, name, provider_id, lock, options, deadline, progress, attempts: Vec::new() };
    let result = ensure.run().await;
    let Ensure { attempts, lock, .. } = ensure;
    lock.release(deadline).await;
    match result {
        Ok(response) => Ok(response.with_attempts(attempts)),
        Err(error) => Err(error.with_attempts(attempts)),
    }
}

/// Refuses a name that a server may store in another form: the next search would not find it.
fn check_name(name: &str) -> Result<(), Error> {
    let is_kept = name.trim() == name && !name.chars().any(char::is_control);
    let message =
        "must not begin or end with a space, nor have control characters: a server that drops them would hide it";
    is_kept.then_some(()).ok_or_else(|| Error::validation("name", message))
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
        let Matches { matches, last, .. } = self.search_without_doubt().await.map_err(nothing_sent)?;
        match matches.as_slice() {
            [] => self.create().await,
            [one] => self.adopt(one, last).await,
            several => Err(duplicate(&self.name, several)),
        }
    }

    /// Creates it, and searches for it wherever the outcome is not known.
    async fn create(&mut self) -> Result<Response<CheckedBody>, Error> {
        let (mut retries_left, mut earlier) = (self.options.max_retries, None);
        loop {
            let options = self.options.until(self.deadline);
            let result = create(self.context, &self.body, &options, &self.progress, Some(&self.lock)).await;
            self.attempts.extend_from_slice(result.as_ref().map_or_else(Error::attempts, Response::attempts));
            let error = match result {
                Ok(response) => return self.created(response),
                // An earlier request was sent, so its error is the one to report.
                Err(error) if error.outcome() == Outcome::NotSent => return Err(earlier.unwrap_or(error)),
                Err(error) if error.outcome() == Outcome::Rejected => return Err(error),
                Err(error) => error,
            };
            let Ok(Matches { matches, last, .. }) = self.search_without_doubt().await else { return Err(error) };
            match matches.as_slice() {
                // Only where it had no effect is it safe to create it again. A success that cannot be read suggests that it had.
                [] if retries_left > 0 && !error.status().is_some_and(|status| status.is_success()) => {
                    retries_left -= 1;
                    earlier = Some(error);
                }
                [] => return Err(error),
                [one] => {
                    let (names, lock, key) = (&self.context.name_locks, &self.lock, [&*self.name, &self.provider_id]);
                    names.end_create(lock.create, Some(lock), key, true, self.deadline).await;
                    return Ok(composed(last.with_value(item(one)), Action::Created));
                }
                // One of them may be that of this call.
                several => return Err(duplicate(&self.name, several).with_outcome(error.outcome())),
            }
        }
    }

    /// Returns the result of a create, if the server kept the name: otherwise the next search would not find it.
    fn created(&self, response: Response<CheckedBody>) -> Result<Response<CheckedBody>, Error> {
        #[derive(Deserialize)]
        struct Head {
            id: String,
            name: Option<String>,
        }
        match serde_json::from_str(response.value.as_str()) {
            Ok(Head { id, name: Some(name) }) if name != self.name => {
                let message = format!(
                    "integration {id} was created, but the server changed its name from {:?} to {name:?}; use that name",
                    self.name
                );
                Err(Error::new(ErrorKind::UnreadableResponse, Outcome::Applied, message).with_status(response.status))
            }
            _ => Ok(composed(response, Action::Created)),
        }
    }

    /// Searches until there is a match, or no create of this name is in doubt any more.
    async fn search_without_doubt(&mut self) -> Result<Matches, Error> {
        let mut pauses = Pauses::new();
        loop {
            let (names, options) = (&self.context.name_locks, &self.options);
            let in_doubt = names
                .doubt_remaining(&self.lock, options.reconcile_timeout, options.send_limit(), self.deadline)
                .await?;
            let found = self.search().await;
            // A response may have named the company, whose other tokens use other locks.
            let is_alone = !names.extend(&mut self.lock, &self.name, &self.provider_id, self.deadline).await?;
            match found {
                Ok(found) if !found.matches.is_empty() => return Ok(found),
                // The last search must begin when the server has had its time.
                Ok(found) if in_doubt.is_zero() && is_alone => {
                    return if found.is_complete { Ok(found) } else { Err(incomplete(&self.name)) };
                }
                Err(error) if in_doubt.is_zero() || Instant::now() >= self.deadline => return Err(error),
                Ok(_) if Instant::now() >= self.deadline => {
                    let message = "timed out waiting for the outcome of a create that was sent";
                    return Err(Error::new(ErrorKind::Timeout, Outcome::Unknown, message));
                }
                _ => {}
            }
            if is_alone {
                pauses.wait(self.deadline.min(Instant::now() + in_doubt)).await;
            }
        }
    }

    /// Adopts the existing one, and updates what differs.
    async fn adopt(&mut self, found: &Match, last: Response<CheckedBody>) -> Result<Response<CheckedBody>, Error> {
        let update = self.difference(&found.fields);
        if update.is_empty() {
            return Ok(composed(last.with_value(item(found)), Action::Adopted));
        }
        let update = Value::Object(update).to_string();
        let (mut retries_left, mut earlier) = (self.options.max_retries, None);
        loop {
            let operation = Operation::Update(found.id.clone(), RequestBody::unchecked(&update)?);
            let result = self.send(operation, self.progress.clone()).await;
            let unknown = match result {
                Ok(_) => None,
                Err(error) if error.outcome() == Outcome::Unknown => Some(error),
                // An earlier update may still take effect, so its error is the one to report.
                Err(error) => return Err(earlier.unwrap_or(error)),
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
                    earlier = Some(error);
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
