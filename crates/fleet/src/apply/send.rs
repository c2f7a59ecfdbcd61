//! Sends the request of a row.

use std::time::Duration;

use ocamba_hood::{CallOptions, Client, Error, ErrorKind, Moment, Operation, Outcome};
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use crate::input::fleet::Fleet;
use crate::ledger::entry::RowFailure;
use crate::plan::step::{Action, Step};

/// A row whose request is to be sent.
#[derive(Clone, Debug, Default)]
pub struct PendingRow {
    pub row: usize,
    /// Number of requests sent.
    pub attempts: u32,
    /// Whether a create took effect, so that it must not be repeated.
    pub applied: bool,
    /// Whether another call has created it, or may have.
    pub by_another: bool,
    /// Last failure.
    pub failure: RowFailure,
}

impl PendingRow {
    /// Returns the row after a request that was not sent, since another call has created it or may have.
    pub fn by_another(self) -> Self {
        Self { attempts: self.attempts.saturating_sub(1), by_another: true, ..self }
    }
}

/// Outcome of a request, with its consequence for the row.
#[derive(Debug)]
pub enum SendOutcome {
    Done {
        id: String,
        company_id: Option<String>,
        trace_id: Option<String>,
    },
    /// The request may have taken effect.
    Unknown(RowFailure),
    /// The request took effect, but its response could not be read.
    Applied(RowFailure),
    /// Another call has created it since the account was read: the account is read again, before anything is sent.
    ByAnother,
    /// Another call may have created it: its outcome is awaited, and the account is read again.
    PerhapsByAnother(RowFailure),
    /// The request did not take effect and can be retried.
    Retry(RowFailure),
    /// The API could not be reached; the request can be retried.
    Unreachable(RowFailure),
    /// The rate limit or another call of this name was waited for in vain; the request can be retried.
    Waited(RowFailure),
    /// The request was rejected.
    Rejected(RowFailure),
    /// Every request would be rejected.
    Fatal(RowFailure),
    /// The run was cancelled before the request was sent.
    Cancelled,
}

/// What the requests of a run have in common.
#[derive(Clone)]
pub struct Sender<'a> {
    pub client: &'a Client,
    pub fleet: &'a Fleet,
    pub cancel: CancellationToken,
    pub reconcile_timeout: Duration,
    /// Moment before the account was read.
    pub read_at: Moment,
}

impl Sender<'_> {
    /// Sends the request of a step. Once cancelled, it does not wait for the rate limit any more, but still for a response.
    pub async fn send(&self, row: usize, step: &Step) -> SendOutcome {
        let Self { client, fleet, cancel, .. } = self;
        // Resolves references to secrets only now.
        let operation = match operation(fleet, row, step, &self.read_at) {
            Ok(operation) => operation,
            Err(message) => return SendOutcome::Rejected(RowFailure::new(ErrorKind::Validation.code(), message)),
        };
        let options = CallOptions { reconcile_timeout: self.reconcile_timeout, ..client.call_options() };
        let call = client.call(operation).with_options(options);
        let progress = call.progress();
        let mut call = Box::pin(call.with_response());
        let response = tokio::select! {
            response = &mut call => response,
            () = cancel.cancelled() => {
                if !progress.cancel() {
                    return SendOutcome::Cancelled;
                }
                call.await
            }
        };
        match response {
            Ok(response) => {
                let created = serde_json::from_str::<Value>(response.value.as_str()).unwrap_or_default();
                let id = step.id.clone().unwrap_or_else(|| created["id"].as_str().unwrap_or_default().to_owned());
                let company_id = created["company_id"].as_str().map(str::to_owned);
                SendOutcome::Done { id, company_id, trace_id: response.trace_id }
            }
            Err(error) => outcome(&error),
        }
    }
}

fn outcome(error: &Error) -> SendOutcome {
    let trace_id = error.trace_id().map(str::to_owned);
    let failure = RowFailure { trace_id, ..RowFailure::new(error.code(), error.message()) };
    match (error.outcome(), error.kind()) {
        (Outcome::Unknown, _) => SendOutcome::Unknown(failure),
        (Outcome::Applied, _) => SendOutcome::Applied(failure),
        (_, ErrorKind::Authentication | ErrorKind::PermissionDenied | ErrorKind::Configuration) => {
            SendOutcome::Fatal(failure)
        }
        (_, ErrorKind::Duplicate) => SendOutcome::ByAnother,
        (Outcome::NotSent, ErrorKind::OutcomeUnknown) => SendOutcome::PerhapsByAnother(failure),
        (_, ErrorKind::RateLimit) => SendOutcome::Retry(failure),
        (Outcome::NotSent, ErrorKind::Timeout) if error.attempts().is_empty() => SendOutcome::Waited(failure),
        (Outcome::NotSent, ErrorKind::Connection | ErrorKind::Timeout) => SendOutcome::Unreachable(failure),
        _ => SendOutcome::Rejected(failure),
    }
}

fn operation(fleet: &Fleet, row: usize, step: &Step, read_at: &Moment) -> Result<Operation, String> {
    let body = fleet.request(row)?;
    let Some(id) = step.id.as_deref().filter(|_| step.action == Action::Update) else {
        return Ok(Operation::CreateSince(body, read_at.clone()));
    };
    let wanted: Map<String, Value> = serde_json::from_str(body.expose()).map_err(|_| "cannot be read".to_owned())?;
    let mut update = Map::new();
    let mut settings = Map::new();
    for change in &step.changes {
        match change.field.strip_prefix("settings.") {
            Some(name) => drop(settings.insert(name.to_owned(), wanted["settings"][name].clone())),
            None => drop(update.insert(change.field.clone(), wanted[change.field.as_str()].clone())),
        }
    }
    if !settings.is_empty() {
        update.insert("settings".to_owned(), Value::Object(settings));
        update.insert("provider_id".to_owned(), json!(step.provider_id));
    }
    let text = Value::Object(update).to_string();
    Operation::from_json("update", Some(id), &text, fleet.allow_unknown_providers).map_err(|error| error.to_string())
}
