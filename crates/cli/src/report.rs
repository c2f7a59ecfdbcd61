//! Failures, and how they are shown: what went wrong, what became of it, and what to do next. To programs, which ask for
//! results as JSON, a failure is a line of JSON too.

use std::io::Write;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use ocamba_hood::Outcome;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::exit::Exit;
use crate::output::Format;
use crate::table::printable;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const FIELD: Style = Style::new().bold();
const LABEL: Style = AnsiColor::Cyan.on_default().bold();
/// More mistakes than this are not shown to people.
const MAX_SHOWN: usize = 50;

/// A failure, to be shown on stderr.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    outcome: Outcome,
    code: &'static str,
    message: String,
    problems: Vec<Problem>,
    /// Labels, and what is to be known beside the message.
    notes: Vec<(&'static str, String)>,
    /// What only programs are told beside it.
    facts: Vec<(&'static str, Value)>,
}

/// A field, and what is wrong with it.
#[derive(Debug, Serialize)]
struct Problem {
    /// The file and its line, where there are several requests.
    #[serde(flatten)]
    place: Option<Place>,
    field: String,
    message: String,
}

#[derive(Debug, Serialize)]
struct Place {
    file: String,
    line: u32,
}

impl Failure {
    /// A failure with a message and nothing else yet.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        let (message, code) = (message.into(), exit.code());
        Self {
            exit,
            outcome: exit.outcome(),
            code,
            message,
            problems: Vec::new(),
            notes: Vec::new(),
            facts: Vec::new(),
        }
    }

    /// A name of its kind that is more exact than that of its exit.
    pub fn code(self, code: &'static str) -> Self {
        Self { code, ..self }
    }

    /// What became of the request, where more of it is known than the exit tells.
    pub fn outcome(self, outcome: Outcome) -> Self {
        Self { outcome, ..self }
    }

    /// Adds a field that is wrong.
    pub fn problem(mut self, field: &str, what: &str) -> Self {
        self.problems.push(Problem { place: None, field: field.to_owned(), message: what.to_owned() });
        self
    }

    /// Adds a field that is wrong, and where its request stands.
    pub fn problem_at(mut self, file: &str, line: u32, field: &str, what: &str) -> Self {
        let place = Some(Place { file: file.to_owned(), line });
        self.problems.push(Problem { place, field: field.to_owned(), message: what.to_owned() });
        self
    }

    /// Adds what only programs are told.
    pub fn fact(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.facts.push((name, value.into()));
        self
    }

    /// Adds a line of its own, if there is something to say.
    pub fn note(mut self, label: &'static str, text: impl Into<Option<String>>) -> Self {
        self.notes.extend(text.into().map(|text| (label, text)));
        self
    }

    /// Adds what to do next.
    pub fn hint(self, text: impl Into<String>) -> Self {
        self.note("hint", text.into())
    }

    /// Shows it on stderr: as a line of JSON to a program that asked for results as such, or else in colours if that is a
    /// terminal.
    pub fn report(&self, asked_for: Option<Format>) -> ExitCode {
        // Where stderr is closed there is nobody left to tell.
        let _ = match asked_for {
            Some(Format::Json | Format::Jsonl) => writeln!(std::io::stderr(), "{}", self.to_json()),
            _ => anstream::stderr().write_all(self.render().as_bytes()),
        };
        self.exit.into()
    }

    fn to_json(&self) -> Value {
        let Self { exit, outcome, code, message, problems, notes, facts } = self;
        let mut error = Map::new();
        error.insert("code".to_owned(), json!(code));
        error.insert("exit".to_owned(), json!(*exit as u8));
        error.insert("message".to_owned(), json!(message));
        error.insert("outcome".to_owned(), json!(outcome.as_str()));
        error.extend(notes.iter().map(|(label, what)| (key(label), json!(what))));
        let key = if problems.iter().any(|problem| problem.place.is_some()) { "row_errors" } else { "field_errors" };
        error.insert(key.to_owned(), json!(problems));
        error.extend(facts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        json!({ "error": error })
    }

    fn render(&self) -> String {
        let mut text = format!("{ERROR}error{ERROR:#}: ");
        match self.problems.as_slice() {
            [only] => text += &format!("{}\n", only.render()),
            problems => {
                text += &format!("{}\n", printable(&self.message));
                for problem in problems.iter().take(MAX_SHOWN) {
                    text += &format!("  - {}\n", problem.render());
                }
                if problems.len() > MAX_SHOWN {
                    text += &format!("  - and {} more, which --output json tells\n", problems.len() - MAX_SHOWN);
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

/// Tells something that is no failure, on stderr.
pub fn note(text: &str) {
    let _ = writeln!(anstream::stderr(), "{LABEL}note{LABEL:#}: {}", printable(text));
}

/// A label as a name in JSON, where the outcome is one word of a few.
fn key(label: &str) -> String {
    if label == "outcome" { "outcome_in_words".to_owned() } else { label.replace(' ', "_") }
}

impl Problem {
    fn render(&self) -> String {
        let Self { place, field, message } = self;
        match place {
            Some(Place { file, line }) => {
                let place = format!("{FIELD}{}:{line}:{FIELD:#}", printable(file));
                let space = if field.is_empty() { "" } else { " " };
                format!("{place} {}{space}{}", printable(field), printable(message))
            }
            None => format!("{FIELD}{}{FIELD:#} {}", printable(field), printable(message)),
        }
    }
}
