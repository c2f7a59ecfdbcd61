//! One request of a run, and what its outcome means for its row.

use ocamba_hood::{Client, Error, ErrorKind, Operation, Outcome};
use serde_json::{Map, Value, json};

use crate::cancel::Cancel;
use crate::fleet::Fleet;
use crate::plan::{Action, Step};

/// A row that is to be sent.
#[derive(Clone, Debug)]
pub struct Task {
    pub row: usize,
    /// How often it was sent.
    pub attempts: u32,
    /// It was carried out for sure: it must not be created again.
    pub applied: bool,
    /// Its last failure.
    pub failure: Option<Failure>,
}

/// An error as the ledger and the report have it.
#[derive(Clone, Debug, Default)]
pub struct Failure {
    pub code: String,
    pub message: String,
    pub trace_id: Option<String>,
}

/// How a request ended.
#[derive(Debug)]
pub enum End {
    Done {
        id: String,
        trace_id: Option<String>,
    },
    /// It may have been carried out.
    Unknown(Failure),
    /// It was, and what came of it is not known.
    Applied(Failure),
    /// It was not, and may be tried again. Whether the network is to blame.
    Again(Failure, bool),
    /// It was refused.
    Refused(Failure),
    /// All others would be refused as well.
    Hopeless(Failure),
    /// The run was told to stop before it was sent.
    GivenUp,
}

impl Failure {
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), trace_id: None }
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        let (code, trace_id) = (error.code().to_owned(), error.trace_id().map(str::to_owned));
        Self { code, message: error.message().to_owned(), trace_id }
    }
}

impl Task {
    pub fn new(row: usize) -> Self {
        Self { row, attempts: 0, applied: false, failure: None }
    }
}

/// Sends what a step says. Told to stop, it does not wait for its turn in the lane, but for an answer it does.
pub async fn send(client: &Client, fleet: &Fleet, row: usize, step: &Step, cancel: &Cancel) -> End {
    // Secrets are looked up now, not earlier.
    let operation = match operation(fleet, row, step) {
        Ok(operation) => operation,
        Err(message) => return End::Refused(Failure::new(ErrorKind::Validation.code(), message)),
    };
    let call = client.call(operation);
    let progress = call.progress();
    let mut call = Box::pin(call.with_response());
    let answer = tokio::select! {
        answer = &mut call => answer,
        () = cancel.cancelled() => {
            if !progress.may_have_been_sent() {
                drop(call);
                let failure = || Failure::new(ErrorKind::OutcomeUnknown.code(), "given up while it was sent");
                return if progress.may_have_been_sent() { End::Unknown(failure()) } else { End::GivenUp };
            }
            call.await
        }
    };
    match answer {
        Ok(answer) => {
            let created = serde_json::from_str::<Value>(answer.value.as_str()).unwrap_or_default();
            let id = step.id.clone().unwrap_or_else(|| created["id"].as_str().unwrap_or_default().to_owned());
            End::Done { id, trace_id: answer.trace_id }
        }
        Err(error) => end(&error),
    }
}

fn end(error: &Error) -> End {
    let failure = Failure::from(error);
    match (error.outcome(), error.kind()) {
        (Outcome::Unknown, _) => End::Unknown(failure),
        (Outcome::Applied, _) => End::Applied(failure),
        (_, ErrorKind::Authentication | ErrorKind::PermissionDenied | ErrorKind::Configuration) => {
            End::Hopeless(failure)
        }
        (_, ErrorKind::RateLimit) => End::Again(failure, false),
        (Outcome::NotSent, ErrorKind::Connection | ErrorKind::Timeout) => End::Again(failure, true),
        _ => End::Refused(failure),
    }
}

fn operation(fleet: &Fleet, row: usize, step: &Step) -> Result<Operation, String> {
    let body = fleet.resolved(row)?;
    let Some(id) = step.id.as_deref().filter(|_| step.action == Action::Update) else {
        return Ok(Operation::Create(body));
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
