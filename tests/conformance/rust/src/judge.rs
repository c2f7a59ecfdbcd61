//! Holds what happened against what a case expects.

use std::time::Duration;

use ocamba_hood::{Error, Integration, Response, reveal};
use serde_json::json;

use crate::plan::{Call, Case, Failure};
use crate::run::Ended;
use crate::sandbox::Entry;

/// All that is not as it should be.
pub fn complaints(case: &Case, ended: &[Ended], took: Duration, journal: &[Entry]) -> Vec<String> {
    let mut all = Complaints::default();
    all.equal("calls", &ended.len(), &case.calls.len());
    for (call, ended) in case.calls.iter().zip(ended) {
        match (&call.error, ended) {
            (Some(expected), Err(error)) => all.error(expected, error),
            (None, Ok(response)) => all.result(call, response, journal),
            (Some(expected), Ok(_)) => all.0.push(format!("created, expected {} {}", expected.code, expected.outcome)),
            (None, Err(error)) => {
                all.0.push(format!("{} {} ({error}), expected a result", error.code(), error.outcome()))
            }
        }
    }
    all.equal("requests", &journal.len(), &case.requests);
    all.equal("commits", &journal.iter().filter(|entry| entry.committed).count(), &case.commits);
    if case.at_least_ms.is_some_and(|ms| took < Duration::from_millis(ms)) {
        all.0.push(format!("took only {took:?}"));
    }
    if case.at_most_ms.is_some_and(|ms| took > Duration::from_millis(ms)) {
        all.0.push(format!("took {took:?}"));
    }
    all.0
}

#[derive(Default)]
struct Complaints(Vec<String>);

impl Complaints {
    fn result(&mut self, call: &Call, response: &Response<Integration>, journal: &[Entry]) {
        let mut expected = call.result.clone().unwrap_or_default();
        let written = reveal(|| serde_json::to_value(&response.value)).unwrap_or_default();
        if call.id_from_journal {
            let id = &response.value.id;
            if !journal.iter().any(|entry| entry.integration_id.as_ref() == Some(id)) {
                self.0.push(format!("the journal created no {id}"));
            }
            expected["id"] = json!(id);
        }
        self.equal("result", &written, &expected);
        self.equal("status", &Some(response.status.as_u16()), &call.status);
    }

    fn error(&mut self, expected: &Failure, error: &Error) {
        let mut problems: Vec<_> = error.problems().iter().map(|p| p.field.clone()).collect();
        let mut expected_problems = expected.problems.clone();
        problems.sort();
        expected_problems.sort();
        self.equal("code", &error.code(), &expected.code.as_str());
        self.equal("outcome", &error.outcome().as_str(), &expected.outcome.as_str());
        self.equal("status", &error.status().map(|s| s.as_u16()), &expected.status);
        self.equal("problems", &problems, &expected_problems);
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
            self.0.push(format!(
                "the message is {:?}, expected {:?} in it",
                error.message(),
                expected.message_contains
            ));
        }
        let shown = format!("{error}|{}|{:?}|{:?}", error.message(), error.title(), error.trace_id());
        for hidden in expected.hides.iter().filter(|hidden| shown.contains(*hidden)) {
            self.0.push(format!("{hidden:?} is shown"));
        }
    }

    fn equal<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, seen: &T, expected: &T) {
        if seen != expected {
            self.0.push(format!("{what}: {seen:?}, expected {expected:?}"));
        }
    }
}
