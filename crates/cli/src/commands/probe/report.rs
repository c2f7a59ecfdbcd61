//! The report: what was found out, without anything of the account.

use std::io;
use std::path::Path;

use ocamba_hood::{REDACTED, text_of_id};
use ocamba_sandbox::Unknown;
use serde_json::{Map, Value, json};

use super::answers::{Answers, Found, Verdict};
use super::ask::fields;
use crate::shared::failure::Failure;
use crate::shared::paths;

/// What each report begins with.
const REPORT: &str = "ocamba probe";
/// Shorter texts are no secrets, but parts of words.
const SHORTEST: usize = 4;

/// Texts of the account that no report may contain.
#[derive(Default)]
pub struct Private(Vec<String>);

impl Private {
    /// Notes a text.
    pub fn note(&mut self, text: impl Into<String>) {
        self.0.extend(Some(text.into()).filter(|text| text.trim().chars().count() >= SHORTEST));
    }

    /// Notes the ids, the name and the settings of an integration.
    pub fn note_integration(&mut self, integration: &Value) {
        for id in ["id", "company_id"] {
            text_of_id(&integration[id]).into_iter().for_each(|id| self.note(id));
        }
        integration["name"].as_str().into_iter().for_each(|name| self.note(name.trim()));
        for (_, value) in fields(&integration["settings"]) {
            value.as_str().into_iter().for_each(|value| self.note(value));
        }
    }

    /// Hides these texts in a value, also where they are parts of others.
    fn hide(&self, value: &mut Value) {
        match value {
            Value::String(text) if self.0.iter().any(|private| text.contains(private)) => *text = REDACTED.into(),
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide(item)),
            Value::Object(fields) => fields.values_mut().for_each(|value| self.hide(value)),
            _ => {}
        }
    }
}

/// Refuses, before anything is sent, a path that cannot be written, or another file that the report would replace.
pub fn check(path: &Path) -> Result<(), Failure> {
    let is_report = |text: &[u8]| {
        let value: Value = serde_json::from_slice(text).unwrap_or_default();
        text.is_empty() || value["report"] == REPORT
    };
    // Only a file has contents to lose.
    let replaceable = match path.is_file().then(|| std::fs::read(path)).transpose() {
        Ok(Some(text)) if !is_report(&text) => Err(io::Error::other("it exists, and is no report")),
        read => read.map(drop),
    };
    replaceable.and_then(|()| paths::check_writable(path)).map_err(|why| {
        Failure::bad_input(format!("the report cannot be written to {}: {why}", path.display()))
            .hint("give --report the path of a new file, or of an older report; nothing was sent")
    })
}

/// Returns the report.
pub fn report(unknowns: &[Unknown], answers: &Answers, differences: Vec<Value>, private: &Private) -> Value {
    let answer = |unknown: &Unknown| {
        let found = answers.of(unknown);
        let verdict = Verdict::of(unknown, &found).code();
        let mut entry = json!({ "verdict": verdict, "assumed": unknown.assumed });
        match found {
            Found::OneOf(answers) => entry["found"] = json!(answers),
            Found::Other(text) => entry["other"] = json!(text),
            Found::Nothing(why) => entry["why"] = json!(why),
        }
        (unknown.id.clone(), entry)
    };
    let answers: Map<_, _> = unknowns.iter().filter(|it| it.ask.is_some()).map(answer).collect();
    let mut differences = Value::Array(differences);
    private.hide(&mut differences);
    json!({
        "report": REPORT, "version": env!("CARGO_PKG_VERSION"),
        "answers": answers, "differences": differences,
    })
}
