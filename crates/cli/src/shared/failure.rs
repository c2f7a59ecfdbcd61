//! Exit codes, and failures on stderr: what went wrong, the outcome of the request, and the next step. For a program that requests results
//! as JSON, a failure is a line of JSON.

use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use anstyle::{AnsiColor, Style};
use ocamba_fleet::{RowError, RowErrors};
use ocamba_hood::{Outcome, printable};
use serde_json::{Map, Value, json};

use crate::parts::table::BOLD;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const LABEL: Style = AnsiColor::Cyan.on_default().bold();
/// Maximum number of field errors, or of rows, that are shown to people.
pub const MAX_SHOWN: usize = 50;

/// Name of the result that a plan has changes, which is no failure.
const CHANGES: &str = "changes";

/// A failure, to be reported on stderr.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    outcome: Outcome,
    code: &'static str,
    message: String,
    errors: Box<FieldErrors>,
    /// Labels, and a text for each.
    notes: Vec<(&'static str, String)>,
    /// Values for programs only.
    facts: Vec<(&'static str, Value)>,
}

/// Errors of fields.
#[derive(Debug, Default)]
struct FieldErrors {
    /// For programs.
    values: Vec<Value>,
    /// For people, who see an error of many rows once.
    lines: Vec<String>,
}

impl Failure {
    /// Creates a failure with a message only.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        let (code, outcome, _) = exit.describe();
        let message = message.into();
        Self { exit, outcome, code, message, errors: Box::default(), notes: Vec::new(), facts: Vec::new() }
    }

    /// Creates a failure of the input or the arguments.
    pub fn bad_input(message: impl Into<String>) -> Self {
        Self::new(Exit::BadInput, message)
    }

    /// Creates a failure of the fields of an input, each with what is wrong.
    pub fn bad_fields<F: AsRef<str>, W: AsRef<str>>(source: &str, errors: &[(F, W)]) -> Self {
        let plural = if errors.len() == 1 { "" } else { "s" };
        let failure = Self::bad_input(format!("{} error{plural} in {source}", errors.len()));
        errors.iter().fold(failure, |failure, (field, what)| failure.field_error(field.as_ref(), what.as_ref()))
    }

    /// Creates a failure that has no exit code of its own.
    pub fn other(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }

    /// Creates the result of a command that succeeds with another exit code, and reports nothing.
    pub fn changes() -> Self {
        Self::new(Exit::BadInput, "").code(CHANGES)
    }

    /// Replaces the exit code alone.
    pub fn exits(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }

    /// Replaces the name for programs by a more exact one.
    pub fn code(self, code: &'static str) -> Self {
        Self { code, ..self }
    }

    /// Replaces the outcome that follows from the exit code by a more exact one.
    pub fn outcome(self, outcome: Outcome) -> Self {
        Self { outcome, ..self }
    }

    /// Adds the error of a field.
    fn field_error(mut self, field: &str, message: &str) -> Self {
        self.errors.values.push(json!({ "field": field, "message": message }));
        self.errors.lines.push(format!("{BOLD}{}{BOLD:#} {}", printable(field), printable(message)));
        self
    }

    /// Adds the errors of rows.
    pub fn row_errors(mut self, errors: &RowErrors) -> Self {
        self.errors.values.extend(errors.iter().map(|error| json!(error)));
        self.errors.lines.extend(errors.grouped().iter().map(|error| {
            let RowError { file, line, message, .. } = error;
            let (file, subject, message) = (printable(file), printable(&error.subject()), printable(message));
            format!("{BOLD}{file}:{line}:{BOLD:#} {subject}{message}")
        }));
        self
    }

    /// Adds a value for programs.
    pub fn fact(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.facts.push((name, value.into()));
        self
    }

    /// Adds a labelled line, if there is a text.
    pub fn note(mut self, label: &'static str, text: impl Into<Option<String>>) -> Self {
        self.notes.extend(text.into().map(|text| (label, text)));
        self
    }

    /// Adds the next step.
    pub fn hint(self, text: impl Into<String>) -> Self {
        self.note("hint", text.into())
    }

    /// Returns the message without the next step.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the message and the next step, in one line.
    pub fn advice(&self) -> String {
        let hint = self.notes.iter().find(|(label, _)| *label == "hint").map(|(_, hint)| format!("; {hint}"));
        format!("{}{}", self.message, hint.unwrap_or_default())
    }

    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// Reports it on stderr: as a line of JSON, or as text, in colours on a terminal.
    pub fn report(&self, as_json: bool) -> ExitCode {
        if self.code == CHANGES {
            return self.exit.into();
        }
        // Where stderr is closed, nobody can be informed.
        let _ = match as_json {
            true => writeln!(std::io::stderr(), "{}", self.to_json()),
            false => anstream::stderr().write_all(self.render().as_bytes()),
        };
        self.exit.into()
    }

    fn to_json(&self) -> Value {
        let Self { exit, outcome, code, message, errors, notes, facts } = self;
        let errors = &errors.values;
        // The outcome is one word, and its label in the notes a sentence.
        let key = |label: &str| if label == "outcome" { "outcome_in_words".into() } else { label.replace(' ', "_") };
        let key_of_errors =
            if errors.iter().any(|error| error["line"].is_u64()) { "row_errors" } else { "field_errors" };
        let mut error = json!({ "code": code, "exit": *exit as u8, "message": message, "outcome": outcome.as_str() });
        if let Value::Object(error) = &mut error {
            error.extend(notes.iter().map(|(label, text)| (key(label), json!(text))));
            error.insert(key_of_errors.to_owned(), errors.clone().into());
            error.extend(facts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect::<Map<_, _>>());
        }
        json!({ "error": error })
    }

    fn render(&self) -> String {
        let mut text = format!("{ERROR}error{ERROR:#}: ");
        match self.errors.lines.as_slice() {
            [only] => text += &format!("{only}\n"),
            errors => {
                text += &format!("{}\n", printable(&self.message));
                for error in errors.iter().take(MAX_SHOWN) {
                    text += &format!("  - {error}\n");
                }
                if errors.len() > MAX_SHOWN {
                    text += &format!("  - and {} more; --output json has all\n", errors.len() - MAX_SHOWN);
                }
            }
        }
        let width = self.notes.iter().map(|(label, _)| label.len() + 1).max().unwrap_or_default();
        for (label, what) in &self.notes {
            let padding = width - label.len();
            text += &format!("  {LABEL}{label}{LABEL:#}{:padding$} {}\n", ":", printable(what));
        }
        text
    }
}

