//! Failures, and how they are shown: what went wrong, what became of it, and what to do next.

use std::io::Write;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};

use crate::exit::Exit;
use crate::table::printable;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const FIELD: Style = Style::new().bold();
const LABEL: Style = AnsiColor::Cyan.on_default().bold();

/// A failure, to be shown on stderr.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    message: String,
    /// Fields, and what is wrong with each.
    problems: Vec<(String, String)>,
    /// Labels, and what is to be known beside the message.
    notes: Vec<(&'static str, String)>,
}

impl Failure {
    /// A failure with a message and nothing else yet.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), problems: Vec::new(), notes: Vec::new() }
    }

    /// Adds a field that is wrong.
    pub fn problem(mut self, field: &str, what: &str) -> Self {
        self.problems.push((field.to_owned(), what.to_owned()));
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

    /// Shows it on stderr, in colours if that is a terminal.
    pub fn report(&self) -> ExitCode {
        // Where stderr is closed there is nobody left to tell.
        let _ = anstream::stderr().write_all(self.render().as_bytes());
        self.exit.into()
    }

    fn render(&self) -> String {
        let mut text = format!("{ERROR}error{ERROR:#}: ");
        match self.problems.as_slice() {
            [(field, what)] => text += &format!("{}\n", problem(field, what)),
            problems => {
                text += &format!("{}\n", printable(&self.message));
                for (field, what) in problems {
                    text += &format!("  - {}\n", problem(field, what));
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

fn problem(field: &str, what: &str) -> String {
    format!("{FIELD}{}{FIELD:#} {}", printable(field), printable(what))
}
