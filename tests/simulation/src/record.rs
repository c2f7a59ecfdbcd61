//! What happens in a world: its log, and the history of the calls.

use std::cell::RefCell;
use std::fmt::Write;

use ocamba_history::{Event, Operation, Outcome};
use serde_json::Value;

use crate::kernel;

/// What has happened.
#[derive(Default)]
pub struct Record {
    /// Lines of all that happened, in order.
    pub log: String,
    pub history: Vec<Event>,
    /// Rules that were broken, but for those of the history.
    pub violations: Vec<String>,
}

thread_local! {
    static RECORD: RefCell<Record> = RefCell::default();
}

/// Adds a line to the log.
pub fn log(text: &str) {
    let micros = kernel::time().as_micros();
    RECORD.with_borrow_mut(|record| {
        let _ = writeln!(record.log, "{:>12.3} {text}", micros as f64 / 1_000.0);
    });
}

/// Notes a broken rule.
pub fn violation(text: String) {
    log(&format!("VIOLATION {text}"));
    RECORD.with_borrow_mut(|record| record.violations.push(text));
}

/// Notes the begin of a call, and returns its id.
pub fn invoke(process: usize, operation: Operation, name: Option<&str>) -> String {
    let at_ms = kernel::time().as_secs_f64() * 1e3;
    let id = RECORD.with_borrow(|record| record.history.len()).to_string();
    log(&format!("process {process}: {operation} {} begins, call {id}", name.unwrap_or_default()));
    let event = Event::Invoke {
        id: id.clone(),
        process: process.to_string(),
        operation,
        name: name.map(str::to_owned),
        provider_id: None,
        account: None,
        options: Value::Null,
        at_ms,
    };
    RECORD.with_borrow_mut(|record| record.history.push(event));
    id
}

/// The end of a call.
pub struct Return {
    pub outcome: Outcome,
    pub progress: Option<Outcome>,
    pub integration: Option<String>,
    pub created: Option<bool>,
    /// The error.
    pub message: String,
}

/// Notes the end of a call.
pub fn end(id: String, end: Return) {
    let at_ms = kernel::time().as_secs_f64() * 1e3;
    let Return { outcome, progress, integration, created, message } = end;
    let said = progress.map(|progress| format!(" {progress}")).unwrap_or_default();
    let shown = integration.as_deref().unwrap_or_default();
    log(&format!("call {id} ends: {outcome}{said} {shown} {message}"));
    let event = Event::Return { id, outcome, progress, integration, created, at_ms };
    RECORD.with_borrow_mut(|record| record.history.push(event));
}

/// Takes what has happened.
pub fn take() -> Record {
    RECORD.take()
}