/// Whether notes are for a program.
static NOTES_AS_JSON: AtomicBool = AtomicBool::new(false);

/// Sets the form of all notes: lines of JSON for a program, as its failures are.
pub fn report_notes(as_json: bool) {
    NOTES_AS_JSON.store(as_json, Ordering::Relaxed);
}

/// Writes a note that is not a failure to stderr.
pub fn note(text: &str) {
    say("note", text, NOTES_AS_JSON.load(Ordering::Relaxed));
}

/// Writes a warning of the core to stderr.
pub fn warn(text: &str, as_json: bool) {
    say("warning", text, as_json);
}

fn say(label: &str, text: &str, as_json: bool) {
    let _ = match as_json {
        true => writeln!(std::io::stderr(), "{}", json!({ label: text })),
        false => writeln!(anstream::stderr(), "{LABEL}{label}{LABEL:#}: {}", printable(text)),
    };
}

/// The result of a command: the exit codes, on which scripts may rely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    Done = 0,
    Failed = 1,
    /// Clap exits with the same code after wrong arguments.
    BadInput = 2,
    Rejected = 3,
    OutcomeUnknown = 4,
    NotSent = 5,
    Unreadable = 6,
    Duplicate = 7,
}

impl Exit {
    /// All results in the order of their codes.
    pub const ALL: [Self; 8] = {
        use Exit::*;
        [Done, Failed, BadInput, Rejected, OutcomeUnknown, NotSent, Unreadable, Duplicate]
    };

    /// Returns the name for programs, the outcome of the request (unknown where it is not certain), and the meaning.
    pub fn describe(self) -> (&'static str, Outcome, &'static str) {
        use Outcome::{Applied, NotSent, Rejected, Unknown};
        match self {
            Self::Done => ("done", Applied, "done"),
            Self::Failed => ("failed", Unknown, "other failure: the response was unreadable, or the result unwritable"),
            Self::BadInput => ("bad_input", NotSent, "wrong arguments, invalid input or no token; nothing was sent"),
            Self::Rejected => ("rejected", Rejected, "rejected: the server refused the request; nothing was changed"),
            Self::OutcomeUnknown => (
                "outcome_unknown",
                Unknown,
                "outcome unknown: the request may have taken effect; check before you retry",
            ),
            Self::NotSent => ("not_sent", NotSent, "not sent: no connection, or the timeout passed; safe to retry"),
            Self::Unreadable => ("unreadable", Applied, "applied, but the response cannot be read; do not retry"),
            Self::Duplicate => {
                ("duplicate", NotSent, "several integrations have the name and provider; nothing was changed")
            }
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
