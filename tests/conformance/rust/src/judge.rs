//! Compares a run with the expectations of its case.

use std::time::Duration;

use ocamba_hood::{Error, Stage};
use serde::Serialize;
use serde_json::{Value, json};

use crate::call::{Done, Ended};
use crate::plan::{Call, Case, Failure, Plan};
use crate::sandbox::Entry;

/// Returns all differences.
pub fn complaints(plan: &Plan, case: &Case, ended: &[Ended], took: Duration, journal: &[Entry]) -> Vec<String> {
    let mut all = Complaints::default();
    all.equal("calls", &ended.len(), &case.calls.len());
    for (call, ended) in case.calls.iter().zip(ended) {
        match (&call.error, ended) {
            (Some(expected), Err(error)) => all.error(expected, error),
            (None, Ok(done)) => all.result(call, done, journal),
            (Some(expected), Ok(_)) => all.0.push(format!("ok, expected {} {}", expected.code, expected.outcome)),
            (None, Err(error)) => {
                all.0.push(format!("{} {} ({error}), expected a result", error.code(), error.outcome()))
            }
        }
        let shown = match ended {
            Ok(done) => done.shown.clone(),
            Err(error) => format!("{error:?}{error}{:?}", error.field_errors()),
        };
        all.hides(&plan.secrets, &shown);
    }
    all.equal("requests", &journal.len(), &case.requests);
    all.equal("commits", &journal.iter().filter(|entry| entry.committed).count(), &case.commits);
    if let Some(expected) = &case.operations {
        let seen: Vec<_> = journal.iter().map(|entry| entry.operation.as_deref().unwrap_or_default()).collect();
        all.equal("operations", &seen, &expected.iter().map(String::as_str).collect());
    }
    if case.at_least_ms.is_some_and(|ms| took < Duration::from_millis(ms)) {
        all.0.push(format!("took only {} ms", took.as_millis()));
    }
    if case.at_most_ms.is_some_and(|ms| took > Duration::from_millis(ms)) {
        all.0.push(format!("took {} ms", took.as_millis()));
    }
    all.0
}

#[derive(Default)]
struct Complaints(Vec<String>);

impl Complaints {
    fn result(&mut self, call: &Call, done: &Done, journal: &[Entry]) {
        let mut expected = call.result.clone();
        if call.id_from_journal {
            let id = &done.written["id"];
            if !journal.iter().any(|entry| entry.integration_id.as_deref() == id.as_str()) {
                self.0.push(format!("the journal created no {id}"));
            }
            expected["id"] = json!(id);
        }
        let mut written = done.written.clone();
        if let Some(only) = &call.only {
            keep(&mut written, only);
            keep(&mut expected, only);
        }
        self.equal("result", &written, &expected);
        self.equal("status", &done.status, &call.status);
    }

    fn error(&mut self, expected: &Failure, error: &Error) {
        let mut field_errors: Vec<_> = error.field_errors().iter().map(|error| error.field.clone()).collect();
        let mut expected_fields = expected.field_errors.clone();
        field_errors.sort();
        expected_fields.sort();
        self.equal("code", &error.code(), &expected.code.as_str());
        self.equal("outcome", &error.outcome().as_str(), &expected.outcome.as_str());
        self.equal("status", &error.status().map(|s| s.as_u16()), &expected.status);
        self.equal("stage", &error.stage().map(Stage::code), &expected.stage.as_deref());
        self.equal("field_errors", &field_errors, &expected_fields);
        if let Some(title) = &expected.title {
            self.equal("title", &error.title(), &Some(title.as_str()));
        }
        if let Some(has_one) = expected.trace_id {
            self.equal("has a trace id", &error.trace_id().is_some(), &has_one);
        }
        if let Some(seconds) = expected.retry_after {
            self.equal("retry_after", &error.retry_after().map_or(-1.0, |wait| wait.as_secs_f64()), &seconds);
        }
        if expected.message_contains.as_ref().is_some_and(|text| !error.message().contains(text)) {
            let (seen, expected) = (json!(error.message()), json!(expected.message_contains));
            self.0.push(format!("the message is {seen}, expected {expected} in it"));
        }
        let shown = format!("{error}|{}|{:?}|{:?}", error.message(), error.title(), error.trace_id());
        self.hides(&expected.hides, &shown);
    }

    fn hides(&mut self, all: &[String], shown: &str) {
        for hidden in all.iter().filter(|hidden| shown.contains(*hidden)) {
            self.0.push(format!("{hidden:?} is shown"));
        }
    }

    /// Values are shown as JSON, so that a difference is the same text in each language.
    fn equal<T: PartialEq + Serialize>(&mut self, what: &str, seen: &T, expected: &T) {
        if seen != expected {
            self.0.push(format!("{what}: {}, expected {}", json!(seen), json!(expected)));
        }
    }
}

/// Removes all other fields of the integrations in a result.
fn keep(result: &mut Value, only: &[String]) {
    match result {
        Value::Array(items) => items.iter_mut().for_each(|item| keep(item, only)),
        Value::Object(fields) => {
            match fields.iter_mut().find(|(name, _)| ["items", "integration"].contains(&name.as_str())) {
                Some((_, within)) => keep(within, only),
                None => fields.retain(|name, _| only.contains(name)),
            }
        }
        _ => {}
    }
}
